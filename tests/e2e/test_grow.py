"""`nineam grow` through the front door, on SQLite: the plan, the clone, refusals, and what an interrupt leaves."""

import contextlib
import json
import os
import signal
import sqlite3
from pathlib import Path

import psutil
import pytest

SHOP = """
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE, team TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id), total INTEGER);
CREATE TABLE carts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id));
CREATE INDEX orders_user ON orders (user_id);
CREATE TABLE audit (what TEXT);
CREATE TRIGGER told AFTER INSERT ON orders BEGIN INSERT INTO audit VALUES ('order'); END;
"""
USERS, ORDERS = 40, 120


@pytest.fixture
def shop(tmp_path):
    """Return a folder with a shop's database in it."""
    with contextlib.closing(sqlite3.connect(tmp_path / "shop.db")) as connection, connection:
        connection.executescript(SHOP)
        people = [(f"u{n}@shop.example", ["red", None, "blue"][n % 3]) for n in range(USERS)]
        connection.executemany("INSERT INTO users (email, team) VALUES (?, ?)", people)
        connection.executemany(
            "INSERT INTO orders (user_id, total) VALUES (?, ?)", [(1 + n % USERS, n * 7 % 50) for n in range(ORDERS)]
        )
    return tmp_path


def ask(path, sql):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_clone_is_made_and_named_and_the_original_stays_as_it_is(nineam, shop):
    before = (shop / "shop.db").read_bytes()
    outcome = nineam("grow", "shop.db", "--times", "50", "--json", "grown.json", cwd=shop)
    assert outcome.code == 0, outcome.err
    clone = shop / ".nineam" / "grown" / "shop-grown.db"
    assert (shop / "shop.db").read_bytes() == before
    assert files(shop) == {"shop.db", "grown.json", ".nineam/grown/shop-grown.db"}
    assert ask(clone, "SELECT count(*), count(DISTINCT email) FROM users") == [(USERS * 50, USERS * 50)]
    assert ask(clone, "SELECT count(*) FROM orders JOIN users ON users.id = user_id") == [(ORDERS * 50,)]
    assert ask(clone, "SELECT seq FROM sqlite_sequence WHERE name = 'users'") == ask(clone, "SELECT max(id) FROM users")
    assert ask(clone, "SELECT count(*) FROM sqlite_stat1") != [(0,)]
    assert f"sqlite:///{clone}" in outcome.out
    assert "not grown: carts: it is empty" in outcome.out
    document = json.loads((shop / "grown.json").read_text())
    assert document["schema"] == "nineam/grow/1"
    assert document["tables"]["orders"] == {"rows": ORDERS, "after": ORDERS * 50, "times": 50, "why": ""}
    assert "empty" in document["tables"]["carts"]["why"]
    assert document["address"] == f"sqlite:///{clone}"


def test_a_check_says_how_alike_the_clone_is(nineam, shop):
    outcome = nineam("grow", "shop.db", "--times", "30", "--check", "--json", "grown.json", cwd=shop)
    assert outcome.code == 0, outcome.err
    assert "check: all 7 definitions (constraints, indexes, triggers) are there and hold" in outcome.out
    assert "apart: " not in outcome.out
    check = json.loads((shop / "grown.json").read_text())["check"]
    assert check["definitions"] == 7
    assert set(check["compared"]) == {"rows", "nulls", "commonest value", "fan-out"}
    assert check["different"] == []
    assert set(check["largest_difference"].values()) == {0.0}


def test_empty_tables_are_filled_when_asked(nineam, shop):
    pytest.importorskip("faker")
    outcome = nineam("grow", "shop.db", "--times", "20", "--fill", "50", "--json", "grown.json", "--check", cwd=shop)
    assert outcome.code == 0, outcome.err
    assert "made up: 50 rows; empty tables filled: 1" in outcome.out
    clone = shop / ".nineam" / "grown" / "shop-grown.db"
    assert ask(clone, "SELECT count(*) > 800 FROM carts JOIN users ON users.id = user_id") == [(1,)]
    assert ask(shop / "shop.db", "SELECT count(*) FROM carts") == [(0,)]
    tables = json.loads((shop / "grown.json").read_text())["tables"]
    assert tables["carts"] == {"rows": 50, "after": 1000, "times": 20, "why": "", "made_up": 50}
    assert "made_up" not in tables["users"]
    planned = nineam("grow", "shop.db", "--like", "carts=5k", "--fill", "50", "--dry-run", cwd=shop)
    assert "carts" in planned.out
    assert "made up" in planned.out
    assert " 280 rows become 5,280" in planned.out


def test_triggers_do_not_fire_for_copies_and_fire_again_afterwards(nineam, shop):
    assert nineam("grow", "shop.db", "--times", "5", "--keep", "audit", cwd=shop).code == 0
    clone = shop / ".nineam" / "grown" / "shop-grown.db"
    assert ask(clone, "SELECT count(*) FROM audit") == [(ORDERS,)]
    with contextlib.closing(sqlite3.connect(clone)) as connection:
        connection.execute("INSERT INTO orders (user_id) VALUES (1)")
        assert connection.execute("SELECT count(*) FROM audit").fetchone() == (ORDERS + 1,)


def test_a_plan_alone_makes_nothing(nineam, shop):
    outcome = nineam("grow", "shop.db", "--rows", "10k", "--dry-run", "--json", "-", cwd=shop)
    assert outcome.code == 0, outcome.err
    document = json.loads(outcome.out)
    assert document["clone"] is None
    assert abs(sum(table["after"] for table in document["tables"].values()) - 10_000) < 300
    assert "orders" in outcome.err
    assert files(shop) == {"shop.db"}


def test_a_clone_in_the_way_is_kept_until_it_is_to_be_replaced_or_dropped(nineam, shop):
    assert nineam("grow", "shop.db", "--times", "2", cwd=shop).code == 0
    nineam("grow", "shop.db", "--times", "3", cwd=shop).refuses(2, "there is a clone already", "--replace")
    assert nineam("grow", "shop.db", "--times", "3", "--replace", cwd=shop).code == 0
    clone = ".nineam/grown/shop-grown.db"
    assert ask(shop / clone, "SELECT count(*) FROM users") == [(USERS * 3,)]
    nineam("grow", clone, "--times", "2", cwd=shop).refuses(2, "is a clone that nineam made", "grow the original")
    outcome = nineam("grow", "shop.db", "--drop", cwd=shop)
    assert outcome.code == 0
    assert files(shop) == {"shop.db"}


def test_only_what_nineam_made_is_dropped_or_replaced(nineam, shop):
    with contextlib.closing(sqlite3.connect(shop / "other.db")) as connection:
        connection.execute("CREATE TABLE mine (id)")
    nineam("grow", "shop.db", "--drop", "--name", "other.db", cwd=shop).refuses(2, "was not made by nineam")
    nineam("grow", "shop.db", "--drop", "--name", "none.db", cwd=shop).refuses(2, "there is no file")
    nineam("grow", "shop.db", "--times", "2", "--name", "other.db", "--replace", cwd=shop).refuses(
        2, "was not made by nineam"
    )
    nineam("grow", "shop.db", "--times", "2", "--name", "shop.db", "--replace", cwd=shop).refuses(2, "is the original")
    assert ask(shop / "other.db", "SELECT count(*) FROM mine") == [(0,)]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere.db",), ("cannot read nowhere.db",)),
        (("notes.txt",), ("is no SQLite database",)),
        (("folder",), ("cannot read folder",)),
        ((), ("DATABASE_URL is not set",)),
        (("shop.db", "--times", "1"), ("expected 2 to",)),
        (("shop.db", "--times", "2", "--rows", "5k"), ("--rows and --times",)),
        (("shop.db", "--rows", "lots"), ("expected a number of rows",)),
        (("shop.db", "--rows", "100"), ("has 280 rows already",)),
        (("shop.db", "--like", "order=5k"), ("did you mean orders?",)),
        (("shop.db", "--like", "orders=5"), ("has 120 rows already",)),
        (("shop.db", "--like", "carts=5k"), ("it is empty",)),
        (("shop.db", "--keep", "user"), ("did you mean users?",)),
        (("shop.db", "--depth", "1"), ("expected a share",)),
        (("shop.db", "--fill", "0"), ("--fill 0: expected 1 to 10,000",)),
        (("shop.db", "--rows", "90b"), ("has room for", "drop older clones")),
        (("shop.db", "--times", "2", "--out", "notes.txt"), ("cannot be written", "--out DIR")),
        (("oracle://127.0.0.1/shop",), ("oracle is not supported yet",)),
        (("postgresql://203.0.113.9/shop",), ("is not this machine", "--allow-host")),
        (("postgresql://127.0.0.1:1/shop",), ("cannot connect to PostgreSQL",)),
    ],
)
def test_wrong_input_is_refused_with_the_next_step(nineam, shop, arguments, says):
    (shop / "notes.txt").write_text("no database\n" * 20)
    (shop / "folder").mkdir()
    nineam("grow", *arguments, cwd=shop, env={"DATABASE_URL": ""}).refuses(2, *says)
    assert not (shop / ".nineam").exists()


def test_a_database_that_a_process_is_writing_to_is_said_to_be_busy(nineam, shop):
    with contextlib.closing(sqlite3.connect(shop / "shop.db", isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        nineam("grow", "shop.db", "--times", "2", cwd=shop).refuses(3, "is locked", "Stop the application")
    assert files(shop) == {"shop.db"}


def test_a_wal_database_is_read_without_leaving_anything_beside_it(nineam, shop):
    with contextlib.closing(sqlite3.connect(shop / "shop.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    before = (shop / "shop.db").read_bytes()
    assert nineam("grow", "shop.db", "--times", "2", "--name", "big.db", cwd=shop).code == 0
    assert (shop / "shop.db").read_bytes() == before
    assert files(shop) == {"shop.db", "big.db"}
    assert ask(shop / "big.db", "PRAGMA journal_mode") == [("wal",)]


def test_what_the_log_of_a_running_application_holds_is_in_the_clone(nineam, shop):
    with contextlib.closing(sqlite3.connect(shop / "shop.db", isolation_level=None)) as application:
        application.execute("PRAGMA journal_mode = WAL")
        application.execute("INSERT INTO users (email) VALUES ('late@shop.example')")
        assert nineam("grow", "shop.db", "--times", "2", "--name", "big.db", cwd=shop).code == 0
    assert ask(shop / "big.db", "SELECT count(*) FROM users WHERE email LIKE 'late%'") == [(2,)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_no_clone(start, until, shop, number):
    running = start("grow", "shop.db", "--rows", "60M", cwd=shop)
    until(lambda: "orders (" in running.said() or "users (" in running.said())
    os.kill(running.pid, number)
    outcome = running.outcome()
    assert outcome.code == 130, outcome.err
    assert "interrupted" in outcome.err
    assert files(shop) == {"shop.db"}


def test_what_a_kill_left_is_removed_by_the_next_one(start, until, nineam, shop):
    running = start("grow", "shop.db", "--rows", "60M", cwd=shop)
    until(lambda: "orders (" in running.said() or "users (" in running.said())
    running.kill()
    assert files(shop) > {"shop.db"}
    assert nineam("grow", "shop.db", "--times", "2", cwd=shop).code == 0
    assert files(shop) == {"shop.db", ".nineam/grown/shop-grown.db"}


def test_what_a_kill_left_is_dropped_too(start, until, nineam, shop):
    running = start("grow", "shop.db", "--rows", "60M", cwd=shop)
    until(lambda: "orders (" in running.said() or "users (" in running.said())
    running.kill()
    assert "dropped" in nineam("grow", "shop.db", "--drop", cwd=shop).out
    assert files(shop) == {"shop.db"}


def test_two_do_not_make_the_same_clone(start, until, nineam, shop):
    running = start("grow", "shop.db", "--rows", "60M", cwd=shop)
    until(lambda: "orders (" in running.said() or "users (" in running.said())
    nineam("grow", "shop.db", "--times", "2", cwd=shop).refuses(2, "another nineam is making", "--name")
    assert nineam("grow", "shop.db", "--drop", cwd=shop).out == "there are no clones of shop.db\n"
    os.kill(running.pid, signal.SIGINT)
    assert running.outcome().code == 130
    assert files(shop) == {"shop.db"}


@pytest.mark.skipif(not hasattr(psutil.Process, "rlimit"), reason="limits of another process are Linux'")
def test_a_disk_that_fills_up_in_the_middle_leaves_no_clone(start, until, shop):
    running = start("grow", "shop.db", "--rows", "60M", cwd=shop)
    until(lambda: "orders (" in running.said() or "users (" in running.said())
    psutil.Process(running.pid).rlimit(psutil.RLIMIT_FSIZE, (1_000_000, 1_000_000))
    running.outcome().refuses(3, "disk")
    assert files(shop) == {"shop.db"}


@pytest.mark.parametrize("after_s", [0.0, 0.3, 0.6, 0.9, 1.2, 1.5])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.slow
def test_whenever_it_is_ended_there_is_a_whole_clone_or_none(start, nineam, shop, after_s, number):
    running = start("grow", "shop.db", "--rows", "200k", cwd=shop)
    with contextlib.suppress(psutil.TimeoutExpired):
        psutil.Process(running.pid).wait(after_s)
    with contextlib.suppress(ProcessLookupError):
        os.kill(running.pid, number)
    code = running.outcome().code
    clone = shop / ".nineam" / "grown" / "shop-grown.db"
    if number != signal.SIGKILL:
        assert files(shop) <= {"shop.db", str(clone.relative_to(shop))}
        assert clone.exists() or code != 0
    if clone.exists():
        assert ask(clone, "PRAGMA integrity_check") == [("ok",)]
        assert ask(clone, "SELECT count(*) FROM orders JOIN users ON users.id = user_id") == [(85_680,)]
    assert nineam("grow", "shop.db", "--times", "2", "--replace", cwd=shop).code == 0
    assert files(shop) == {"shop.db", str(clone.relative_to(shop))}


def test_the_original_stays_byte_for_byte_whatever_is_done(nineam, shop):
    before = (shop / "shop.db").read_bytes(), (shop / "shop.db").stat().st_mtime_ns
    commands = (
        ("--dry-run", "--fill", "20"),
        ("--times", "3", "--check"),
        ("--times", "3"),
        ("--times", "4", "--fill", "20", "--depth", "0.3", "--replace"),
        ("--rows", "90b", "--replace"),
        ("--drop",),
    )
    codes = [nineam("grow", "shop.db", *command, cwd=shop).code for command in commands]
    assert codes == [0, 0, 2, 0, 2, 0]
    assert ((shop / "shop.db").read_bytes(), (shop / "shop.db").stat().st_mtime_ns) == before
    assert files(shop) == {"shop.db"}


ODD = """
CREATE TABLE left_one (id INTEGER PRIMARY KEY, right_id INTEGER REFERENCES right_one (id), place GEOMETRY);
CREATE TABLE right_one (id INTEGER PRIMARY KEY, left_id INTEGER NOT NULL REFERENCES left_one (id));
CREATE TABLE keyless (what TEXT, at DATETIME);
CREATE TABLE odd_key (place GEOMETRY PRIMARY KEY, n INTEGER);
INSERT INTO left_one VALUES (1, 2, x'00'), (2, 1, NULL), (3, NULL, x'01');
INSERT INTO right_one VALUES (1, 3), (2, 1);
INSERT INTO keyless VALUES ('a', '2026-01-01 10:00'), ('a', NULL), (NULL, NULL);
INSERT INTO odd_key VALUES (x'00', 1), (x'01', 2);
"""


def test_circles_tables_without_a_key_and_unknown_types(nineam, tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "odd.db")) as connection:
        connection.executescript(ODD)
    before = (tmp_path / "odd.db").read_bytes()
    outcome = nineam("grow", "odd.db", "--times", "30", "--check", "--json", "grown.json", cwd=tmp_path)
    assert outcome.code == 0, outcome.err
    clone = tmp_path / ".nineam" / "grown" / "odd-grown.db"
    assert ask(clone, "PRAGMA foreign_key_check") == []
    assert ask(clone, "SELECT count(*), count(right_id), count(place) FROM left_one") == [(90, 60, 60)]
    assert ask(clone, "SELECT count(*), count(what), count(at) FROM keyless") == [(90, 60, 30)]
    tables = json.loads((tmp_path / "grown.json").read_text())["tables"]
    assert tables["odd_key"]["after"] == 2
    assert "not grown: odd_key: (place) is unique, and nineam knows no other value for it" in outcome.out
    assert (tmp_path / "odd.db").read_bytes() == before


def test_a_table_whose_check_refuses_copies_is_left_out_and_named(nineam, tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "app.db")) as connection, connection:
        connection.executescript(
            "CREATE TABLE plan (code TEXT PRIMARY KEY CHECK (length(code) = 1), price INTEGER, day DATE);"
            "CREATE TABLE account (id INTEGER PRIMARY KEY, plan TEXT REFERENCES plan (code));"
        )
        connection.executemany("INSERT INTO plan VALUES (?, ?, '2026-01-01')", [("a", 1), ("b", 2)])
        connection.executemany("INSERT INTO account (plan) VALUES (?)", [("a",), ("b",), (None,)])
    outcome = nineam("grow", "app.db", "--times", "10", "--json", "grown.json", cwd=tmp_path)
    assert outcome.code == 0, outcome.err
    tables = json.loads((tmp_path / "grown.json").read_text())["tables"]
    assert tables["plan"]["times"] == 1
    assert "CHECK" in tables["plan"]["why"]
    assert tables["account"]["after"] == 30
    clone = Path(tmp_path) / ".nineam" / "grown" / "app-grown.db"
    assert ask(clone, "SELECT plan, count(*) FROM account GROUP BY 1") == [(None, 10), ("a", 10), ("b", 10)]


def test_on_a_terminal_there_is_a_bar(terminal, shop):
    shown = terminal("grow", "shop.db", "--rows", "300k", cwd=shop)
    assert shown.code == 0
    assert "rows/s" in shown.text
    assert shown.cooked_after
