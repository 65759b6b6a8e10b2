"""What the agent says is what was: exclusive layers that add up, the right lines, and waiting called waiting."""

import kit
import pytest

for library in ("fastapi", "sqlalchemy"):
    pytest.importorskip(library, reason=f"{library} is what is measured here")

SOURCE = (kit.CHILDREN / "truth.py").read_text().splitlines()
OUR_LAYERS = {"middleware:Pure": 6, "middleware:Wrapping": 6}


class Seen:
    """What the child saw from outside, and what its agent said."""

    def __init__(self, outside, controller):
        self.outside = outside
        self.controller = controller
        self.requests = controller.requests

    def last(self, endpoint):
        return [request for request in self.requests if request.endpoint == endpoint][-1]


@pytest.fixture(scope="module")
def seen():
    with kit.FakeController() as controller:
        outside = kit.answer_of([str(kit.CHILDREN / "truth.py")], kit.environment(controller.path))
        controller.settle()
        return Seen(outside, controller)


def near(measured, true):
    """Within 1 ms or a quarter, whichever is larger."""
    return abs(measured - true) <= max(1.0, 0.25 * true)


def line_of(marker):
    (number,) = [number for number, line in enumerate(SOURCE, 1) if marker in line]
    return number


def test_every_request_is_seen_under_its_route(seen):
    endpoints = {request.endpoint for request in seen.requests}
    paths = "waits sync rows spawns fails blocks late ready sleeps pooled".split()
    assert endpoints == {f"GET /{path}" for path in paths}


def test_the_layers_of_every_request_add_up_to_its_total_exactly(seen):
    for request in seen.requests:
        assert kit.sum_of_layers(request) == request.total_ns, request.endpoint


def test_no_layer_of_any_request_is_negative_or_larger_than_the_whole(seen):
    for request in seen.requests:
        assert all(0 <= ns <= request.total_ns for ns in request.layers.values())


@pytest.mark.parametrize("path", ["/waits", "/sync", "/rows", "/spawns"])
def test_the_total_is_what_a_server_would_have_measured(seen, path):
    outside = seen.outside["layers"][path]["ms"]
    assert outside - 1.0 <= seen.last(f"GET {path}").total_ns / 1e6 <= outside


@pytest.mark.parametrize("path", ["/waits", "/sync", "/rows"])
def test_a_middleware_owns_what_it_spends_before_and_after(seen, path):
    request = seen.last(f"GET {path}")
    sleeps = seen.outside["layers"][path]["truth"]
    wrapping, pure = sleeps[0] + sleeps[-1], sleeps[1] + sleeps[-2]
    assert near(kit.milliseconds(request, "middleware:Wrapping"), wrapping)
    assert near(kit.milliseconds(request, "middleware:Pure"), pure)


def test_an_asynchronous_view_owns_what_it_waits_for(seen):
    slept = seen.outside["layers"]["/waits"]["truth"][2]
    assert near(kit.milliseconds(seen.last("GET /waits"), "view"), slept)


def test_a_synchronous_view_owns_its_thread_s_time(seen):
    slept = seen.outside["layers"]["/sync"]["truth"][2]
    assert near(kit.milliseconds(seen.last("GET /sync"), "view"), slept)


@pytest.mark.parametrize("path", ["/waits", "/sync", "/rows"])
def test_next_to_nothing_is_unattributed(seen, path):
    request = seen.last(f"GET {path}")
    assert kit.milliseconds(request, "unattributed") < 0.05 * request.total_ns / 1e6


def test_an_n_plus_one_is_one_group_with_its_count_relation_and_line(seen):
    request = seen.last("GET /rows")
    (lazy,) = [query for query in request.queries if query.relation]
    line = line_of("# the line of the N+1")
    assert (lazy.count, lazy.distinct, lazy.relation) == (12, 12, "Parent.children")
    assert lazy.site.startswith(f"truth.py:{line}:rows")
    assert "FROM child" in lazy.statement
    assert sum(query.count for query in request.queries) == 13


def test_the_time_of_the_queries_is_the_time_of_the_database_layer(seen):
    request = seen.last("GET /rows")
    assert sum(query.ns for query in request.queries) == pytest.approx(request.layers["db_execute"], rel=0.1)


def test_rows_are_fetched_built_and_asked_for_in_layers_of_their_own(seen):
    assert {"db_execute", "db_fetch", "hydration", "orm"} <= seen.last("GET /rows").layers.keys()


def test_a_request_that_fails_is_kept_with_its_status(seen):
    request = seen.last("GET /fails")
    assert request.status == 500
    assert kit.milliseconds(request, "view") >= 1.0


def test_the_view_and_the_middlewares_say_where_they_are_written(seen):
    sources = {(kind, name): site for kind, name, site in seen.controller.events(kit.wire.SOURCE)}
    assert sources["endpoint", "GET /rows"].startswith("truth.py:")
    assert sources["endpoint", "GET /rows"].endswith(":rows")
    assert "Pure.__call__" in sources["layer", "middleware:Pure"]
    assert "Wrapping" in sources["layer", "middleware:Wrapping"]


def test_who_holds_the_loop_owns_that_time(seen):
    held = seen.outside["loop"]["truth"][0]
    request = seen.last("GET /blocks")
    assert near(kit.milliseconds(request, "view"), held)
    assert near(request.longest_ns / 1e6, held)


def test_a_request_that_arrives_while_the_loop_is_held_waits_for_the_server(seen):
    held = seen.outside["loop"]["truth"][0]
    request = seen.last("GET /late")
    assert near(request.wait_ns / 1e6, held)
    assert request.total_ns / 1e6 < 10


def test_a_request_that_was_ready_while_the_loop_was_held_shows_loop_lag(seen):
    held = seen.outside["loop"]["truth"][0]
    request = seen.last("GET /ready")
    assert near(kit.milliseconds(request, "loop_lag"), held)
    assert kit.milliseconds(request, "view") < 5


def test_a_request_that_became_ready_while_the_loop_was_held_shows_loop_lag(seen):
    """When exactly it became ready nobody saw: half of the stretch is the honest estimate."""
    held = seen.outside["loop"]["truth"][0]
    request = seen.last("GET /sleeps")
    assert kit.milliseconds(request, "loop_lag") >= 0.4 * held
    assert kit.milliseconds(request, "view") <= 0.6 * held + 5
    assert kit.milliseconds(request, "db_execute", "pool_wait") == 0


def test_who_holds_the_loop_is_caught_in_the_act_at_its_line(seen):
    looks = [look for look in seen.controller.events(kit.wire.BLOCKED) if look["endpoint"] == "GET /blocks"]
    assert looks
    line = line_of("async def blocks") + 2
    assert all(look["site"] == f"truth.py:{line}:blocks" and look["ms"] >= 20 for look in looks)
    assert all(look["line"] == "busy(50)" for look in looks)


def test_ten_requests_in_front_of_a_pool_of_one_wait_in_line(seen):
    waits = sorted(kit.milliseconds(request, "pool_wait") for request in seen.requests[-10:])
    assert {request.endpoint for request in seen.requests[-10:]} == {"GET /pooled"}
    held = sum(seen.outside["pool"]["truth"]) / 10
    assert near(waits[-1], 9 * held)
    assert near(sum(waits), 45 * held)


def test_waiting_for_the_pool_is_not_the_view_s_time(seen):
    for request in seen.requests[-10:]:
        assert kit.milliseconds(request, "view") <= 10 * 1.25 + 2


def test_waiting_for_the_pool_is_charged_to_the_line_that_waits(seen):
    line = line_of("with small.connect()")
    spots = [spot for request in seen.requests[-10:] for spot in request.spots if spot.layer == "pool_wait"]
    assert spots
    assert {spot.site for spot in spots} == {f"truth.py:{line}:of_the_pool"}
