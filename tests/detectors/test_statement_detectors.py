"""What is said about statements: asked twice, slow by themselves, dear to turn into objects, waiting for a lock."""

import msgspec
import pytest
from builder import Query

from nineam.diagnose.detectors import duplicate_query, lock_contention, orm_hydration, slow_query
from nineam.diagnose.picture import Picture
from nineam.store.records import StackCount

SELECT = "SELECT * FROM setting WHERE name = ?"
UPDATE = "UPDATE counter SET n = n + 1 WHERE id = 1"


def asked(new_run, query, layers=None):
    run = new_run()
    for begin in (run.localhost, lambda: run.monday(1, 10, held=False)):
        begin().endpoint("GET /x", layers or {"view": 10.0, "db_execute": 6.0}, queries=(query,))
    return run


def test_the_same_question_six_times_is_a_duplicate_at_its_line(new_run):
    (finding,) = asked(new_run, Query(6, 1, SELECT, ms=6.0)).findings(duplicate_query)
    assert (finding.code, finding.where, finding.function) == ("duplicate-query", "app/views.py:10", "orders")
    assert finding.evidence == {"runs_per_request": 6.0, "different_per_request": 1.0}
    assert finding.ms_per_request == pytest.approx(5.0)
    assert finding.statement == SELECT


@pytest.mark.parametrize(
    "query",
    [Query(6, 6, SELECT, ms=6.0), Query(2, 1, SELECT, ms=6.0), Query(6, 1, UPDATE, ms=6.0)],
    ids=["different parameters", "once more only", "a write"],
)
def test_what_is_no_duplicate_does_not_fire(new_run, query):
    assert asked(new_run, query).findings(duplicate_query) == []


def test_a_cheap_repetition_does_not_fire(new_run):
    layers = {"view": 40.0, "db_execute": 1.0}
    assert asked(new_run, Query(6, 1, SELECT), layers).findings(duplicate_query) == []


def test_a_statement_that_is_slow_alone_fires(new_run):
    (finding,) = asked(new_run, Query(1, 1, ms=60.0), {"view": 10.0, "db_execute": 60.0}).findings(slow_query)
    assert (finding.code, finding.where) == ("slow-query", "app/views.py:10")
    assert finding.evidence["each_ms"] == 60.0
    assert finding.share == pytest.approx(60 / 70)


def test_two_texts_of_one_line_are_one_finding_that_costs_both(new_run):
    texts = tuple(Query(0.5, 0.5, f"SELECT 1 WHERE {column} = ?", ms=ms) for column, ms in (("a", 12.0), ("b", 30.0)))
    run = new_run()
    for begin in (run.localhost, lambda: run.monday(1, 10, held=False)):
        begin().endpoint("GET /x", {"view": 30.0, "db_execute": 42.0}, queries=texts)
    (finding,) = run.findings(slow_query)
    assert (finding.statement, finding.evidence["each_ms"]) == ("SELECT 1 WHERE b = ?", 42.0)
    assert finding.ms_per_request == pytest.approx(42.0)


@pytest.mark.parametrize(
    ("query", "layers"),
    [
        (Query(1, 1, ms=12.0), {"view": 1.0, "db_execute": 12.0}),
        (Query(1, 1, ms=30.0), {"view": 170.0, "db_execute": 30.0}),
        (Query(40, 40, ms=40.0), {"view": 1.0, "db_execute": 40.0}),
    ],
    ids=["quick", "a small share", "many quick ones"],
)
def test_a_statement_that_is_not_slow_by_itself_does_not_fire(new_run, query, layers):
    assert asked(new_run, query, layers).findings(slow_query) == []


def test_a_statement_slow_only_under_load_does_not_fire(new_run):
    run = new_run().localhost().endpoint("GET /x", {"db_execute": 5.0}, queries=(Query(1, 1, ms=5.0),))
    run.monday(1, 10, held=False).endpoint("GET /x", {"db_execute": 90.0}, queries=(Query(1, 1, ms=90.0),))
    assert run.findings(slow_query) == []


def test_building_objects_fires_at_the_heaviest_statement(new_run):
    layers = {"view": 5.0, "db_execute": 2.0, "db_fetch": 1.0, "hydration": 12.0}
    (finding,) = asked(new_run, Query(1, 1), layers).findings(orm_hydration)
    assert (finding.code, finding.where) == ("orm-hydration", "app/views.py:10")
    assert finding.evidence == {"localhost_ms": 12.0, "localhost_share": 0.6, "database_ms": 3.0}


KEY = Query(1, 1, "SELECT key", "app/auth.py:3:check", ms=9.0)
LIST = Query(1, 1, "SELECT items", "app/views.py:20:items", ms=2.0)


@pytest.mark.parametrize(
    ("queries", "samples", "where", "statement"),
    [
        ((KEY._replace(rows=1), LIST._replace(rows=300)), 0, "app/views.py:20", "SELECT items"),
        ((KEY, LIST), 30, "app/views.py:20", "SELECT items"),
        ((KEY, LIST), 0, "", ""),
    ],
    ids=["rows counted", "seen being built", "nobody knows"],
)
def test_building_objects_is_told_at_the_objects_own_line_or_at_none(new_run, queries, samples, where, statement):
    layers = {"view": 5.0, "db_execute": 2.0, "hydration": 12.0}
    run = new_run().localhost().endpoint("GET /x", layers, queries=queries)
    read = run.monday(1, 10, held=False).endpoint("GET /x", layers, queries=queries).read()
    frames = ("items (app/views.py:21)", "from_db (django/db/models/base.py:580)")
    seen = StackCount(phase=1, endpoint="GET /x", layer="hydration", frames=frames, samples=samples)
    (finding,) = orm_hydration.detect(Picture(msgspec.structs.replace(read, stacks=(seen,) if samples else ())))
    assert (finding.where, finding.statement) == (where, statement)


@pytest.mark.parametrize(
    ("query", "hydration"),
    [(Query(1, 1), 4.0), (Query(1, 1), 7.0), (Query(20, 20), 20.0)],
    ids=["little", "a small share", "one per row"],
)
def test_building_objects_that_is_not_the_point_does_not_fire(new_run, query, hydration):
    layers = {"view": 20.0 if hydration == 7.0 else 2.0, "hydration": hydration}
    assert asked(new_run, query, layers).findings(orm_hydration) == []


@pytest.mark.parametrize(("view", "fires"), [(3.0, 1), (9.0, 0)], ids=["its own garbage", "the view's garbage"])
def test_collecting_what_was_built_is_a_part_of_building(new_run, view, fires):
    layers = {"view": view, "db_execute": 5.0, "hydration": 6.0, "gc": 9.0}
    assert len(asked(new_run, Query(1, 1), layers).findings(orm_hydration)) == fires


def test_a_row_that_all_requests_write_is_a_lock_in_the_database(new_run):
    run = new_run()
    read, write = Query(1, 1, SELECT), Query(1, 1, UPDATE, site="app/views.py:20:count", ms=2.0)
    run.localhost().endpoint("POST /x", {"db_execute": 3.0}, queries=(read, write))
    run.monday(1, 50, held=False).endpoint("POST /x", {"db_execute": 41.0}, queries=(read, write._replace(ms=40.0)))
    (finding,) = run.findings(lock_contention)
    assert (finding.code, finding.where, finding.function) == ("lock-contention", "app/views.py:20", "count")
    assert (finding.statement, finding.ms_per_request) == (UPDATE, pytest.approx(38.0))


def test_a_database_that_is_slow_for_everything_is_no_lock(new_run):
    run = new_run()
    read, write = Query(1, 1, SELECT), Query(1, 1, UPDATE, ms=2.0)
    run.localhost().endpoint("POST /x", {"db_execute": 3.0}, queries=(read, write))
    run.monday(1, 50, held=False).endpoint(
        "POST /x", {"db_execute": 70.0}, queries=(read._replace(ms=30.0), write._replace(ms=40.0))
    )
    assert run.findings(lock_contention) == []


def test_waiting_for_a_lock_of_the_application_fires_where_most_is_waited(new_run):
    run = new_run().source("endpoint", "GET /x", "app/views.py:30:x")
    run.localhost().endpoint("GET /x", {"view": 5.0, "lock_wait": 0.1})
    run.monday(1, 50, held=False).endpoint("GET /x", {"view": 6.0, "lock_wait": 60.0})
    (finding,) = run.findings(lock_contention)
    assert (finding.where, finding.evidence["kind"]) == ("app/views.py:30", "application")
    assert finding.ms_per_request == pytest.approx(59.9)


@pytest.mark.parametrize("wait", [9.0, 15.0], ids=["short", "a small share"])
def test_a_lock_that_hardly_matters_does_not_fire(new_run, wait):
    run = new_run().localhost().endpoint("GET /x", {"view": 5.0, "lock_wait": 0.1})
    run.monday(1, 50, held=False).endpoint("GET /x", {"view": 90.0, "lock_wait": wait})
    assert run.findings(lock_contention) == []
