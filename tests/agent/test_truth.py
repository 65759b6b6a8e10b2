"""What the agent says is what was: exclusive layers that add up, the right lines, and waiting called waiting."""

import statistics

import kit
import pytest

for library in ("fastapi", "sqlalchemy"):
    pytest.importorskip(library, reason=f"{library} is what is measured here")

SOURCE = (kit.CHILDREN / "truth.py").read_text().splitlines()
ROUNDS = 5


class Seen:
    """What the child saw from outside, and what its agent said."""

    def __init__(self, outside, controller):
        self.outside = outside
        self.controller = controller
        self.requests = controller.requests

    def rounds(self, endpoint):
        """The measured requests of an endpoint, in order, without the first one."""
        return [request for request in self.requests if request.endpoint == endpoint][-ROUNDS:]

    def last(self, endpoint):
        return self.rounds(endpoint)[-1]

    def of_layer(self, endpoint, *layers):
        """Milliseconds in some layers, per round."""
        return [kit.milliseconds(request, *layers) for request in self.rounds(endpoint)]

    def sleeps(self, path):
        """What each sleep of a request really took, per round."""
        return [outside["truth"] for outside in self.outside["layers"][path]]


@pytest.fixture(scope="module")
def seen():
    with kit.FakeController() as controller:
        outside = kit.answer_of([str(kit.CHILDREN / "truth.py")], kit.environment(controller.path))
        controller.settle()
        return Seen(outside, controller)


def near(measured, true):
    """Within 1 ms or a quarter, whichever is larger, in the rounds that other programs disturbed least.

    An error of the agent's own is in every round.
    """
    off = sorted(abs(one - other) for one, other in zip(measured, true, strict=True))
    return off[len(off) // 4] <= max(1.0, 0.25 * statistics.median(true))


def line_of(marker):
    (number,) = [number for number, line in enumerate(SOURCE, 1) if marker in line]
    return number


def test_every_request_is_seen_under_its_route(seen):
    endpoints = {request.endpoint for request in seen.requests}
    paths = ["waits", "sync", "rows", "spawns", "fails", "blocks", "late", "ready", "sleeps", "pooled"]
    assert endpoints == {f"GET /{path}" for path in paths}


def test_the_layers_of_every_request_add_up_to_its_total_exactly(seen):
    for request in seen.requests:
        assert kit.sum_of_layers(request) == request.total_ns, request.endpoint


def test_no_layer_of_any_request_is_negative_or_larger_than_the_whole(seen):
    for request in seen.requests:
        assert all(0 <= ns <= request.total_ns for ns in request.layers.values())


@pytest.mark.parametrize("path", ["/waits", "/sync", "/rows", "/spawns"])
def test_the_total_is_what_a_server_would_have_measured(seen, path):
    outside = [outside["ms"] for outside in seen.outside["layers"][path]]
    totals = [request.total_ns / 1e6 for request in seen.rounds(f"GET {path}")]
    assert abs(statistics.median(true - total for total, true in zip(totals, outside, strict=True))) < 0.5


@pytest.mark.parametrize("path", ["/waits", "/sync", "/rows"])
def test_a_middleware_owns_what_it_spends_before_and_after(seen, path):
    spent = [sleeps[0] + sleeps[-2] for sleeps in seen.sleeps(path)]
    assert near(seen.of_layer(f"GET {path}", "middleware:Wrapping"), spent)


@pytest.mark.parametrize("path", ["/waits", "/sync", "/rows"])
def test_what_a_middleware_does_once_the_client_has_its_answer_nobody_waits_for(seen, path):
    spent = [sleeps[1] for sleeps in seen.sleeps(path)]
    assert near(seen.of_layer(f"GET {path}", "middleware:Pure"), spent)


@pytest.mark.parametrize("path", ["/waits", "/sync"], ids=["asynchronous", "synchronous"])
def test_a_view_owns_what_it_waits_for(seen, path):
    assert near(seen.of_layer(f"GET {path}", "view"), [sleeps[2] for sleeps in seen.sleeps(path)])


@pytest.mark.parametrize("path", ["/waits", "/sync", "/rows"])
def test_next_to_nothing_is_unattributed(seen, path):
    shares = [
        request.layers.get("unattributed", 0) / request.total_ns for request in seen.rounds(f"GET {path}")
    ]  # fmt: skip
    assert statistics.median(shares) < 0.05


def test_an_n_plus_one_is_one_group_with_its_count_relation_and_line(seen):
    request = seen.last("GET /rows")
    (lazy,) = [query for query in request.queries if query.relation]
    line = line_of("# the line of the N+1")
    assert (lazy.count, lazy.distinct, lazy.relation) == (12, 12, "Parent.children")
    assert lazy.site.startswith(f"truth.py:{line}:rows")
    assert "FROM child" in lazy.statement
    assert sum(query.count for query in request.queries) == 13


def test_the_time_of_the_queries_is_the_time_of_the_database_layer(seen):
    rounds = seen.rounds("GET /rows")
    queries = [sum(query.ns for query in request.queries) for request in rounds]
    layers = [request.layers["db_execute"] for request in rounds]
    assert all(query <= layer for query, layer in zip(queries, layers, strict=True))
    own = [(layer - query) / 13 for query, layer in zip(queries, layers, strict=True)]
    assert min(own) < 2_000, "nanoseconds a query that the layer has and the query has not"


def test_rows_are_fetched_built_and_asked_for_in_layers_of_their_own(seen):
    assert {"db_execute", "db_fetch", "hydration", "orm"} <= seen.last("GET /rows").layers.keys()


def test_a_request_that_fails_raises_as_ever_and_is_kept_with_its_status(seen):
    assert seen.outside["layers"]["/fails"] == "on purpose"
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
    held = seen.outside["loop"]
    assert near(seen.of_layer("GET /blocks", "view"), held)
    assert near([request.longest_ns / 1e6 for request in seen.rounds("GET /blocks")], held)


def test_a_request_that_arrives_while_the_loop_is_held_waits_for_the_server(seen):
    late = seen.rounds("GET /late")
    assert near([request.wait_ns / 1e6 for request in late], seen.outside["loop"])
    assert statistics.median(request.total_ns / 1e6 for request in late) < 10


def test_a_request_that_was_ready_while_the_loop_was_held_shows_loop_lag(seen):
    assert near(seen.of_layer("GET /ready", "loop_lag"), seen.outside["loop"])
    assert statistics.median(seen.of_layer("GET /ready", "view")) < 5


def test_a_request_that_became_ready_while_the_loop_was_held_shows_loop_lag(seen):
    """When exactly it became ready nobody saw: half of the stretch is the honest estimate."""
    held = statistics.median(seen.outside["loop"])
    assert statistics.median(seen.of_layer("GET /sleeps", "loop_lag")) >= 0.4 * held
    assert statistics.median(seen.of_layer("GET /sleeps", "view")) <= 0.6 * held + 5
    assert max(seen.of_layer("GET /sleeps", "db_execute", "pool_wait")) == 0


def test_who_holds_the_loop_is_caught_in_the_act_at_its_line(seen):
    looks = [look for look in seen.controller.events(kit.wire.BLOCKED) if look["endpoint"] == "GET /blocks"]
    assert looks
    line = line_of("async def blocks") + 1
    assert all(look["site"] == f"truth.py:{line}:blocks" and look["ms"] >= 20 for look in looks)
    assert all(look["line"] == "busy(50)" for look in looks)


def test_ten_requests_in_front_of_a_pool_of_one_wait_in_line(seen):
    pooled = seen.requests[-10:]
    assert {request.endpoint for request in pooled} == {"GET /pooled"}
    waits = sorted(kit.milliseconds(request, "pool_wait") for request in pooled)
    held = seen.outside["pool"]
    # each waits for all that are in front of it
    assert near(waits, [sum(held[:place]) for place in range(10)])


def test_waiting_for_the_pool_is_not_the_view_s_time(seen):
    views = [kit.milliseconds(request, "view") for request in seen.requests[-10:]]
    assert near(sorted(views), sorted(seen.outside["pool"]))


def test_waiting_for_the_pool_is_charged_to_the_line_that_waits(seen):
    line = line_of("with small.connect()")
    spots = [spot for request in seen.requests[-10:] for spot in request.spots if spot.layer == "pool_wait"]
    assert spots
    assert {spot.site for spot in spots} == {f"truth.py:{line}:of_the_pool"}
