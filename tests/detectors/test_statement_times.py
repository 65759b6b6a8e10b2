"""A statement's time is executing it and fetching its rows; nothing of either is counted twice."""

import pytest
from builder import Query, answers

from nineam.diagnose.causes import explains
from nineam.diagnose.detectors import n_plus_one, over_fetching, slow_query
from nineam.diagnose.diagnosis import diagnose
from nineam.diagnose.found import statements_ms

ASK = "SELECT id FROM item WHERE order_id = ?"


def cost(new_run, *queries, **layers):
    run = new_run()
    run.localhost().endpoint("GET /x", {"view": 20.0, **layers}, queries=queries).clients(answers("GET /x"))
    picture = run.picture()
    wanted = [row for row in picture.queries(picture.localhost, "GET /x") if row.statement == ASK]
    return statements_ms(picture, picture.localhost, "GET /x", wanted)


def test_fetching_that_is_known_is_the_statements_own(new_run):
    each = Query(10, 10, ASK, ms=2.0, fetch_ms=6.0)
    other = Query(10, 10, "SELECT 2", ms=1.0, fetch_ms=30.0)
    assert cost(new_run, each, other, db_execute=3.0, db_fetch=36.0, orm=4.0) == pytest.approx(8.0 + 2.0)


def test_fetching_while_executing_is_in_the_execution_and_nowhere_else(new_run):
    each, other = Query(10, 10, ASK, ms=8.0), Query(10, 10, "SELECT 2", ms=2.0)
    assert cost(new_run, each, other, db_execute=6.0, db_fetch=4.0) == pytest.approx(8.0)


def test_fetching_that_nobody_is_known_to_have_is_shared(new_run):
    each, other = Query(10, 10, ASK, ms=2.0), Query(10, 10, "SELECT 2", ms=2.0)
    assert cost(new_run, each, other, db_execute=4.0, db_fetch=6.0) == pytest.approx(2.0 + 3.0)


def test_a_statement_whose_time_is_in_its_rows_is_slow(new_run):
    run, layers = new_run(), {"view": 5.0, "db_execute": 0.2, "db_fetch": 30.0}
    for begin in (run.localhost, lambda: run.monday(1, 10, held=False)):
        query = Query(1, 1, "SELECT slow", ms=0.2, fetch_ms=30.0, rows=20)
        begin().endpoint("GET /x", layers, queries=(query,)).clients(answers("GET /x", each=900))
    (finding,) = run.findings(slow_query)
    assert finding.evidence["each_ms"] == 30.2
    assert finding.ms_per_request == pytest.approx(30.2)


def test_one_query_per_row_costs_its_fetching(new_run):
    run, layers = new_run(), {"view": 5.0, "db_execute": 1.0, "db_fetch": 12.0}
    for begin in (run.localhost, lambda: run.monday(1, 10, held=False)):
        query = Query(20, 20, ASK, ms=1.0, fetch_ms=12.0, rows=20)
        begin().endpoint("GET /x", layers, queries=(query,)).clients(answers("GET /x"))
    (finding,) = run.findings(n_plus_one)
    assert finding.ms_per_request == pytest.approx(13.0)


def test_a_statement_that_grows_in_its_rows_says_so(new_run):
    facts = {
        "database": "sqlite", "variable": "D", "rows": [100, 1_000, 10_000], "tables": {"t": [100, 10_000]},
        "proven": True, "proof": "", "problem": "",
    }  # fmt: skip
    run = new_run(grown=facts)
    for number, rows in enumerate(facts["rows"]):
        run = run.phase("grown", stair=number, users=1) if number else run.localhost()
        ms = rows / 100
        layers = {"view": 5.0, "db_execute": 0.5, "db_fetch": ms}
        run.endpoint("GET /x", layers, queries=(Query(1, 1, ASK, ms=0.5, fetch_ms=ms),))
        run.clients(answers("GET /x", ms=6 + ms))
    (statement,) = [each for each in diagnose(run.read()).grown.growth if each.statement]
    assert statement.layer == "db_fetch"
    assert [point.ms for point in statement.points] == [pytest.approx(0.5 + rows / 100) for rows in facts["rows"]]


def test_rows_that_nobody_needs_explain_the_layers_they_take(new_run):
    run, layers = new_run(), {"view": 5.0, "db_execute": 1.0, "db_fetch": 8.0, "hydration": 20.0}
    for begin in (run.localhost, lambda: run.monday(1, 10, held=False)):
        query = Query(1, 1, "SELECT id FROM item", rows=2000, fetch_ms=8.0)
        begin().endpoint("GET /x", layers, queries=(query,)).clients(answers("GET /x", each=170))
    (finding,) = run.findings(over_fetching)
    assert all(explains(finding, layer, "GET /x") for layer in ("hydration", "db_fetch"))
    assert not explains(finding, "serializer", "GET /x")
