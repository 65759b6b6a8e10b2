"""Indexes proved on a PostgreSQL clone, of statements as drivers write them."""

import time

import pytest

from nineam.errors import UsageError
from nineam.indexes.prepared import Asked
from nineam.indexes.proving import prove
from postgres_databases import SERVER, ask, new_database

pytestmark = pytest.mark.postgres
TABLES = """
CREATE SCHEMA audit;
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id integer NOT NULL, status text NOT NULL,
  paid boolean NOT NULL, at timestamptz NOT NULL, tags text[] NOT NULL DEFAULT '{a}', note text);
CREATE TABLE audit.orders (id serial PRIMARY KEY, what text);
CREATE TABLE "order" (id serial PRIMARY KEY, "user" integer, kind uuid);
CREATE TABLE pages (user_id integer, page integer, visits integer, PRIMARY KEY (user_id, page));
INSERT INTO orders (user_id, status, paid, at, note) SELECT 1 + n * 7919 % 3000, 'status ' || n * 31 % 50, n % 2 = 0,
  '2026-01-05'::timestamptz + n * 7907 % 100003 * interval '1 minute', 'note ' || n FROM generate_series(1, 30000) n;
INSERT INTO audit.orders (what) SELECT 'what ' || n FROM generate_series(1, 80000) n;
INSERT INTO "order" ("user", kind) SELECT n % 5000, md5((n % 3000)::text)::uuid FROM generate_series(1, 80000) n;
INSERT INTO pages SELECT n % 200, n / 200, n FROM generate_series(1, 40000) n;
"""


@pytest.fixture(scope="module")
def server():
    """Return the name of a database that is marked as a clone."""
    with new_database(TABLES) as name:
        ask("postgres", f"COMMENT ON DATABASE {name} IS 'nineam: a clone of shop'")
        ask(name, "VACUUM (ANALYZE)")
        yield name


@pytest.fixture
def clone(server):
    """Return a connection to it; indexes that a test adds are dropped at its end."""
    import psycopg

    with psycopg.connect(f"{SERVER}/{server}", autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        before = indexes(connection)
        yield connection
        for schema, name in set(indexes(connection)) - set(before):
            connection.execute(f"DROP INDEX {schema}.{name}")


def indexes(connection):
    rows = connection.execute("SELECT schemaname, indexname FROM pg_indexes WHERE schemaname IN ('public', 'audit')")
    return sorted(rows.fetchall())


def proved(connection, *statements, first=""):
    from nineam.indexes.postgres import PostgresDatabase

    if first:
        connection.execute(first)
    before = indexes(connection), connection.execute("SELECT count(*), max(id) FROM orders").fetchone()
    report = prove(
        [Asked(text=each) for each in statements],
        PostgresDatabase(connection),
        "clone",
        seed=1,
        now=time.perf_counter,
        hear=lambda words: None,
    )
    assert (indexes(connection), connection.execute("SELECT count(*), max(id) FROM orders").fetchone()) == before
    return report


def names(proof):
    return " ".join(part.text for part in proof.parts)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT id FROM orders WHERE status = %s ORDER BY at DESC LIMIT ?", "status at"),
        ("SELECT id FROM orders WHERE user_id = $1", "user_id"),
        ("SELECT id FROM orders WHERE user_id = %(pk_1)s::INTEGER AND status = %(s)s::VARCHAR", "user_id"),
        ("SELECT id FROM orders WHERE user_id IN (?, ...)", "user_id"),
        ("SELECT id FROM orders WHERE user_id IN (__[POSTCOMPILE_user_id_1])", "user_id"),
        ("SELECT id FROM orders WHERE user_id = ANY(%s)", "user_id"),
        ("SELECT id FROM orders WHERE status = %s AND at >= %s AND at < %s", "status"),
        ("SELECT id FROM orders WHERE paid = %s AND at >= %s AND at < %s", "paid at"),
        ('SELECT count(*) FROM "order" WHERE "order"."user" = %s', "user"),
        ('SELECT id FROM "order" WHERE kind = %s', "kind"),
        ("SELECT id FROM audit.orders WHERE what = $1", "what"),
        ("SELECT visits FROM pages WHERE page = %s", "page"),
    ],
)
def test_a_missing_index_is_proved_whatever_the_driver_writes(clone, statement, expected):
    report = proved(clone, statement)
    assert len(report.proofs) == 1, report
    proof = report.proofs[0]
    assert names(proof).startswith(expected), names(proof)
    assert proof.statements[0].ratio_low >= 1.5
    assert proof.bytes > 100_000


@pytest.mark.parametrize(
    "text",
    [
        "UPDATE orders SET status = %(s)s, tags = %(t)s::TEXT[], at = $1 WHERE user_id = %(u)s RETURNING id",
        "DELETE FROM orders WHERE user_id = $1",
    ],
)
def test_rows_that_a_writing_statement_looks_for_miss_an_index_too_and_stay_as_they_are(clone, text):
    report = proved(clone, text)
    assert report.not_tried == ()
    proof = next(each for each in report.proofs if each.table == "orders")
    assert names(proof) == "user_id"
    assert "Seq Scan on orders" in proof.statements[0].plan_before
    assert proof.statements[0].ratio_low >= 1.5
    assert proof.write is not None


def test_a_key_s_second_column_alone_is_a_wrong_index(clone):
    (proof,) = proved(clone, "SELECT visits FROM pages WHERE page = %s").proofs
    assert (proof.code, proof.existing) == ("wrong-index", "pages_pkey")
    assert (proof.write.what, proof.write.rows) == ("insert", 1000)
    assert clone.execute("SELECT count(*) FROM pages").fetchone() == (40_000,)


def test_the_statement_to_execute_works_as_it_is_told(clone):
    texts = ('SELECT count(*) FROM "order" WHERE "user" = %s', "SELECT id FROM audit.orders WHERE what = $1")
    for statement in texts:
        report = proved(clone, statement)
        assert len(report.proofs) == 1, report
        clone.execute(report.proofs[0].ddl)
        assert proved(clone, statement).proofs == ()


@pytest.mark.parametrize(
    ("statement", "first"),
    [
        (
            "SELECT id FROM orders WHERE status = %s ORDER BY at DESC LIMIT ?",
            "CREATE INDEX there ON orders (status, at)",
        ),
        ("SELECT max(note) FROM orders WHERE paid = %s", ""),
        ("SELECT id FROM orders WHERE lower(note) = %s", "CREATE INDEX there ON orders (lower(note))"),
        ("SELECT id FROM orders WHERE id = %s AND status = %s", ""),
        ("SELECT visits FROM pages WHERE user_id = %s AND page = %s", ""),
    ],
    ids=["an index there", "every second row", "an expression there", "a key", "a key of two"],
)
def test_what_only_looks_like_it_is_not_recommended(clone, statement, first):
    report = proved(clone, statement, first=first)
    assert (report.proofs, report.not_tried) == ((), ())


def test_a_function_that_may_not_be_indexed_is_left(clone):
    assert proved(clone, "SELECT id FROM orders WHERE date(at) = %s").proofs == ()


def test_an_index_on_the_bare_column_does_not_do_for_a_function(clone):
    (proof,) = proved(
        clone, "SELECT id FROM orders WHERE upper(note) = UPPER(%s)", first="CREATE INDEX by_note ON orders (note)"
    ).proofs
    assert (proof.code, proof.existing, names(proof)) == ("wrong-index", "by_note", 'UPPER("note")')


def test_a_database_that_is_no_clone_is_refused():
    psycopg = pytest.importorskip("psycopg")
    from nineam.indexes.postgres import PostgresDatabase

    try:
        connection = psycopg.connect(f"{SERVER}/postgres", connect_timeout=2)
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL on 127.0.0.1:5432")
    with connection, pytest.raises(UsageError, match="postgres was not made by nineam"):
        PostgresDatabase(connection)


def test_a_refusal_repeats_no_value(clone):
    report = proved(clone, "SELECT id FROM orders WHERE status = %(a)s AND date_trunc(%(a)s, at) IS NOT NULL")
    (left,) = report.not_tried
    assert "the database refuses it" in left.why
    assert "status 1" not in repr(report)
    assert "status 3" not in repr(report)
