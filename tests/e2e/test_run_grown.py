"""`nineam run --grown` through the front door, on SQLite: three columns, growth, proof, refusals, and no clone left."""

import contextlib
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

SHOP = """
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id), total INTEGER);
"""
QUICK = ("--localhost-time", "0.6", "--stair-time", "0.6", "--after-time", "0.3", "--observer-time", "0")
LOAD = ("grown_shop:app", "--users", "1", "--no-climb", "--think", "0.02", "--proof-time", "0", *QUICK)
SCAN, LOOKUP = "GET /orders/dear", "GET /users/first"


def fill(folder):
    with contextlib.closing(sqlite3.connect(folder / "grown_shop.db")) as connection, connection:
        connection.executescript(SHOP)
        connection.executemany("INSERT INTO users (email) VALUES (?)", [(f"u{n}@shop.example",) for n in range(50)])
        connection.executemany(
            "INSERT INTO orders (user_id, total) VALUES (?, ?)", [(1 + n % 50, n * 7 % 53) for n in range(400)]
        )


@pytest.fixture
def grown_shop(shop):
    fill(shop)
    return shop


def clones(folder):
    return [path.name for path in (folder / ".nineam").rglob("*") if "_run_" in path.name]


def test_an_endpoint_that_scans_grows_with_the_data_and_one_that_looks_up_does_not(nineam, grown_shop):
    before = (grown_shop / "grown_shop.db").read_bytes()
    (grown_shop / ".env").write_text("SHOP_DB=sqlite:///grown_shop.db\n")
    files = ("--json", "run.json", "--html", "run.html", "--markdown", "run.md")
    outcome = nineam("run", *LOAD, "--grown", "--times", "1000", *files, cwd=grown_shop)
    assert outcome.code in {0, 4, 99}, outcome.err
    document = json.loads((grown_shop / "run.json").read_text())
    grown = document["grown"]
    assert grown["proven"], grown["proof"]
    assert (grown["database"], grown["variable"], grown["problem"]) == ("sqlite", "SHOP_DB", "")
    assert (grown["rows"], grown["after"]) == (450, 450_000)
    assert grown["tables"]["orders"] == {"rows": 400, "after": 400_000}
    growth = {each["endpoint"]: each for each in grown["growth"] if not each["statement"]}
    assert [point["rows"] for point in growth[SCAN]["points"]] == [450, 4_500, 45_000, 450_000]
    # a machine that is busy with other tests may widen the interval, but never make it flat, or the lookup grow as much
    assert growth[SCAN]["shape"] in {"linear", "cannot-tell", "power"}, growth[SCAN]
    assert growth[SCAN]["low"] - 0.2 <= 1.0 <= growth[SCAN]["high"] + 0.2
    assert growth[SCAN]["times"] > 5
    assert growth[LOOKUP]["shape"] in {"constant", "log", "cannot-tell"}, growth[LOOKUP]
    assert growth[LOOKUP]["times"] < growth[SCAN]["times"] / 2
    (statement,) = [each for each in grown["growth"] if each["statement"] and each["endpoint"] == SCAN]
    assert statement["statement"] == "SELECT count(*) FROM orders WHERE total * total % ? = ?"
    assert {point["executions"] for point in statement["points"]} == {1.0}
    for phase in (document["localhost"], document["monday"], grown["localhost"], grown["monday"]):
        assert phase["endpoints"].keys() >= {SCAN, LOOKUP}
    assert grown["monday"]["users"] == document["monday"]["users"] == 1
    assert grown["localhost"]["endpoints"][SCAN]["p95_ms"] > document["localhost"]["endpoints"][SCAN]["p50_ms"]
    for said in (outcome.out, (grown_shop / "run.html").read_text(), (grown_shop / "run.md").read_text()):
        assert "with production data" in said.lower()
        assert "450,000 rows" in said
    assert not (grown_shop / ".nineam" / "grown").exists()
    assert (grown_shop / "grown_shop.db").read_bytes() == before


def test_an_application_that_goes_elsewhere_proves_nothing(nineam, grown_shop):
    environment = {"SHOP_DB": "sqlite:///grown_shop.db", "IGNORE_IT": "1"}
    outcome = nineam("run", *LOAD, "--grown", "--times", "2", "--json", "run.json", cwd=grown_shop, env=environment)
    grown = json.loads((grown_shop / "run.json").read_text())["grown"]
    assert not grown["proven"]
    assert {each["shape"] for each in grown["growth"]} == {"cannot-tell"}
    assert "NOT PROVEN that it was used" in " ".join(outcome.out.split())
    assert clones(grown_shop) == []


def test_interrupted_on_the_clone_it_leaves_none_and_keeps_the_run(start, until, grown_shop):
    options = ("--grown", "--times", "1000", "--database", "grown_shop.db", "--database-variable", "SHOP_DB")
    running = start("run", *LOAD, *options, cwd=grown_shop)
    until(lambda: "the application again" in running.said())
    assert len(clones(grown_shop)) == 3
    running.process.send_signal(signal.SIGINT)
    outcome = running.outcome()
    assert outcome.code == 130, outcome.err
    assert "INTERRUPTED" in outcome.out
    assert clones(grown_shop) == []


def test_interrupted_while_clones_are_made_it_leaves_none_and_starts_nothing(start, until, grown_shop):
    environment = {"SHOP_DB": "sqlite:///grown_shop.db"}
    running = start("run", *LOAD, "--grown", "--rows", "50M", cwd=grown_shop, env=environment)
    until(lambda: any("_run_" in name and name.endswith("_2.db") for name in clones(grown_shop)))
    running.process.send_signal(signal.SIGINT)
    outcome = running.outcome()
    assert outcome.code == 130, outcome.err
    assert "interrupted while the clones were made" in outcome.err
    assert "starting" not in outcome.err
    assert clones(grown_shop) == []


def test_what_a_kill_left_is_dropped_with_the_clones_of_the_database(start, until, nineam, grown_shop):
    environment = {"SHOP_DB": "sqlite:///grown_shop.db"}
    running = start("run", *LOAD, "--grown", "--rows", "50M", cwd=grown_shop, env=environment)
    until(lambda: "orders (0 of 49" in running.said())
    running.kill()
    assert len(clones(grown_shop)) == 3
    assert nineam("grow", "grown_shop.db", "--drop", cwd=grown_shop).code == 0
    assert clones(grown_shop) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("grown_shop:app", "--grown"),
            (
                "in no variable of its environment",
                "its code reads SHOP_DB (grown_shop.py:10)",
                "--database-variable",
            ),
        ),
        (("grown_shop:app", "--times", "5"), ("--times is about the clones of --grown", "add --grown")),
        (("grown_shop:app", "--grown", "--env", "SHOP_DB=sqlite:///no.db"), ("cannot read", "no.db")),
        (("grown_shop:app", "--grown", "--env", "SHOP_DB=mysql://10.1.2.3/shop"), ("10.1.2.3 is not this machine",)),
        (("http://127.0.0.1:1", "--grown"), ("did not start this application", "module:app")),
    ],
)
def test_what_cannot_be_grown_is_refused_before_anything_starts(nineam, grown_shop, arguments, words):
    nineam("run", *arguments, "--journeys", "flask_monday.py", cwd=grown_shop).refuses(2, *words)
    assert not (grown_shop / ".nineam").exists()


def test_a_django_project_is_led_to_the_clone_through_its_settings_and_its_queries_grow(nineam, tmp_path):
    folder = tmp_path / "project"
    shutil.copytree(Path(__file__).parent / "apps" / "django_project", folder)
    subprocess.run([sys.executable, "fill.py"], cwd=folder, check=True, timeout=60)
    (folder / "urls.txt").write_text("GET /orders/\nGET /orders/1/\n")
    load = ("--users", "1", "--no-climb", "--think", "0.02", "--proof-time", "0", *QUICK, "--urls", "urls.txt")
    outcome = nineam("run", "manage.py", *load, "--grown", "--times", "7", "--json", "run.json", cwd=folder)
    assert outcome.code in {0, 4, 99}, outcome.err
    grown = json.loads((folder / "run.json").read_text())["grown"]
    assert grown["proven"], grown["proof"]
    assert grown["variable"] == "DATABASES of shop.settings"
    assert grown["tables"]["shop_order"] == {"rows": 12, "after": 84}
    executed = {
        (each["endpoint"], point["rows"]): point["executions"]
        for each in grown["growth"]
        for point in each["points"]
        if "WHERE" in each["statement"] and each["endpoint"] == "GET /orders/"
    }
    assert executed["GET /orders/", grown["rows"]] == 12
    assert executed["GET /orders/", grown["after"]] == 84
    assert clones(folder) == []
