"""What the diagnosis makes of a run with clones: growth, proof, and a verdict that is taken back."""

import pytest
from builder import Query, RunBuilder, answers

from nineam.diagnose.diagnosis import diagnose

ROWS = [1_000, 10_000, 100_000, 1_000_000]
FACTS = {
    "database": "sqlite", "variable": "DATABASE_URL", "rows": ROWS, "tables": {"orders": [1_000, 1_000_000]},
    "proven": True, "proof": "its file was read", "problem": "",
}  # fmt: skip
LIST, PAGE = "GET /orders", "GET /orders/{id}"


def run(
    path,
    *,
    held=True,
    sizes=4,
    last=None,
    growing=100.0,
    small=0.0,
    runs=(1, 2, 3, 4),
    distinct=1.0,
    growing_rows=None,
    **facts,
):
    """A list whose time is in a statement that grows with the rows, and a page that stays as it is."""
    facts |= {"growing": growing_rows} if growing_rows else {}
    built = RunBuilder(path, goal_limit=5.0, grown=FACTS | facts)
    for number, rows in enumerate(ROWS[:sizes]):
        ms = small + growing * rows / ROWS[-1]
        built = built.phase("grown", stair=number, users=1) if number else built.localhost()
        own = last if last and rows == ROWS[-1] else answers(LIST, ms=5 + ms)
        built = built.clients(own, answers(PAGE, ms=5))
        built = built.endpoint(
            LIST,
            {"view": 5.0, "db_execute": ms},
            queries=(Query(runs[number], runs[number] * distinct, "SELECT slow", ms=ms),),
        ).endpoint(PAGE, {"view": 4.0, "db_execute": 1.0}, queries=(Query(1, 1, "SELECT quick"),))
        if not number:
            built.monday(1, 5.0).clients(answers(LIST), answers(PAGE))
    if sizes == len(ROWS):
        built.phase("grown-monday", stair=3, rate=5.0, held=held).clients(answers(LIST, ms=900), answers(PAGE))
    built.phase("after", users=1).clients(*[answers(LIST)] * 2)
    return diagnose(built.read())


def test_each_endpoint_and_the_statement_behind_it_have_their_shape(tmp_path):
    grown = run(tmp_path / "run.db").grown
    slow, flat, statement = grown.growth
    assert (flat.times, flat.exponent) == (pytest.approx(1.0), None)
    assert (slow.endpoint, slow.shape, slow.layer) == (LIST, "linear", "db_execute")
    assert slow.low <= 1.0 <= slow.high
    assert (flat.endpoint, flat.shape) == (PAGE, "constant")
    assert (statement.statement, statement.shape) == ("SELECT slow", "linear")
    assert [point.executions for point in statement.points] == [1, 2, 3, 4]
    assert grown.monday.endpoints[LIST].p95_ms == pytest.approx(900, rel=0.01)
    assert grown.monday.rate == 5.0


def test_a_ready_run_that_does_not_hold_with_the_data_is_not_ready(tmp_path):
    held = run(tmp_path / "held.db").verdict
    broke = run(tmp_path / "broke.db", held=False, broke="GET /orders: 7 of 7 requests failed (500)").verdict
    assert held.status == "ready", held
    assert broke.status == "not-ready"
    said = (
        "but with 1,000,000 rows in its database it breaks at the same load: GET /orders: 7 of 7 requests failed (500)"
    )
    assert said in broke.sentence


def test_what_is_not_proven_neither_grows_nor_takes_the_verdict_back(tmp_path):
    judged = run(tmp_path / "run.db", held=False, proven=False, proof="nobody read it")
    assert judged.verdict.status == "ready"
    assert {each.shape for each in judged.grown.growth} == {"cannot-tell"}
    assert all("not proven" in each.reason for each in judged.grown.growth)


def test_a_run_that_ended_on_a_small_clone_has_no_third_column(tmp_path):
    grown = run(tmp_path / "run.db", sizes=2, problem="with 100,000 rows: it died", proven=False).grown
    assert grown.problem == "with 100,000 rows: it died"
    assert grown.monday.endpoints == {}
    assert grown.held is None


@pytest.mark.parametrize(
    ("goal", "begins"), [(True, "NOT PROVEN: it carries "), (False, "NOT READY: ")], ids=["it held", "it broke"]
)
def test_an_application_that_does_not_live_on_a_clone_is_no_success(tmp_path, goal, begins):
    problem = "with 100,000 rows: the application ended before it answered."
    built = RunBuilder(tmp_path / "run.db", goal_limit=5.0, grown=FACTS | {"problem": problem, "proven": False})
    built = built.localhost().clients(answers(PAGE, ms=5)).monday(1, 5.0, held=goal).clients(answers(PAGE, ms=5))
    judged = diagnose(built.phase("after", users=1).clients(answers(PAGE)).read()).verdict
    assert judged.sentence.startswith(begins), judged
    ending = "on a grown clone of its database it did not live: with 100,000 rows: the application ended before it"
    assert ending in judged.sentence


def test_a_run_without_clones_has_none(tmp_path):
    assert diagnose(RunBuilder(tmp_path / "run.db").localhost().clients(answers(LIST)).read()).grown is None


def test_an_endpoint_that_no_longer_answers_is_named_with_the_size(tmp_path):
    silent = answers(LIST, requests=4, failed=4, statuses={"504": 4})
    growth = {each.endpoint: each for each in run(tmp_path / "run.db", last=silent).grown.growth}
    assert growth[LIST].shape == "cannot-tell"
    assert growth[LIST].reason == "with 1,000,000 rows not one request succeeds (504)"
    assert growth[PAGE].shape == "constant"


def test_an_endpoint_that_was_never_asked_did_not_fail(tmp_path):
    growth = {each.endpoint: each for each in run(tmp_path / "run.db", last=answers(PAGE, ms=9000)).grown.growth}
    assert growth[LIST].reason == f"with 1,000,000 rows it was not asked: {PAGE} took the time"


def test_what_the_clone_itself_breaks_is_said_and_leaves_the_verdict_as_it_is(tmp_path):
    silent = answers(LIST, requests=4, failed=4, statuses={"500": 4})
    judged = run(tmp_path / "run.db", last=silent, suspects={LIST: "500"})
    assert judged.verdict.status == "ready"
    assert f"with data not counting {LIST} (500): the smallest clone breaks it already" in judged.verdict.sentence
    reasons = {each.endpoint: each.reason for each in judged.grown.growth}
    assert reasons[LIST].endswith("not one request succeeds (500), which is most likely the clone's fault")


def test_rows_of_an_exponent_are_those_of_tables_that_grow(tmp_path):
    growing = [100, 1_000, 10_000, 1_000_000]
    grown = run(tmp_path / "run.db", growing_rows=growing).grown
    (slow,) = [each for each in grown.growth if each.endpoint == LIST and not each.statement]
    assert (slow.shape, [point.rows for point in slow.points]) == ("power", ROWS)


def test_the_story_ends_with_what_grows_most(tmp_path):
    told = run(tmp_path / "run.db").story
    assert told[-1] == (
        "With 1,000,000 rows instead of 1,000 GET /orders takes 20.6 times as long, "
        "in db_execute, and grows as the rows do."
    )
    assert len(told) <= 5
    assert not any("rows instead of" in line for line in run(tmp_path / "unproven.db", proven=False).story)


def test_a_statement_that_is_slow_only_with_the_data_comes_last_with_its_slope_and_is_blamed_for_nothing(tmp_path):
    judged = run(tmp_path / "run.db", held=False, growing=200.0)
    *_, finding = judged.findings
    assert (finding.code, finding.endpoint, finding.statement) == ("slow-query", LIST, "SELECT slow")
    assert finding.where == "app/views.py:10"
    assert finding.title == "with 1,000,000 rows one statement takes 50 ms with one user"
    assert (finding.evidence["rows"], finding.evidence["rows_grown"]) == (1_000, 1_000_000)
    assert finding.evidence["grows"] == "linear"
    assert "slow-query" not in judged.verdict.sentence
    assert all(root.code != "slow-query" for root in judged.roots)


def test_one_query_per_row_that_shows_with_the_data_only_is_told(tmp_path):
    judged = run(tmp_path / "run.db", runs=(2, 4, 10, 40), distinct=1.0)
    (finding,) = [each for each in judged.findings if each.code == "n-plus-one"]
    assert finding.title == "with 1,000,000 rows 40 queries are one per row, 2 with 1,000"
    assert finding.evidence["grown_runs"] == 40
    repeated = run(tmp_path / "same.db", runs=(2, 4, 10, 40), distinct=0.1)
    assert not [each for each in repeated.findings if each.code == "n-plus-one"]


@pytest.mark.parametrize("change", [{"growing": 40.0}, {"growing": 200.0, "proven": False}])
def test_a_statement_that_is_quick_with_the_data_or_not_proven_is_no_finding(tmp_path, change):
    assert not [each for each in run(tmp_path / "run.db", **change).findings if each.code == "slow-query"]


def test_a_finding_of_the_run_itself_gets_the_slope_of_its_statement(tmp_path):
    judged = run(tmp_path / "run.db", runs=(12, 12, 12, 12), growing=4_000.0, distinct=1.0, small=400.0)
    found = [each for each in judged.findings if each.statement == "SELECT slow"]
    assert found
    assert all(each.evidence["rows_grown"] == 1_000_000 and each.evidence["grown_ms"] for each in found)
