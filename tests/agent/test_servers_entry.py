"""Applications without a framework, and frameworks inside of something, have one record per request on every server."""

import importlib.util
import threading
import time

import kit
import pytest
import serving

for library in ("starlette", "flask"):
    pytest.importorskip(library, reason=f"{library} is what is served here")

LIBRARIES = {"waitress": "waitress", "granian": "granian", "hypercorn": "hypercorn", "gunicorn": "gunicorn"}


def present(name):
    command = (serving.ASGI | serving.WSGI)[name]
    wanted = [command[0]] + ["uvicorn_worker"] * any("uvicorn_worker" in part for part in command)
    return all(part.endswith(".py") or importlib.util.find_spec(part) for part in wanted)


class Seen:
    def __init__(self, name):
        self.name = name
        self.wsgi = name in serving.WSGI
        with kit.FakeController() as controller:
            with serving.server(name, controller) as port:
                serving.ask(port, "/warm/1")
                self.plain = serving.ask(port, "/plain/7?secret=1")
                self.framework = serving.ask(port, "/framework/x")
                self.nowhere = serving.ask(port, "/framework/not/there")
                self.streamed = serving.ask(port, "/streamed") if self.wsgi else None
                together(port)
                time.sleep(0.3)
            controller.settle()
        self.controller = controller


def together(port):
    """Six requests at the same time."""
    threads = [threading.Thread(target=serving.ask, args=(port, "/together")) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture(scope="module", params=[*serving.ASGI, *serving.WSGI])
def seen(request):
    if not present(request.param):
        pytest.skip(f"{request.param} is not installed")
    return Seen(request.param)


def test_clients_get_what_they_get_without_the_agent(seen):
    assert seen.plain == (201, "plain")
    assert seen.framework == (200, "inside")
    assert seen.nowhere[0] == 404
    assert seen.streamed in (None, (201, "plain"))


def test_every_request_has_one_record_under_the_best_name_there_is(seen):
    expected = ["GET /warm/{id}", "GET /plain/{id}", "GET (no route)", *["GET /together"] * 6]
    expected += ["GET /framework/<name>", "GET /streamed"] if seen.wsgi else ["GET /framework/{name}"]
    assert sorted(request.endpoint for request in seen.controller.requests) == sorted(expected)


def test_an_application_without_a_framework_is_all_view(seen):
    request = seen.controller.request("GET /plain/{id}")
    assert request.status == 201
    assert kit.milliseconds(request, "view") > 15
    assert kit.milliseconds(request, "view", "loop_lag") > 0.8 * request.total_ns / 1e6


def test_what_is_around_a_framework_is_a_middleware_by_its_name(seen):
    request = seen.controller.request("GET /framework/" + ("<name>" if seen.wsgi else "{name}"))
    assert 18 < kit.milliseconds(request, "middleware:Outer") < 80
    assert 28 < kit.milliseconds(request, "view") < 90
    assert request.status == 200


def test_a_body_that_is_made_while_it_is_sent_is_inside(seen):
    if seen.wsgi:
        request = seen.controller.request("GET /streamed")
        assert kit.milliseconds(request, "view") > 45
        assert request.status == 201


def test_the_layers_add_up(seen):
    for request in seen.controller.requests:
        assert kit.sum_of_layers(request) == request.total_ns
        assert request.layers.get("unattributed", 0) == 0


def test_what_is_before_the_first_line_is_the_wait_for_the_server(seen):
    waits = sorted(request.wait_ns / 1e6 for request in seen.controller.requests if request.endpoint == "GET /together")
    assert all(wait > 0 for wait in waits)
    if seen.name in serving.ONE_AT_A_TIME:
        assert waits[-1] > 30
    assert seen.controller.request("GET /plain/{id}").wait_ns / 1e6 < 60


def test_no_hook_failed(seen):
    assert {value["state"] for value in seen.controller.events(kit.wire.HOOK)} <= {"active"}
