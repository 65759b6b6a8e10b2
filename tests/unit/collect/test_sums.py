"""What is added up equals what one would add up by hand."""

from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nineam.agent import wire
from nineam.collect.feed import Query, SeenRequest, Spot
from nineam.collect.sums import SAMPLE, Collector
from nineam.store.reader import read, samples
from nineam.store.writer import Writer

PHASES = ((1_000_000_000, "localhost"), (4_000_000_000, "monday"), (7_000_000_000, "after"))
NAME = st.sampled_from(["a", "b", "c"])
NS = st.integers(0, 10**10)

queries = st.builds(
    Query, statement=NAME, site=NAME, relation=st.sampled_from(["", "r"]), count=st.integers(1, 50),
    distinct=st.integers(1, 50), ns=NS, rows=st.integers(0, 10**6), fetch_ns=NS,
)  # fmt: skip
spots = st.builds(Spot, layer=NAME, site=NAME, calls=st.integers(1, 9), ns=NS)
requests = st.builds(
    SeenRequest, at_ns=st.integers(0, 10**10), total_ns=NS, wait_ns=st.integers(0, 10**9), steps_ns=NS, longest_ns=NS,
    endpoint=NAME, status=st.just(200), layers=st.dictionaries(NAME, NS, max_size=3),
    queries=st.lists(queries, max_size=3).map(tuple), spots=st.lists(spots, max_size=3).map(tuple),
)  # fmt: skip


def collected(seen, flush_after=()):
    """Run requests through a collector into a file and read it back."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "run.db"
        writer = Writer(path)
        collector = Collector(writer, 1)
        for begin, kind in PHASES:
            collector.begin_phase(writer.begin_phase(kind, 0, 0.0, 1, begin), begin)
        for number, request in enumerate(seen):
            collector(1, wire.REQUESTS, request)
            if number in flush_after:
                collector.flush()
        collector.finish()
        writer.close()
        return read(path), samples(path), collector.records


def place_of(request):
    """Phase number (from 1) and second of a request, or None when it was sent before the first phase."""
    sent = request.at_ns - request.wait_ns
    phases = [number for number, (begin, _) in enumerate(PHASES, 1) if sent >= begin]
    return (phases[-1], (sent - PHASES[phases[-1] - 1][0]) // 10**9) if phases else None


@settings(max_examples=40, deadline=None)
@given(st.lists(requests, max_size=12), st.sets(st.integers(0, 11)))
def test_sums_are_exactly_those_of_a_naive_recomputation(seen, flush_after):
    run, _, records = collected(seen, flush_after)
    totals: dict = defaultdict(lambda: [0, 0, 0])
    layers: dict = defaultdict(int)
    statements: dict = defaultdict(lambda: [0] * 7)
    places: dict = defaultdict(lambda: [0, 0, 0])
    counted = 0
    for request in seen:
        place = place_of(request)
        if place is None:
            continue
        counted += 1
        total = totals[(*place, request.endpoint)]
        total[0] += 1
        total[1] += request.total_ns + request.wait_ns
        total[2] += sum(query.count for query in request.queries)
        for layer, ns in request.layers.items():
            layers[(*place, request.endpoint, layer)] += ns
        if request.wait_ns:
            layers[(*place, request.endpoint, "server_wait")] += request.wait_ns
        for query in request.queries:
            row = statements[place[0], request.endpoint, query.statement, query.site, query.relation]
            counts = (1, query.count, query.distinct, query.ns, query.rows, query.fetch_ns)
            for index, value in enumerate(counts):
                row[index] += value
            row[6] = max(row[6], query.count)
        for spot in request.spots:
            row = places[place[0], request.endpoint, spot.layer, spot.site]
            for index, value in enumerate((1, spot.calls, spot.ns)):
                row[index] += value
    assert records == counted
    assert {(r.phase, r.second, r.endpoint): [r.requests, r.total_ns, r.queries] for r in run.requests} == totals
    assert {(r.phase, r.second, r.endpoint, r.layer): r.ns for r in run.layers} == layers
    assert {
        (r.phase, r.endpoint, r.statement, r.site, r.relation): [
            r.requests, r.executions, r.distinct_parameters, r.ns, r.rows, r.fetch_ns, r.most
        ]
        for r in run.queries
    } == statements  # fmt: skip
    assert {(r.phase, r.endpoint, r.layer, r.site): [r.requests, r.calls, r.ns] for r in run.spots} == places


def request(**more):
    fields: dict[str, Any] = {
        "at_ns": 5_000_000_000, "total_ns": 10, "wait_ns": 0, "steps_ns": 1, "longest_ns": 1, "endpoint": "GET /x",
        "status": 200, "layers": {"view": 10}, "queries": (), "spots": (),
    }  # fmt: skip
    return SeenRequest(**(fields | more))


def test_layers_and_the_wait_in_front_add_up_to_the_total():
    run, _, _ = collected([request(wait_ns=7)])
    assert sum(row.ns for row in run.layers) == run.requests[0].total_ns == 17


def test_a_request_belongs_to_the_phase_in_which_it_was_sent():
    run, _, _ = collected([request(at_ns=4_000_000_005, wait_ns=10), request(at_ns=4_000_000_005)])
    assert [row.phase for row in run.requests] == [1, 2]


def test_a_request_from_before_the_first_phase_is_left_out():
    run, kept, records = collected([request(at_ns=5)])
    assert (run.requests, kept, records) == ((), (), 0)


def test_the_sample_is_bounded_and_holds_whole_requests():
    run, kept, records = collected(
        [request(total_ns=10 + number, layers={"view": 10 + number}) for number in range(SAMPLE + 50)]
    )
    assert (len(kept), records, run.requests[0].requests) == (SAMPLE, SAMPLE + 50, SAMPLE + 50)
    assert all(sum(one.layers.values()) == one.total_ns for one in kept)
    assert len({one.total_ns for one in kept}) == SAMPLE


def test_the_same_seed_keeps_the_same_sample():
    several = [request(total_ns=number) for number in range(SAMPLE + 300)]
    assert collected(several)[1] == collected(several)[1]


def test_looks_at_the_columns_of_a_statement_add_up(tmp_path):
    writer = Writer(tmp_path / "run.db")
    collector = Collector(writer, 1)
    for rows, size in ((5, 500), (2, 30)):
        collector(1, wire.COLUMNS, ["SELECT", rows, [("id", 8 * rows), ("body", size - 1), ("body", 1)]])
        collector.flush()
    writer.close()
    seen = {(each.statement, each.column): (each.rows, each.bytes) for each in read(tmp_path / "run.db").columns}
    assert seen == {("SELECT", "id"): (7, 56), ("SELECT", "body"): (7, 530)}


def test_other_frames_find_their_tables(tmp_path):
    writer = Writer(tmp_path / "run.db")
    collector = Collector(writer, 1)
    collector.begin_phase(writer.begin_phase("monday", 1, 5.0, 0, 100), 100)
    look = {
        "at_ns": 150,
        "ms": 30.0,
        "endpoint": "GET /x",
        "layer": "view",
        "site": "a.py:1:f",
        "call": "sleep",
        "line": "s()",
        "does": "computes",
        "had": 0.5,
    }
    collector(7, wire.HELLO, {"pid": 7, "hooks": {"gc": "active"}})
    collector(7, wire.HOOK, {"library": "json", "state": "failed: x"})
    collector(7, wire.GAUGES, {"at_ns": 120, "values": {"pool.used": 3, "dropped": 4}})
    collector(7, wire.SOURCE, ["endpoint", "GET /x", "a.py:1:f"])
    collector(7, wire.BLOCKED, look)
    collector(7, wire.BLOCKED, look | {"at_ns": 50})
    collector.finish()
    writer.close()
    run = read(tmp_path / "run.db")
    assert run.hooks == collector.hooks == {"gc": "active", "json": "failed: x"}
    assert [(gauge.process, gauge.values["pool.used"]) for gauge in run.gauges] == [(7, 3)]
    assert run.sources == {("endpoint", "GET /x"): "a.py:1:f"}
    (held,) = run.held
    assert (held.endpoint, held.call, held.ms, held.does, held.had) == ("GET /x", "sleep", 30.0, "computes", 0.5)
    assert collector.dropped == {7: 4}
