"""What `nineam index` proved becomes a finding where the run executes the statement, and nowhere else."""

import msgspec
import pytest
from builder import Query

from nineam.diagnose.detectors import missing_index, slow_query, wrong_index
from nineam.model.indexes import IndexPart, IndexProof, IndexReport, Rejected, TimedStatement, WriteCost

TEXT = "SELECT note FROM orders WHERE status = ?"


def proof(text=TEXT, **more):
    timed = TimedStatement(
        statement=text, before_ms=8.0, after_ms=0.8, ratio=10.0, ratio_low=9.0, ratio_high=11.0, repeats=15, sets=3
    )
    given = {"code": "missing-index", "ddl": "CREATE INDEX ix_orders_status ON orders (status)", **more}
    return IndexProof(
        table="orders", rows=100_000, name="ix_orders_status", parts=(IndexPart(text="status"),), statements=(timed,),
        build_s=0.1, bytes=700_000, write=WriteCost(what="insert", rows=1000, before_ms=5, after_ms=6, ratio=1.2,
        ratio_low=1.1, ratio_high=1.3), **given,
    )  # fmt: skip


def ran(new_run, *proofs):
    kept = msgspec.to_builtins(IndexReport(kind="sqlite", clone="x", proofs=proofs)) if proofs else None
    run = new_run(indexes=kept)
    for begin in (run.localhost, lambda: run.monday(1, 10, held=False)):
        begin().endpoint("GET /x", {"view": 10.0, "db_execute": 20.0}, queries=(Query(2, 2, TEXT, ms=20.0),))
        run.endpoint("GET /y", {"view": 10.0, "db_execute": 1.0}, queries=(Query(1, 1, "SELECT ?", ms=1.0),))
    return run


def test_a_proved_index_is_a_finding_of_the_endpoint_that_misses_it(new_run):
    (finding,) = ran(new_run, proof(model="__table_args__ = (...)", model_at="models.py:3 (Order)")).findings(
        missing_index
    )
    assert (finding.endpoint, finding.where, finding.statement) == ("GET /x", "app/views.py:10", TEXT)
    assert finding.ms_per_request == pytest.approx(18.0)
    assert finding.share == pytest.approx(18 / 30)
    assert finding.title == "orders has no index on (status): 8 -> 0.8 ms at 100,000 rows"
    assert finding.fix == (
        "CREATE INDEX ix_orders_status ON orders (status); or at models.py:3 (Order): __table_args__ = (...)"
    )
    assert finding.evidence["inserts_take_times"] == 1.2


def test_an_index_that_does_not_do_is_named(new_run):
    wrong = proof(code="wrong-index", existing="by_time", reason="it begins with created_at")
    (finding,) = ran(new_run, wrong).findings(wrong_index)
    assert finding.title.startswith("by_time does not do for orders")
    assert finding.evidence["reason"] == "it begins with created_at"
    assert ran(new_run, wrong).findings(missing_index) == []


@pytest.mark.parametrize("proofs", [(), (proof("SELECT another FROM orders"),)], ids=["nothing proved", "not asked"])
def test_without_a_proof_for_its_statements_nothing_fires(new_run, proofs):
    for detector in (missing_index, wrong_index):
        assert ran(new_run, *proofs).findings(detector) == []


def test_one_index_is_one_finding_at_the_endpoint_that_loses_most_with_all_that_miss_it(new_run):
    other = "SELECT id FROM orders WHERE status = ?"
    both = msgspec.structs.replace(proof(), statements=(*proof().statements, *proof(other).statements))
    run = new_run(indexes=msgspec.to_builtins(IndexReport(kind="sqlite", clone="x", proofs=(both,))))
    for begin in (run.localhost, lambda: run.monday(1, 10, held=False)):
        begin().endpoint("GET /small", {"db_execute": 5.0}, queries=(Query(1, 1, TEXT, ms=5.0),))
        run.endpoint("GET /large", {"db_execute": 20.0}, queries=(Query(1, 1, other, ms=20.0),))
    (finding,) = run.findings(missing_index)
    assert (finding.endpoint, finding.statement) == ("GET /large", other)
    assert finding.evidence["endpoints"] == {"GET /large": 18.0, "GET /small": 4.5}
    assert finding.evidence["statements"] == [other, TEXT]


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ({"proofs": (proof(),)}, "CREATE INDEX ix_orders_status ON orders (status); makes it faster (missing-index);"),
        ({"rejected": (Rejected(table="orders", index="", statement=TEXT, why="a pattern"),)},
         "no further index helps it (a pattern);"),
        ({"rejected": (Rejected(table="orders", index="note", statement=TEXT, why="built, slower"),)},
         "no further index helps it (orders (note): built, slower);"),
        ({}, "an index on what it filters and orders by,"),
    ],
    ids=["proved", "nothing to try", "nothing helps", "not tried"],
)  # fmt: skip
def test_a_slow_statement_is_told_what_came_of_trying_indexes(new_run, kept, said):
    run = new_run(indexes=msgspec.to_builtins(IndexReport(kind="sqlite", clone="x", **kept)))
    run.localhost().endpoint("GET /x", {"db_execute": 50.0}, queries=(Query(1, 1, TEXT, ms=50.0),))
    (finding,) = run.findings(slow_query)
    assert f"(EXPLAIN): {said} fewer rows" in finding.fix
