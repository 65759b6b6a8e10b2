"""What hypopg says before an index is built; without it, or without the right to add it, nothing changes."""

import contextlib
import secrets

import pytest

from nineam.indexes.schema import Table
from nineam.model.indexes import IndexPart
from postgres_databases import ask, new_database

pytestmark = pytest.mark.postgres
USERS = """
CREATE TABLE orders (id serial PRIMARY KEY, status text NOT NULL, paid boolean NOT NULL, note text);
INSERT INTO orders (status, paid, note) SELECT 'status ' || n % 500, n % 2 = 0, 'note ' || n
  FROM generate_series(1, 20000) n;
ANALYZE;
"""
ORDERS = Table(name="orders", schema="public", rows=20_000, columns={})
BY_STATUS = [("SELECT note FROM orders WHERE status = %s", ("status 1",))]
BY_PAID = [("SELECT max(note) FROM orders WHERE paid = %s", (True,))]


@pytest.fixture(scope="module")
def clone():
    """Return the name of a database that is marked as a clone."""
    with new_database(USERS) as name:
        ask("postgres", f"COMMENT ON DATABASE {name} IS 'nineam: a clone of shop'")
        yield name


@contextlib.contextmanager
def opened(name, user="postgres"):
    import psycopg

    from nineam.indexes.postgres import PostgresDatabase

    url = f"postgresql://{user}:secret@127.0.0.1:5432/{name}"
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        yield PostgresDatabase(connection), connection


@pytest.fixture
def hypopg(clone):
    if not ask(clone, "SELECT 1 FROM pg_available_extensions WHERE name = 'hypopg'"):
        pytest.skip("the server has no hypopg")


def would(found, asked, column):
    return found.would_use(ORDERS, (IndexPart(text=column),), asked)


def left(name):
    """What screening could have left: extensions, schemas, indexes."""
    return (
        ask(name, "SELECT extname FROM pg_extension ORDER BY 1"),
        ask(name, "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1"),
        ask(name, "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"),
    )


@pytest.mark.usefixtures("hypopg")
def test_it_tells_what_the_planner_would_use_and_leaves_nothing(clone):
    before = left(clone)
    with opened(clone) as (found, connection):
        assert would(found, BY_STATUS, "status") is True
        assert would(found, BY_PAID, "paid") is False
        assert would(found, BY_STATUS, "note") is False
        assert would(found, BY_PAID + BY_STATUS, "status") is True
        assert "Index" not in found.plan(*BY_STATUS[0]).text
        assert connection.info.transaction_status.name == "IDLE"
    assert left(clone) == before


@pytest.mark.usefixtures("hypopg")
def test_one_that_is_there_already_is_used_and_stays(clone):
    ask(clone, 'CREATE SCHEMA "Odd one"', 'CREATE EXTENSION hypopg SCHEMA "Odd one"')
    try:
        before = left(clone)
        with opened(clone) as (found, _):
            assert would(found, BY_STATUS, "status") is True
        assert left(clone) == before
    finally:
        ask(clone, 'DROP SCHEMA "Odd one" CASCADE')


@pytest.mark.usefixtures("hypopg")
def test_of_an_expression_and_of_what_it_does_not_understand_it_tells_nothing(clone):
    with opened(clone) as (found, _):
        assert found.would_use(ORDERS, (IndexPart(text="lower(note)", plain=False),), BY_STATUS) is None
        assert would(found, BY_STATUS, "nowhere") is None
        assert would(found, [("SELECT nowhere FROM orders", ())], "status") is None
        assert would(found, BY_STATUS, "status") is True


@pytest.mark.usefixtures("hypopg")
def test_who_may_not_add_it_goes_on_without(clone):
    role = f"nineam_role_{secrets.token_hex(4)}"
    ask(clone, f"CREATE ROLE {role} LOGIN PASSWORD 'secret'", f"GRANT SELECT ON orders TO {role}")
    try:
        with opened(clone, role) as (found, connection):
            assert would(found, BY_STATUS, "status") is None
            assert connection.info.transaction_status.name == "IDLE"
            assert "Seq Scan" in found.plan(*BY_STATUS[0]).text
    finally:
        ask(clone, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


@pytest.mark.usefixtures("hypopg")
def test_what_the_planner_would_not_use_is_not_built(clone):
    from nineam.indexes.prepared import Asked
    from nineam.indexes.proving import prove

    built = []
    with opened(clone) as (found, _):
        real = found.build
        found.build = lambda table, parts: (built.append(parts), real(table, parts))[1]
        ticks = iter(range(10_000))
        report = prove(
            [Asked(text=BY_PAID[0][0])], found, "clone", seed=1, now=lambda: next(ticks) / 10, hear=lambda words: None
        )
    assert (built, report.proofs) == ([], ())
    assert [each.why for each in report.rejected] == ["the planner would not use it, says hypopg"]


def test_a_server_without_it_is_not_asked_and_everything_is_built(clone, monkeypatch):
    monkeypatch.setattr("nineam.indexes.hypothetical.AVAILABLE", "SELECT 0")
    with opened(clone) as (found, _):
        assert would(found, BY_PAID, "paid") is None
