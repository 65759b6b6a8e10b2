import msgspec
from hypothesis import given
from hypothesis import strategies as st

from nineam.load.collector import BATCH, MOST_NAMES, Collector
from nineam.load.outgoing import Builder
from nineam.load.response import Response
from nineam.load.target import parse_target
from nineam.merging import merge
from nineam.model import LoadStats

BUILD = Builder(parse_target("http://127.0.0.1:1")).build
OUTGOING = {path: BUILD("GET", path) for path in ("/a", "/b")}


def response(path="/a", status=200, sent_us=0, end_us=1000, intended_us=0, error=""):
    made = Response(OUTGOING[path], intended_us * 1000, sent_us * 1000 or 1, 0, print)
    made.status, made.error, made.sent_ns, made.first_ns = status, error, sent_us * 1000 or 1, end_us * 1000
    made.end_ns = end_us * 1000
    return made


def count(collector, event):
    kind, value = event
    if kind == "request":
        collector.record(response(**value))
    elif kind == "check":
        collector.check(*value)
    elif kind == "problem":
        collector.problem(*value)
    else:
        collector.trend("cart", value)


REQUEST = st.fixed_dictionaries(
    {
        "path": st.sampled_from(["/a", "/b"]),
        "status": st.sampled_from([200, 302, 404, 500]),
        "end_us": st.integers(1, 10**7),
    }
)
EVENT = st.one_of(
    st.tuples(st.just("request"), REQUEST),
    st.tuples(st.just("check"), st.tuples(st.sampled_from("xy"), st.booleans())),
    st.tuples(st.just("problem"), st.tuples(st.sampled_from("mn"), st.just("f.py:1"))),
    st.tuples(st.just("trend"), st.integers(0, 1000)),
)


@given(st.lists(st.tuples(st.integers(0, 2), EVENT), max_size=80))
def test_three_shards_merged_equal_one_that_counted_everything(events):
    whole, shards = Collector(), [Collector() for _ in range(3)]
    for shard, event in events:
        count(whole, event)
        count(shards[shard], event)
    merged = LoadStats()
    for shard in shards:
        merged = merge(merged, shard.take())
    assert canonical(merged) == canonical(whole.take())


def canonical(stats):
    data = msgspec.to_builtins(stats)
    for key in ("endpoints", "checks", "problems"):
        data[key] = sorted(data[key], key=repr)
    return data


@given(st.lists(EVENT, max_size=60), st.integers(0, 60))
def test_ticks_add_up_to_the_phase(events, cut):
    whole, ticking = Collector(), Collector()
    merged = LoadStats()
    for index, event in enumerate(events):
        count(whole, event)
        count(ticking, event)
        if index == cut:
            merged = merge(merged, ticking.take())
    assert canonical(merge(merged, ticking.take())) == canonical(whole.take())


def test_more_requests_than_a_batch_are_all_counted():
    collector = Collector()
    for _ in range(3 * BATCH + 7):
        collector.record(response())
    stats = collector.take()
    assert stats.endpoints[0].requests == stats.generator.requests == 3 * BATCH + 7
    assert stats.timings["http_req_waiting"].count == 3 * BATCH + 7


def test_response_counts_from_the_intended_start_and_service_from_the_send():
    collector = Collector()
    collector.record(response(intended_us=1000, sent_us=5000, end_us=6000))
    endpoint = collector.take().endpoints[0]
    assert (endpoint.response.max, endpoint.service.max) == (5000, 1000)


def test_errors_stay_in_the_distribution_and_are_counted_by_kind():
    collector = Collector()
    collector.record(response(status=0, error="timeout", end_us=30_000_000))
    collector.record(response(status=500))
    collector.record(response())
    endpoint = collector.take().endpoints[0]
    assert (endpoint.requests, endpoint.failed, endpoint.errors) == (3, 2, {"timeout": 1})
    assert endpoint.statuses == {"200": 1, "500": 1}
    assert endpoint.response.max == 30_000_000


def test_the_health_probe_is_no_endpoint():
    collector = Collector()
    collector.record_health(response())
    stats = collector.take()
    assert (stats.endpoints, stats.health.requests, stats.generator.requests) == ((), 1, 0)


def test_a_second_take_is_empty():
    collector = Collector()
    collector.record(response())
    collector.check("a", True)
    collector.started(5)
    collector.finished(5)
    collector.take()
    assert collector.take() == LoadStats(health=None)


def test_problems_without_end_are_counted_together():
    collector = Collector()
    for index in range(10_000):
        collector.problem(f"problem {index}", "monday.py:1")
    problems = collector.take().problems
    assert len(problems) <= 51
    assert sum(problem.count for problem in problems) == 10_000


def made_up(path):
    made = response()
    made.outgoing = BUILD("GET", path)
    return made


def test_endpoints_and_checks_without_end_are_counted_together_and_said_once():
    collector = Collector()
    for index in range(MOST_NAMES + 50):
        collector.record(made_up(f"/shoe-{index}"))
        collector.check(f"order-{index}", ok=True)
    stats = collector.take()
    assert len(stats.endpoints) == len(stats.checks) == MOST_NAMES + 1
    assert {each.name: each.requests for each in stats.endpoints}["other"] == 50
    assert {each.name: each.passes for each in stats.checks}["other"] == 50
    assert sum(each.requests for each in stats.endpoints) == stats.generator.requests
    collector.record(made_up("/new"))
    collector.record(made_up("/shoe-1"))
    again = collector.take()
    assert [(each.name, each.requests) for each in again.endpoints] == [("other", 1), ("GET /shoe-1", 1)]
    said = [problem.message for problem in (*stats.problems, *again.problems)]
    assert [text.partition(":")[0] for text in said] == [
        f"more than {MOST_NAMES} endpoints",
        f"more than {MOST_NAMES} checks",
    ]


def test_beyond_the_limit_clients_of_a_kind_still_count_apart():
    collector = Collector()
    for index in range(MOST_NAMES):
        collector.record(made_up(f"/shoe-{index}"))
    collector.take()
    for name in ("GET /new [slow]", "hostile: new", "GET /new"):
        collector.record_apart(response(), name)
    assert [each.name for each in collector.take().endpoints] == ["other [slow]", "hostile: other", "other"]
