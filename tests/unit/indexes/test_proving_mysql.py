"""Indexes proved on a MySQL or MariaDB clone."""

import contextlib
import secrets
import time

import pytest

from nineam.errors import UsageError
from nineam.indexes.mysql import MysqlDatabase
from nineam.indexes.prepared import Asked
from nineam.indexes.proving import prove

TABLES = (
    "CREATE TABLE nineam_clone (source varchar(64), state varchar(20))",
    "CREATE TABLE orders (id integer AUTO_INCREMENT PRIMARY KEY, user_id integer NOT NULL, status varchar(40) NOT NULL,"
    " paid integer NOT NULL, created_at integer NOT NULL, note varchar(80))",
    "INSERT INTO orders (user_id, status, paid, created_at, note) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
    "SELECT i + 1 FROM n WHERE i < 900) SELECT 1 + (a.i * 900 + b.i) * 7919 % 3000, concat('status ', b.i % 50), "
    "a.i % 2, (a.i * 900 + b.i) * 7907 % 100003, concat('note ', b.i) FROM n a JOIN n b WHERE a.i <= 33",
    "CREATE TABLE pages (user_id INTEGER, page INTEGER, PRIMARY KEY (user_id, page))",
    "INSERT INTO pages SELECT user_id, id FROM orders",
    "ANALYZE TABLE orders, pages",
)


@pytest.fixture(scope="module")
def server():
    """Return a connection to a database that is marked as a clone."""
    pymysql = pytest.importorskip("pymysql")
    name = f"nineam_test_{secrets.token_hex(6)}"
    try:
        connection = pymysql.connect(host="127.0.0.1", user="root", autocommit=True)
    except pymysql.err.OperationalError as error:
        pytest.skip(f"no MySQL on 127.0.0.1:3306: {error}")
    with contextlib.closing(connection):
        cursor = connection.cursor()
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            cursor.execute(f"USE {name}")
            for statement in TABLES:
                cursor.execute(statement)
            yield connection
        finally:
            cursor.execute(f"DROP DATABASE {name}")


def proved(connection, *statements):
    cursor = connection.cursor()
    before = state(cursor)
    report = prove(
        [Asked(text=each) for each in statements],
        MysqlDatabase(connection),
        "clone",
        seed=1,
        now=time.perf_counter,
        hear=lambda words: None,
    )
    assert state(cursor) == before
    return report


def state(cursor):
    cursor.execute("SHOW CREATE TABLE orders")
    create = cursor.fetchone()[1].split(" AUTO_INCREMENT=")[0]
    cursor.execute("SELECT count(*), sum(created_at) FROM orders")
    return create, cursor.fetchone()


def test_a_missing_index_is_proved_and_gone_once_it_is_there(server):
    text = "SELECT id, note FROM orders WHERE status = %s ORDER BY created_at DESC LIMIT %s"
    (proof,) = proved(server, text).proofs
    assert (proof.code, proof.table) == ("missing-index", "orders")
    assert proof.ddl == "CREATE INDEX ix_orders_status_created_at ON orders (status, created_at)"
    assert proof.statements[0].ratio_low >= 1.5
    assert "ALL on orders" in proof.statements[0].plan_before
    assert proof.write is not None
    assert proof.write.what == "insert"
    assert proof.bytes > 100_000
    server.cursor().execute(proof.ddl)
    assert proved(server, text).proofs == ()
    server.cursor().execute("DROP INDEX ix_orders_status_created_at ON orders")


@pytest.mark.parametrize(
    "text",
    ["UPDATE orders SET status = %s, paid = paid + %s WHERE user_id = %s", "DELETE FROM orders WHERE user_id = %s"],
)
def test_rows_that_a_writing_statement_looks_for_miss_an_index_too_and_stay_as_they_are(server, text):
    (proof,) = proved(server, text).proofs
    assert proof.ddl == "CREATE INDEX ix_orders_user_id ON orders (user_id)"
    assert proof.statements[0].ratio_low >= 1.5


def test_a_table_whose_key_nobody_gives_out_tells_what_writing_costs_too(server):
    (proof,) = proved(server, "SELECT user_id FROM pages WHERE page = %s").proofs
    assert (proof.write.what, proof.write.rows) == ("insert", 1000)
    cursor = server.cursor()
    cursor.execute("SELECT (SELECT count(*) FROM pages), (SELECT count(*) FROM orders)")
    assert len(set(cursor.fetchone())) == 1


def test_what_every_second_row_has_is_not_worth_an_index(server):
    assert proved(server, "SELECT max(note) FROM orders WHERE paid = %s").proofs == ()


def test_what_the_database_refuses_is_not_tried(server):
    report = proved(server, "SELECT made_up(id) FROM orders")
    assert "the database refuses it" in report.not_tried[0].why


def test_a_database_that_is_no_clone_is_refused(server):
    import pymysql

    connection = pymysql.connect(host="127.0.0.1", user="root", database="mysql")
    with contextlib.closing(connection), pytest.raises(UsageError, match="mysql was not made by nineam"):
        MysqlDatabase(connection)
