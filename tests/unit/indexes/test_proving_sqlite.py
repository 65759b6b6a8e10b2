"""Indexes proved on an SQLite clone: what is missed, and what only looks like it."""

import contextlib
import sqlite3
import time

import pytest

from nineam.errors import UsageError
from nineam.indexes.prepared import Asked
from nineam.indexes.proving import prove
from nineam.indexes.sqlite import SqliteDatabase

ORDERS = 30_000
TABLES = """
CREATE TABLE nineam_clone (source TEXT NOT NULL);
INSERT INTO nineam_clone VALUES ('shop.db');
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, status TEXT NOT NULL, paid INTEGER NOT NULL,
  created_at INTEGER NOT NULL, note TEXT);
CREATE TABLE countries (code TEXT PRIMARY KEY, name TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
  INSERT INTO users (email) SELECT 'u' || i || '@shop.example' FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
  INSERT INTO countries SELECT 'c' || i, 'country ' || i FROM n;
"""
FILL = f"""
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ORDERS})
  INSERT INTO orders (user_id, status, paid, created_at, note)
  SELECT 1 + i * 7919 % 3000, 'status ' || (i * 31 % 50), i % 2, i * 7907 % 100003, 'note ' || i FROM n;
"""
BY_STATUS = "SELECT id, note FROM orders WHERE status = ? ORDER BY created_at DESC LIMIT ?"


@pytest.fixture
def clone():
    """Return a connection to a marked database of 30,000 orders."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(TABLES + FILL + "ANALYZE;")
        yield connection


def proved(connection, *statements, first=None, **options):
    """Prove these statements; the report. Nothing is left in the clone."""
    if first:
        connection.executescript(first + "; ANALYZE;")
    before = state(connection)
    report = prove(
        [Asked(text=each, executions=9) for each in statements],
        SqliteDatabase(connection, time.perf_counter),
        "clone",
        seed=1,
        now=time.perf_counter,
        hear=lambda words: None,
        **options,
    )
    assert state(connection) == before
    return report


def state(connection):
    tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'").fetchall()
    return tables, connection.execute("SELECT count(*), max(id), total(created_at) FROM orders").fetchall()


def names(parts):
    return " ".join(part.text for part in parts)


def test_the_columns_filtered_by_stand_before_the_order(clone):
    (proof,) = proved(clone, BY_STATUS).proofs
    assert (proof.code, names(proof.parts), proof.rows) == ("missing-index", "status created_at", ORDERS)
    assert proof.statements[0].ratio_low >= 1.5
    assert proof.bytes > 100_000
    assert proof.write is not None
    assert proof.write.what == "insert"
    assert proof.write.rows == 1000


def test_with_the_index_there_nothing_is_found(clone):
    report = proved(clone, BY_STATUS, first="CREATE INDEX there ON orders (status, created_at)")
    assert (report.proofs, report.rejected, report.quick) == ((), (), 1)


def test_a_small_table_is_left_alone(clone):
    report = proved(clone, "SELECT code FROM countries WHERE name = ?")
    assert (report.proofs, report.small) == ((), 1)


def test_what_every_second_row_has_is_not_worth_an_index(clone):
    report = proved(clone, "SELECT max(note) FROM orders WHERE paid = ?")
    assert report.proofs == ()
    assert [each.index for each in report.rejected] == ["paid"]


def test_an_index_on_the_bare_column_does_not_do_for_a_function_of_it(clone):
    text = "SELECT id FROM orders WHERE upper(note) = ?"
    (proof,) = proved(clone, text, first="CREATE INDEX by_note ON orders (note)").proofs
    assert (proof.code, proof.existing) == ("wrong-index", "by_note")
    assert names(proof.parts) == 'UPPER("note")'
    assert "it holds note" in proof.reason
    assert proved(clone, text, first=f"{proof.ddl}; ").proofs == ()


def test_a_time_that_is_read_in_order_until_enough_fit_is_a_wrong_index(clone):
    text = "SELECT id FROM orders WHERE user_id = ? ORDER BY created_at DESC LIMIT ?"
    (proof,) = proved(clone, text, first="CREATE INDEX by_time ON orders (created_at)").proofs
    assert (proof.code, proof.existing) == ("wrong-index", "by_time")
    assert names(proof.parts).startswith("user_id")


def test_one_index_serves_two_statements(clone):
    (proof,) = proved(clone, BY_STATUS, "SELECT note FROM orders WHERE status = ? ORDER BY created_at LIMIT ?").proofs
    assert len(proof.statements) == 2


def test_two_statements_that_need_different_indexes_have_two(clone):
    report = proved(clone, BY_STATUS, "SELECT max(note) FROM orders WHERE user_id = ?")
    assert {names(proof.parts).split()[0] for proof in report.proofs} == {"status", "user_id"}


def test_the_side_of_a_join_that_has_no_index_is_found(clone):
    text = "SELECT u.email, o.note FROM users u JOIN orders o ON o.user_id = u.id WHERE u.email = ?"
    found = proved(clone, text).proofs
    assert {proof.table for proof in found} <= {"users", "orders"}
    assert any(names(proof.parts) in ("user_id", "email") for proof in found)


def test_what_the_database_does_not_know_is_not_tried(clone):
    report = proved(clone, "SELECT made_up(id) FROM users", "UPDATE orders SET note = ?", "SELECT ?")
    assert [each.why.split(":")[0] for each in report.not_tried] == [
        "the database refuses it",
        "it writes to every row, which no index spares it",
    ]
    assert "no such function" in report.not_tried[0].why


def test_updates_tell_the_cost_where_copies_are_refused(clone):
    unique = "CREATE UNIQUE INDEX only_once ON orders (note)"
    (proof,) = proved(clone, BY_STATUS, first=unique).proofs
    assert proof.write is not None
    assert proof.write.what == "update"


ASSOCIATION = """
CREATE TABLE favorites (user_id INTEGER REFERENCES users, order_id INTEGER REFERENCES orders,
  PRIMARY KEY (user_id, order_id));
INSERT INTO favorites SELECT 1 + id * 31 % 3000, id FROM orders;
CREATE TABLE tasks (id TEXT PRIMARY KEY, user_id INTEGER, name TEXT);
INSERT INTO tasks SELECT 'task ' || id, user_id, note FROM orders
"""


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("SELECT user_id FROM favorites WHERE order_id = ?", "insert"),
        ("SELECT name FROM tasks WHERE user_id = ?", "update"),
    ],
)
def test_a_table_whose_key_nobody_gives_out_tells_what_writing_costs_too(clone, statement, what):
    (proof,) = proved(clone, statement, first=ASSOCIATION).proofs
    assert (proof.write.what, proof.write.rows) == (what, 1000)
    counts = [clone.execute(f"SELECT count(*) FROM {each}").fetchone()[0] for each in ("favorites", "tasks")]
    assert counts == [ORDERS, ORDERS]
    assert clone.execute("SELECT count(*) FROM temp.sqlite_master").fetchone() == (0,)


def test_the_report_holds_no_value_of_a_column(clone):
    report = repr(proved(clone, BY_STATUS, "SELECT id FROM orders WHERE upper(note) = ?"))
    assert "status 1" not in report
    assert "note 1" not in report.lower()


def test_a_database_that_is_no_clone_is_refused():
    with contextlib.closing(sqlite3.connect(":memory:")) as connection, pytest.raises(UsageError, match="not made by"):
        SqliteDatabase(connection, time.perf_counter)


def test_what_was_left_by_a_kill_is_dropped(clone):
    clone.execute("CREATE INDEX nineam_tried ON orders (note)")
    SqliteDatabase(clone, time.perf_counter)
    assert clone.execute("SELECT count(*) FROM sqlite_master WHERE name = 'nineam_tried'").fetchone() == (0,)


def test_a_pattern_that_may_begin_with_anything_is_told_to_be_beyond_an_index(clone):
    report = proved(clone, "SELECT id FROM orders WHERE note LIKE ?", first="CREATE INDEX by_note ON orders (note)")
    assert report.proofs == ()
    (rejection,) = report.rejected
    assert rejection.index == ""
    assert "a pattern that may begin with anything, which no b-tree finds, not even by_note" in rejection.why


def test_a_statement_that_reads_everything_on_purpose_is_said_to(clone):
    (rejection,) = proved(clone, "SELECT max(note), sum(paid) FROM orders").rejected
    assert "by nothing that an index could hold" in rejection.why


def test_what_no_time_was_left_for_is_said(clone):
    report = proved(clone, BY_STATUS, limit_s=0.0)
    assert (report.proofs, [each.why for each in report.not_tried]) == ((), ["no time was left for it"])


def test_a_statement_that_takes_too_long_without_the_index_is_stopped_and_told_so(clone, monkeypatch):
    for module in ("sqlite", "timing"):
        monkeypatch.setattr(f"nineam.indexes.{module}.LIMIT_S", 0.2)
    text = "SELECT id, (SELECT max(o.note) FROM orders o WHERE o.user_id = u.id) FROM users u WHERE u.id < ?"
    (proof,) = proved(clone, text, first="PRAGMA automatic_index = OFF").proofs
    (timed,) = proof.statements
    assert names(proof.parts) == "user_id"
    assert timed.before_ms == pytest.approx(200)
    assert "stopped without the index: it takes longer than is told" in timed.notes


@pytest.mark.parametrize(
    "text", ["UPDATE orders SET status = ?, paid = paid + ? WHERE note = ?", "DELETE FROM orders WHERE note = ?"]
)
def test_rows_that_a_writing_statement_looks_for_miss_an_index_too_and_stay_as_they_are(clone, text):
    (proof,) = proved(clone, text).proofs
    assert (proof.code, names(proof.parts)) == ("missing-index", "note")
    assert proof.statements[0].ratio_low >= 1.5
    assert "taken back each time, so without its commit" in proof.statements[0].notes
    assert proof.write is not None
    assert proved(clone, text, first=proof.ddl).proofs == ()
