"""Transactions that stand idle, calls without a limit and answers too large are found in a run, and only these."""

import json
import os
import uuid
from pathlib import Path

import pytest

psycopg = pytest.importorskip("psycopg", reason="the shop's driver")
pytest.importorskip("fastapi", reason="the shop's framework")
pytestmark = [pytest.mark.postgres, pytest.mark.alone]
SERVER = {"host": "127.0.0.1", "user": "postgres", "connect_timeout": 3}
APPS = Path(__file__).parent / "apps"
CODES = ("long-transaction", "no-timeout", "large-payload")


@pytest.fixture(scope="module")
def database():
    name = f"nineam_strained_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    try:
        server = psycopg.connect(**SERVER, dbname="postgres", autocommit=True)
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL on 127.0.0.1:5432")
    with server:
        server.execute(f"CREATE DATABASE {name}")
        with psycopg.connect(**SERVER, dbname=name, autocommit=True) as made:
            made.execute("CREATE TABLE stock (id int PRIMARY KEY, n int); INSERT INTO stock VALUES (1, 1), (2, 1)")
        yield f"postgresql://postgres@127.0.0.1/{name}"
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def document(nineam, short, database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("strained")
    large = folder / "large.bin"
    large.write_bytes(b"x" * 3_000_000)
    env = {"DATABASE_URL": database, "LARGE_FILE": str(large)}
    longer = ("--localhost-time", "8", *short[2:])
    load = ("--users", "1", "--think", "0.02", "--json", str(folder / "run.json"), "--out", str(folder))
    outcome = nineam("run", "strained_shop:app", "--cwd", str(APPS), *longer, *load, cwd=folder, env=env, limit_s=120)
    assert "Traceback" not in outcome.out + outcome.err
    return json.loads((folder / "run.json").read_text())


def found(document, code):
    return {finding["endpoint"]: finding for finding in document["findings"] if finding["code"] == code}


def test_the_transaction_that_stands_idle_is_found_at_its_line_and_no_other(document):
    assert set(found(document, "long-transaction")) == {"GET /pay"}
    finding = found(document, "long-transaction")["GET /pay"]
    assert finding["function"] == "pay"
    assert finding["statement"].startswith("UPDATE stock SET n = n + ? WHERE id = ")
    assert 100 <= finding["evidence"]["idle_ms"] <= finding["evidence"]["open_ms"]


def test_the_call_without_a_limit_is_found_at_its_line_and_no_other(document):
    assert set(found(document, "no-timeout")) == {"GET /ask"}
    assert found(document, "no-timeout")["GET /ask"]["function"] == "ask"


def test_the_large_answer_is_found_and_neither_the_page_nor_the_file(document):
    assert set(found(document, "large-payload")) == {"GET /books"}
    assert found(document, "large-payload")["GET /books"]["evidence"]["kilobytes"] > 300


def test_nothing_is_missing_where_everything_is_to_be_had(document):
    assert not [notice for notice in document["notices"] if "what the database's sessions do" in notice]


def test_the_numbers_are_in_the_document_s_terms(document):
    for code in CODES:
        (finding,) = found(document, code).values()
        assert 0 < finding["share"] <= 1
        assert finding["ms_per_request"] > 0
