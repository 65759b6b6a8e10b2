"""`nineam run --grown` through the front door, on PostgreSQL; and what its own statistics prove."""

import json

import pytest

from nineam.grow.use_postgres import PostgresWitness
from postgres_databases import ask, databases, new_database

pytestmark = pytest.mark.postgres
SHOP = """
CREATE TABLE users (id serial PRIMARY KEY, email varchar(80) NOT NULL UNIQUE);
CREATE TABLE orders (id bigserial PRIMARY KEY, user_id integer NOT NULL REFERENCES users, total integer);
INSERT INTO users (email) SELECT 'u' || n || '@shop.example' FROM generate_series(1, 50) n;
INSERT INTO orders (user_id, total) SELECT 1 + n % 50, n * 7 % 53 FROM generate_series(1, 400) n;
"""
QUICK = ("--localhost-time", "0.6", "--stair-time", "0.6", "--after-time", "0.3", "--observer-time", "0")
LOAD = ("grown_postgres:app", "--users", "1", "--no-climb", "--think", "0.02", "--proof-time", "0", *QUICK)


@pytest.fixture
def database():
    """Return the name of a database with a shop in it; it and its clones are dropped at the end."""
    with new_database(SHOP) as name:
        yield name


def play(nineam, shop, database, *options):
    url = f"postgresql://postgres:tell-nobody@127.0.0.1:5432/{database}"
    arguments = ("--grown", *options, "--json", "run.json")
    outcome = nineam("run", *LOAD, *arguments, cwd=shop, env={"DATABASE_URL": url})
    assert outcome.code in {0, 4, 99}, outcome.err
    return outcome, json.loads((shop / "run.json").read_text())["grown"]


def test_the_application_runs_on_a_clone_its_statistics_prove_it_and_none_is_left(nineam, shop, database):
    outcome, grown = play(nineam, shop, database, "--times", "2")
    assert grown["proven"], grown["proof"]
    assert "pg_stat_database counts" in grown["proof"]
    assert (grown["variable"], grown["rows"], grown["after"]) == ("DATABASE_URL", 450, 900)
    assert grown["monday"]["endpoints"].keys() == {"GET /orders/dear", "GET /users/first"}
    assert all("2 sizes only" in each["reason"] for each in grown["growth"])
    assert databases(database) == [database]
    assert ask(database, "SELECT count(*) FROM orders") == [(400,)]
    said = outcome.out + outcome.err + (shop / "run.json").read_text()
    assert "tell-nobody" not in said + next((shop / ".nineam").glob("run-*.db")).read_bytes().decode("latin1")


@pytest.mark.slow
def test_an_endpoint_that_scans_grows_with_the_data_and_one_that_looks_up_does_not(nineam, shop, database):
    _, grown = play(nineam, shop, database, "--like", "orders=400k")
    assert grown["after"] == 400_050
    growth = {each["endpoint"]: each for each in grown["growth"] if not each["statement"]}
    scan, lookup = growth["GET /orders/dear"], growth["GET /users/first"]
    # a machine that is busy with other tests may hide the shape, but never make it flat, or the lookup grow as much
    assert scan["shape"] not in {"constant", "log"}, scan
    assert scan["times"] > 2 * lookup["times"]
    assert lookup["shape"] not in {"linear", "quadratic"}, lookup


def test_sessions_in_the_clone_are_proof_and_those_in_the_original_are_none(database):
    clone = f"{database}_clone"
    ask("postgres", f"CREATE DATABASE {clone} TEMPLATE {database}")
    parameters = {"host": "127.0.0.1", "user": "postgres", "dbname": database}
    elsewhere, there = PostgresWitness(parameters, clone), PostgresWitness(parameters, clone)
    elsewhere.begin()
    for _ in range(30):
        ask(database, "SELECT count(*) FROM orders")
    proven, words = elsewhere.tell()
    assert not proven
    assert "the original saw" in words
    there.begin()
    ask(clone, "SELECT count(*) FROM orders")
    proven, words = there.tell()
    assert proven, words
    assert "1 sessions" in words
