"""The truth bench of attribution: its arithmetic, and that it runs."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from benchmarks.attribution import book, databases, ledger, report
from benchmarks.attribution.comparing import Row, Seen, Whole, compared, groups, joined
from benchmarks.attribution.driving import Sent
from benchmarks.attribution.stacks import STACKS, cells

ROOT = Path(__file__).parents[3]
MS = 1_000_000


def seen(costs, layers, wait=0, latency=0, path="/data") -> Seen:
    costs = {
        layer: [(took * MS, None if own is None else own * MS) for took, own in paid] for layer, paid in costs.items()
    }
    record = SimpleNamespace(layers={name: value * MS for name, value in layers.items()}, wait_ns=wait * MS)
    return Seen(Sent(path, 1, latency * MS), costs, record)


def only(phase) -> Row:
    (row,) = phase.rows
    return row


@pytest.fixture
def page():
    page = book.Page(1, "/")
    token = book.page_now.set(page)
    yield page
    book.page_now.reset(token)


def paid(page: book.Page) -> dict[str, list]:
    return page.told()["costs"]


@pytest.mark.parametrize(
    ("truth", "agent", "held"), [(1, 1.29, True), (1, 0.69, False), (100, 104.9, True), (100, 94.9, False)]
)
def test_a_layer_may_be_off_by_a_third_of_a_millisecond_or_a_twentieth(truth, agent, held):
    assert Row("/", "view", truth, agent).held is held


@pytest.mark.parametrize(
    ("latency", "layers", "nobody", "held"),
    [(100, 102.9, 5, True), (100, 103.1, 0, False), (100, 96.9, 0, False), (100, 100, 5.1, False)],
)
def test_the_sum_may_be_off_by_three_percent_and_a_twentieth_may_have_no_owner(latency, layers, nobody, held):
    assert Whole("/", latency, layers, nobody).held is held


def test_alone_what_was_measured_is_the_truth():
    row = only(compared([seen({"view": [(3, None), (5, 2)]}, {"view": 7})], None, 1))
    assert (row.truth_ms, row.agent_ms) == (8, 7)


def test_on_a_shared_loop_only_the_own_part_counts_and_what_the_same_cost_when_alone():
    alone = [seen({"cache": [(11, 10)]}, {})]
    crowded = [seen({"cache": [(30, 10)]}, {"cache": 12}), seen({"cache": [(50, 12)]}, {"cache": 12})]
    assert only(compared(crowded, alone, 20)).truth_ms == 12


def test_computing_counts_as_it_was_measured_on_a_shared_loop_too():
    assert only(compared([seen({"view": [(6, None)]}, {})], [seen({"view": [(5, None)]}, {})], 20)).truth_ms == 6


def test_layers_that_an_application_cannot_tell_apart_are_one():
    mixed = [seen({"view": [(1, None)], "a": [(1, None)], "a+b": [(2, None)], "b": [(4, None)]}, {"a": 3, "b": 4})]
    assert sorted(groups(mixed)) == [("a", "b"), ("view",)]
    (both,) = [row for row in compared(mixed, None, 1).rows if row.layer == "a+b"]
    assert (both.truth_ms, both.agent_ms) == (7, 7)


def test_the_whole_counts_from_sending_to_the_answer():
    (whole,) = compared([seen({}, {"view": 6, "unattributed": 2}, wait=2, latency=11)], None, 1).wholes
    assert (whole.latency_ms, whole.agent_ms, whole.unattributed) == (11, 10, 0.2)


def test_endpoints_are_compared_apart():
    phase = compared([seen({"view": [(1, None)]}, {}, path=path) for path in ("/a", "/b")], None, 1)
    assert [row.path for row in phase.rows] == ["/a", "/b"]


def test_the_summary_names_what_is_most_off():
    (cell,) = cells(["fastapi-async"], ["raw"], ["sqlite"])
    costs = {"view": [(100, None)], "cache": [(1, None)]}
    phase = compared([seen(costs, {"view": 104, "cache": 2}, latency=100)], None, 1)
    line = report.summary([(cell, [phase])])[-1]
    assert "| 1 of 2 " in line
    assert "cache of /data: 2.00 for 1.00 ms | +6.0%" in line
    assert line.endswith("| MISSED |")


def test_records_are_found_by_the_instant_of_sending():
    record = SimpleNamespace(at_ns=10, wait_ns=3)
    (each,) = joined([Sent("/", 7, 1)], {7: {"costs": {}}}, [record, SimpleNamespace(at_ns=9, wait_ns=9)])
    assert each.record is record


def test_a_request_that_the_agent_missed_is_no_measurement():
    with pytest.raises(RuntimeError, match=r"1 of 1 requests have no record"):
        joined([Sent("/", 7, 1)], {7: {"costs": {}}}, [])


def test_costs_measure_themselves(page):
    ledger.spin("view", 0.2)
    ledger.sleep("view", 0.3)
    (spun, _), (slept, own) = paid(page)["view"]
    assert spun >= 0.2 * MS
    assert slept >= 0.3 * MS
    assert own is None


def test_what_is_within_is_without_what_is_noted_inside(page):
    with ledger.within("view"):
        ledger.note("template", 10 * MS)
        ledger.sleep("template", 1)
    ((left, _),) = paid(page)["view"]
    assert left < sum(took for took, _ in paid(page)["template"]) - 10 * MS


def test_what_is_paid_after_the_answer_is_not_of_the_request(page):
    page.answered = 1
    ledger.note("view", 1)
    assert paid(page) == {}


def test_without_a_request_costs_go_nowhere():
    ledger.note("view", 1)


def test_stacks_meet_every_database_in_each_way_they_can_ask():
    assert len(cells([], [], [])) == sum(len(stack.data) for stack in STACKS) * len(databases.KINDS)
    (cell,) = cells(["fastapi-async"], ["raw"], ["sqlite"])
    assert str(cell) == "fastapi-async, raw, sqlite"


def test_the_bench_runs(tmp_path):
    command = [sys.executable, "-m", "benchmarks.attribution", "--quick", "--json", str(tmp_path / "found.json")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode in (0, 1), run.stderr  # 1: a target was missed, as on a machine that does other things
    (found,) = json.loads((tmp_path / "found.json").read_text())["applications"]
    assert [phase["connections"] for phase in found["phases"]] == [1, 5]
    layers = {row["layer"] for phase in found["phases"] for row in phase["rows"]}
    assert layers >= {"view", "dependencies", "template", "serializer", "db_execute", "db_fetch", "http_client"}
    assert all(row["agent_ms"] > 0 for phase in found["phases"] for row in phase["rows"] if row["truth_ms"] > 1)
