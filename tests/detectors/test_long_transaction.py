"""Transactions that stay open while nothing is done in them."""

import pytest
from builder import Query

from nineam.diagnose.detectors import long_transaction
from nineam.diagnose.statement_shapes import shape

SITE = "app/orders.py:20:pay"
UPDATE = "UPDATE item SET n = n + ? WHERE id = $1"
SPELT = Query(1, 1, "UPDATE item SET n = n + ? WHERE id = %(id_1)s", SITE)


def paying(new_run, *, at=(1.0, 2.0, 3.0), query=SPELT, blocking=4, **seen):
    """Localhost with some transactions of 180 ms, and a load at which somebody waits for one."""
    run = new_run().localhost().endpoint("POST /pay", {"view": 200.0, "db_execute": 2.0}, queries=(query,))
    for second in at:
        run.transaction(second, **{"ms": 180.0, "statement": UPDATE, **seen})
    run.monday(1, 20, held=False).endpoint("POST /pay", {"view": 210.0, "db_execute": 300.0}, queries=(query,))
    return run.transaction(2.0, 400.0, UPDATE, blocking=blocking)


def test_transactions_that_stand_idle_with_one_user_fire_at_the_line_of_their_last_statement(new_run):
    (finding,) = paying(new_run).findings(long_transaction)
    assert (finding.code, finding.endpoint, finding.where) == ("long-transaction", "POST /pay", "app/orders.py:20")
    assert (finding.statement, finding.ms_per_request) == (UPDATE, 170.0)
    assert finding.evidence == {"open_ms": 180.0, "idle_ms": 170.0, "seen": 3, "most_waiting_for_it": 4}
    assert finding.share == pytest.approx(170 / 202)


@pytest.mark.parametrize(
    "unlike",
    [
        {"ms": 400.0},
        {"idle_ms": 30.0},
        {"idle_ms": 90.0},
        {"at": (1.0, 2.0)},
        {"at": ()},
        {"ms": 9000.0, "idle_ms": 9000.0},
    ],
    ids=["mostly at work", "many quick statements", "short", "two", "only under load", "a console left open before"],
)
def test_transactions_that_are_no_fault_of_the_endpoint_do_not_fire(new_run, unlike):
    assert paying(new_run, **unlike).findings(long_transaction) == []


def test_a_statement_that_nobody_is_known_to_execute_has_no_endpoint_and_no_price(new_run):
    (finding,) = paying(new_run, query=Query(1, 1, "SELECT ?", SITE)).findings(long_transaction)
    assert (finding.endpoint, finding.where, finding.ms_per_request, finding.share) == ("", "", 0.0, 0.0)
    assert finding.confidence < 0.9


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a FROM b WHERE c = %s", "SELECT a FROM b WHERE c = ?"),
        ("SELECT a\n  FROM b\n WHERE c = %(c_1)s", "SELECT a FROM b WHERE c = $1::INTEGER"),
        ("INSERT INTO b VALUES (%s, %s)", "INSERT INTO b VALUES ($1, $2);"),
        ("SELECT a FROM b WHERE c IN (?, ...)", "SELECT a FROM b WHERE c IN ($1, $2, $3)"),
        ("select A from b where c = :c", "SELECT a FROM b WHERE c = $1::VARCHAR(?)"),
    ],
)
def test_one_statement_in_the_spelling_of_two_is_one(one, other):
    assert shape(one) == shape(other)


@pytest.mark.parametrize(
    ("one", "other"), [("SELECT a FROM b", "SELECT a FROM c"), ("UPDATE b SET c = ?", "UPDATE b SET d = ?")]
)
def test_two_statements_are_two(one, other):
    assert shape(one) != shape(other)
