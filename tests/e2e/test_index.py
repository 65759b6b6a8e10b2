"""`nineam index` through the front door, on SQLite: what is missed and what is not; nothing is left or touched."""

import contextlib
import json
import os
import signal
import sqlite3

import pytest
from index_runs import write_run

from nineam.store.reader import read

SHOP = """
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id), status TEXT NOT NULL,
  paid INTEGER NOT NULL, created_at TEXT NOT NULL, note TEXT);
CREATE INDEX users_email ON users (email);
"""
MODELS = '''
class Order(Base):
    """An order."""

    __tablename__ = "orders"
    id = mapped_column(primary_key=True)
'''
PAGE = "SELECT id, note FROM orders WHERE status = ? ORDER BY created_at DESC LIMIT ?"
ROWS = 400


@pytest.fixture
def shop(tmp_path):
    """Return a folder with a shop's database and its models in it."""
    with contextlib.closing(sqlite3.connect(tmp_path / "shop.db")) as connection, connection:
        connection.executescript(SHOP)
        people = [(f"u{n}@shop.example",) for n in range(ROWS)]
        connection.executemany("INSERT INTO users (email) VALUES (?)", people)
        connection.executemany(
            "INSERT INTO orders (user_id, status, paid, created_at, note) VALUES (?, ?, ?, ?, ?)",
            [
                (1 + n * 7 % ROWS, f"status {n * 11 % 13}", n % 2, f"2026-01-01 {n // 60:02}:{n % 60:02}", f"note {n}")
                for n in range(ROWS)
            ],
        )
    (tmp_path / "models.py").write_text(MODELS)
    return tmp_path


def proved(nineam, shop, *statements, times="100", options=()):
    """Prove on a clone; the report."""
    write_run(shop / "run.db", *statements)
    before = (shop / "shop.db").read_bytes()
    outcome = nineam(
        "index", "run.db", "--database", "shop.db", "--times", times, "--json", "-", "--quiet", *options, cwd=shop
    )
    assert outcome.code == 0, outcome.err
    assert (shop / "shop.db").read_bytes() == before
    assert list(shop.glob(".nineam/grown/*")) == []
    return json.loads(outcome.out)


def add(shop, sql):
    with contextlib.closing(sqlite3.connect(shop / "shop.db")) as connection, connection:
        connection.execute(sql)


def test_a_missing_index_is_found_built_and_proved_and_gone_once_it_is_there(nineam, shop):
    report = proved(nineam, shop, PAGE)
    (proof,) = report["proofs"]
    assert report["schema"] == "nineam/index/1"
    assert (proof["code"], proof["table"], proof["rows"]) == ("missing-index", "orders", 100 * ROWS)
    assert proof["ddl"] == "CREATE INDEX ix_orders_status_created_at ON orders (status, created_at)"
    assert proof["model_at"] == "models.py:2 (Order)"
    assert proof["model"] == '__table_args__ = (Index("ix_orders_status_created_at", "status", "created_at"),)'
    (timed,) = proof["statements"]
    assert timed["ratio_low"] >= 1.5
    assert "SCAN orders" in timed["plan_before"]
    assert "ix_orders_status_created_at" in timed["plan_after"]
    assert timed["notes"] == ["LIMIT taken as 20"]
    assert proof["bytes"] > 100_000
    assert proof["write"]["what"] == "insert"
    shown = nineam("report", "run.db", "--json", "-", cwd=shop)
    (finding,) = [each for each in json.loads(shown.out)["findings"] if each["code"] == "missing-index"]
    assert (finding["where"], finding["endpoint"]) == ("app/views.py:7", "GET /orders")
    assert proof["ddl"] in finding["fix"]
    assert 0 < finding["ms_per_request"] <= 1
    (shop / "run.db").unlink()
    add(shop, proof["ddl"])
    report = proved(nineam, shop, PAGE)
    assert (report["proofs"], report["rejected"], report["quick"]) == ([], [], 1)
    assert "missing-index" not in nineam("report", "run.db", cwd=shop).out


def test_on_a_small_table_nothing_is_recommended(nineam, shop):
    report = proved(nineam, shop, PAGE, times="1")
    assert (report["proofs"], report["small"]) == ([], 1)


def test_values_are_in_no_file_and_on_no_screen(nineam, shop):
    write_run(shop / "run.db", PAGE, "SELECT id FROM users WHERE lower(email) = ?")
    outcome = nineam("index", "run.db", "--database", "shop.db", "--times", "100", "--json", "a.json", cwd=shop)
    assert outcome.code == 0, outcome.err
    assert "1. " in outcome.out
    said = (outcome.out + outcome.err).encode() + (shop / "a.json").read_bytes() + (shop / "run.db").read_bytes()
    assert b"@shop.example" not in said
    assert b"status 1" not in said


def test_a_clone_of_the_user_s_is_used_and_left_as_it_was(nineam, shop):
    assert nineam("grow", "shop.db", "--times", "100", "--quiet", cwd=shop).code == 0
    clone = shop / ".nineam/grown/shop-grown.db"
    write_run(shop / "run.db", PAGE)
    outcome = nineam("index", "run.db", "--database", "shop.db", "--clone", str(clone), "--quiet", cwd=shop)
    assert outcome.code == 0, outcome.err
    assert "missing-index" in outcome.out
    with contextlib.closing(sqlite3.connect(clone)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
        assert names == {"users_email"}
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (100 * ROWS,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_interrupt_leaves_no_clone(start, until, shop):
    write_run(shop / "run.db", PAGE)
    running = start("index", "run.db", "--database", "shop.db", "--rows", "400k", cwd=shop)
    until(lambda: "trying" in running.said())
    os.kill(running.pid, signal.SIGINT)
    outcome = running.outcome()
    assert outcome.code == 130, outcome.err
    assert list(shop.glob(".nineam/grown/*")) == []
    assert read(shop / "run.db").meta.get("indexes") is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("none.db",), "no run file at none.db"),
        (("run.db", "--clone", "shop.db"), "not made by nineam"),
        (("run.db", "--clone", "gone.db"), "no clone called gone"),
        (("run.db", "--rows", "5k", "--times", "3"), "exclude"),
        (("silent.db",), "no statements"),
    ],
)
def test_mistakes_are_refused_with_the_next_step(nineam, shop, arguments, words):
    write_run(shop / "run.db", PAGE)
    write_run(shop / "silent.db")
    nineam("index", *arguments, "--database", "shop.db", cwd=shop).refuses(2, words)


def test_which_database_has_to_be_said_and_be_on_this_machine(nineam, shop):
    write_run(shop / "run.db", PAGE)
    nineam("index", "run.db", cwd=shop).refuses(2, "which database?")
    nineam("index", "run.db", "--database", "postgresql://db.example/x", cwd=shop).refuses(2, "db.example")
