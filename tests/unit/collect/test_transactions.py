"""Looks at sessions become transactions, counts and who blocks whom; no literal of a statement stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.collect.transactions import Blocked, Session, Transactions, blocked, counts, shape

UPDATE = "UPDATE stock SET n = ?"


def session(
    pid=1, state="idle in transaction", waits="", began=5.0, ms=150.0, statement=UPDATE, blockers=(), idle_ms=None
):
    usual = 90.0 if state.startswith("idle in") else 0.0
    return Session(pid, state, waits, began, ms, usual if idle_ms is None else idle_ms, statement, blockers)


def test_a_transaction_is_kept_when_it_is_over_with_what_was_seen_of_it():
    seen = Transactions()
    assert seen.look(100, [session(state="active", ms=50.0, statement="SELECT ?")]) == []
    waiting = session(2, state="active", waits="Lock", began=6.0, ms=10.0, blockers=(1,))
    assert seen.look(200, [session(), waiting]) == []
    (ended,) = seen.look(300, [waiting])
    assert (ended.at_ns, ended.ms, ended.idle_ms, ended.looks, ended.blocking) == (200, 150.0, 90.0, 2, 1)
    assert ended.statement == UPDATE


def test_the_statement_is_the_one_before_it_stood_idle():
    seen = Transactions()
    seen.look(100, [session()])
    seen.look(200, [session(state="active", statement="COMMIT", ms=210.0)])
    assert [each.statement for each in seen.rest()] == [UPDATE]


def test_the_longest_stretch_of_doing_nothing_counts_with_what_was_done_before_it():
    seen = Transactions()
    for idle_ms, statement in ((40.0, "SELECT"), (90.0, UPDATE), (0.0, "DELETE"), (60.0, "INSERT")):
        seen.look(100, [session(idle_ms=idle_ms, statement=statement)])
    (found,) = seen.rest()
    assert (found.idle_ms, found.statement) == (90.0, UPDATE)


@pytest.mark.parametrize(
    "one", [session(ms=60.0), session(state="idle", began=0.0, ms=0.0)], ids=["short", "no transaction"]
)
def test_what_did_not_last_is_not_kept(one):
    seen = Transactions()
    seen.look(100, [one])
    assert seen.rest() == seen.look(200, []) == []


def test_the_next_transaction_of_a_session_is_another_one():
    seen = Transactions()
    seen.look(100, [session()])
    (ended,) = seen.look(200, [session(began=6.0)])
    assert (ended.at_ns, ended.looks) == (100, 1)
    assert len(seen.rest()) == 1


def test_sessions_are_counted_by_state_and_active_ones_by_what_they_wait_for():
    there = [
        session(), session(2, state="idle in transaction (aborted)", ms=20.0), session(3, "idle", "Client", 0.0, 0.0),
        session(4, "active", "Lock", blockers=(1,)), session(5, "active", "Client"), session(6, "active", "IO"),
        session(7, "active"), session(8, ""),
    ]  # fmt: skip
    assert counts(there) == {
        "db.sessions": 8, "db.active": 4, "db.idle": 1, "db.idle_in_transaction": 2, "db.wait_lock": 1, "db.wait_io": 1,
        "db.blocked": 1, "db.oldest_transaction_ms": 150.0,
    }  # fmt: skip
    assert counts([]) == {"db.sessions": 0, "db.blocked": 0, "db.oldest_transaction_ms": 0.0}


def test_who_waits_for_whom_is_said_statement_by_statement():
    there = [
        session(), session(2, "active", "Lock", 6.0, 30.0, "DELETE", (1,)),
        session(3, "active", "Lock", 7.0, 40.0, "DELETE", (1, 99)), session(4, "active", "", 8.0, 1.0, "SELECT"),
    ]  # fmt: skip
    assert blocked(there) == [Blocked("DELETE", UPDATE, "idle in transaction", 2, 40.0)]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("SELECT * FROM a WHERE b = 'se''cret' AND n = 7", "SELECT * FROM a WHERE b = ? AND n = ?"),
        ("UPDATE a SET b = 'secret that was cut o", "UPDATE a SET b = ?"),
        ("UPDATE a SET b = $x$secret that was cut o", "UPDATE a SET b = ?"),
        ("SELECT 1 /* secret that was cut o", "SELECT ? ?"),
        (r"SELECT E'it\'s secret', 'and' FROM a", "SELECT ?, ? FROM a"),
        (r"SELECT E'it\'s secret that was cut o", "SELECT ?"),
        ("SELECT E'secret that was cut \\", "SELECT ?"),
        ("SELECT $1, $2", "SELECT $1, $2"),
    ],
)
def test_no_literal_stays_also_not_of_a_statement_that_was_cut_off(text, kept):
    assert shape(text) == kept


@given(st.text(st.characters(codec="ascii"), max_size=60), st.integers(0, 80))
def test_nothing_of_a_quoted_text_stays_wherever_it_is_cut(secret, end):
    quoted = "SELECT '" + ("Q" + secret).replace("'", "''") + "'"
    assert "Q" not in shape(quoted[:end]).replace("SELECT", "")
