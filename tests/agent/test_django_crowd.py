"""Many requests of Django's at once under ASGI: what carries them between threads and loops is no lock of theirs."""

import json

import kit
import pytest

pytest.importorskip("django", reason="Django is what is measured here")

CROWD = 20
MIDDLEWARES = ["Classic,plain,Modern", "both"]  # synchronous ones: each request crosses several times


@pytest.fixture(scope="module", params=MIDDLEWARES)
def seen(request, tmp_path_factory):
    name = str(tmp_path_factory.mktemp("crowd") / "shop.db")
    database = json.dumps({"ENGINE": "django.db.backends.sqlite3", "NAME": name})
    with kit.FakeController() as controller:
        environment = kit.environment(controller.path, SHOP_DATABASE=database, SHOP_MIDDLEWARE=request.param)
        answers = kit.answer_of(["-W", "ignore", str(kit.CHILDREN / "django_crowd.py")], environment)
        controller.settle()
    return answers, controller.requests


def of(requests, path):
    return [request for request in requests if request.endpoint == f"GET {path}"][-CROWD:]


def test_the_layers_of_every_request_add_up_to_its_total_exactly(seen):
    for request in seen[1]:
        assert kit.sum_of_layers(request) == request.total_ns, request.endpoint
        assert all(0 <= nanoseconds <= request.total_ns for nanoseconds in request.layers.values())


@pytest.mark.parametrize("path", ["/view", "/waits", "/awaited"])
def test_no_request_waits_for_a_lock_where_there_is_none(seen, path):
    assert len(of(seen[1], path)) == CROWD
    assert not [request for request in of(seen[1], path) if "lock_wait" in request.layers]


def test_a_view_that_waits_for_another_thread_does(seen):
    answers, requests = seen
    true = sum(answer["ms"] for answer in answers["/thread"])
    waited = sum(kit.milliseconds(request, "lock_wait") for request in of(requests, "/thread"))
    assert waited == pytest.approx(true, rel=0.1)
    assert true > 0.018 * 1000 * CROWD
