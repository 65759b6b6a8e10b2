"""What only MySQL and MariaDB have: unsigned and automatic keys, enums, sets, tables without transactions."""

import contextlib
import secrets
from pathlib import Path

import pytest

from nineam.errors import ApplicationError, UsageError
from nineam.grow.address import parse_address
from nineam.grow.mysql import MysqlSource
from nineam.grow.opening import open_source

STORE = """
CREATE TABLE goods (
    id smallint unsigned AUTO_INCREMENT PRIMARY KEY,
    sku varchar(20) NOT NULL UNIQUE,
    size enum('S', 'M', 'L') NOT NULL,
    price decimal(8, 2) NOT NULL CHECK (price > 0),
    gross decimal(9, 2) AS (price * 1.2) STORED,
    kind set('new', 'old')
);
CREATE TABLE sales (
    id bigint AUTO_INCREMENT PRIMARY KEY,
    goods_id smallint unsigned NOT NULL,
    at datetime(6) NOT NULL,
    FOREIGN KEY (goods_id) REFERENCES goods (id) ON DELETE CASCADE,
    KEY (at)
);
CREATE TABLE hits (page varchar(40), n int, PRIMARY KEY (page)) ENGINE=MyISAM;
CREATE TABLE days (day date PRIMARY KEY, total int);
CREATE TABLE told (what text);
CREATE VIEW per_size AS SELECT size, count(*) AS n FROM goods GROUP BY size
"""


@pytest.fixture(scope="module")
def store(mysql_database):
    mysql_database.script(STORE)
    with mysql_database.connect(mysql_database.name) as connection:
        cursor = connection.cursor()
        goods = [(f"sku {n}", "SML"[n % 3], 1 + n) for n in range(30)]
        cursor.executemany("INSERT INTO goods (sku, size, price) VALUES (%s, %s, %s)", goods)
        sales = [(1 + n % 30, f"2026-01-{1 + n % 28:02} 10:00:00.5") for n in range(90)]
        cursor.executemany("INSERT INTO sales (goods_id, at) VALUES (%s, %s)", sales)
        cursor.executemany("INSERT INTO hits VALUES (%s, %s)", [(f"/p/{n}", n) for n in range(9)])
        cursor.executemany("INSERT INTO days VALUES (%s, %s)", [(f"2026-02-{n:02}", n) for n in range(1, 9)])
        cursor.execute("CREATE TRIGGER tell AFTER INSERT ON sales FOR EACH ROW INSERT INTO told VALUES ('sold')")
    return mysql_database


@pytest.fixture
def named(store, request):
    """Return a name of the test's own for its clone."""
    return f"{store.name}_{secrets.token_hex(3)}"


def test_everything_grows_and_every_reference_holds(store, grown, tmp_path, named):
    big = grown(store.address, tmp_path, times=40, name=named)
    assert {name for name, table in big.plan.tables.items() if table.factor == 1} == {"told"}
    assert store.ask("SELECT count(*), count(DISTINCT sku), max(id) FROM goods", big) == [(1200, 1200, 1200)]
    assert store.ask("SELECT count(*) FROM sales s JOIN goods g ON g.id = s.goods_id", big) == [(3600,)]
    assert store.ask("SELECT count(*) FROM told", big) == [(0,)]
    assert store.ask("SELECT sum(n) FROM per_size", big) == [(1200,)]
    assert store.ask("SELECT count(DISTINCT day), max(day) FROM days", big) == [
        (320, store.ask("SELECT max(day) FROM days")[0][0])
    ]
    tables = {name for (name,) in store.ask("SHOW TABLES", big)}
    assert tables == {"goods", "sales", "hits", "days", "told", "per_size", "nineam_clone"}
    with store.connect(big.made.name) as connection:
        connection.cursor().execute("INSERT INTO sales (goods_id, at) VALUES (1, now())")
    assert store.ask("SELECT count(*), max(id) FROM told, sales", big) == [(3601, 3601)]


def test_unsigned_keys_say_when_there_is_no_room(store, grown, tmp_path, named):
    plan = grown(store.address, tmp_path, like={"goods": 90_000}, name=named).plan
    assert plan.tables["goods"].factor == 65_535 // 30
    assert "smallint" in plan.tables["goods"].why


def test_the_original_is_not_touched(store, grown, tmp_path, named):
    sums = "CHECKSUM TABLE goods, sales, hits, days, told"
    before = store.ask(sums), store.ask("SHOW TABLE STATUS LIKE 'sales'")
    grown(store.address, tmp_path, times=3, name=named)
    assert (store.ask(sums), store.ask("SHOW TABLE STATUS LIKE 'sales'")) == before


def test_a_name_that_is_taken_is_left_alone(store, grown, tmp_path, named):
    with store.connect(store.name) as connection:
        connection.cursor().execute(f"CREATE DATABASE {named}_other")
    with pytest.raises(UsageError, match="was not made by nineam"):
        grown(store.address, tmp_path, times=3, name=f"{named}_other", replace=True)
    grown(store.address, tmp_path, times=3, name=named)
    with pytest.raises(UsageError, match="there is a clone already"):
        grown(store.address, tmp_path, times=3, name=named)
    with pytest.raises(UsageError, match="is a clone that nineam made"):
        grown(store.address.replace(store.name, named), tmp_path, times=3)
    grown(store.address, tmp_path, times=4, name=named, replace=True)


def test_a_database_that_is_written_to_while_it_is_copied_is_refused(store, grown, tmp_path, named, monkeypatch):
    copy_rows = MysqlSource._copy_rows

    def copy_slowly(source, connection, table):
        copy_rows(source, connection, table)
        with store.connect(store.name) as other:
            other.cursor().execute("UPDATE days SET total = total + 1 LIMIT 1")

    monkeypatch.setattr(MysqlSource, "_copy_rows", copy_slowly)
    with pytest.raises(ApplicationError, match="was written to while it was copied") as caught:
        grown(store.address, tmp_path, times=3, name=named)
    assert "stop the application" in caught.value.hint
    assert named not in store.databases()


def test_a_server_that_is_too_old_is_named(store, monkeypatch):
    monkeypatch.setattr("nineam.grow.mysql.OLDEST", {"MySQL": (99, 1), "MariaDB": (99, 1)})
    with pytest.raises(UsageError, match=r"is too old, expected 99\.1 or newer"):
        open_source(parse_address(store.address, {}), Path())


@pytest.mark.parametrize("end", ["interrupted", "cut off"])
def test_ended_in_the_middle_it_leaves_no_clone(store, grown, tmp_path, named, end):
    def hear(progress):
        if progress.rows and end == "interrupted":
            raise KeyboardInterrupt
        if progress.rows:
            _kill(store, named)

    with pytest.raises(KeyboardInterrupt if end == "interrupted" else ApplicationError):
        grown(store.address, tmp_path, times=30, name=named, hear=hear)
    assert named not in store.databases()


def _kill(store, named):
    with store.connect("information_schema") as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT id FROM processlist WHERE db = %s", (named,))
        for (number,) in cursor.fetchall():
            with contextlib.suppress(Exception):
                cursor.execute(f"KILL {number}")


def test_the_grant_that_is_missing_is_named(store, grown, tmp_path, named):
    user = f"nineam_{secrets.token_hex(4)}"
    with store.connect(store.name) as connection:
        cursor = connection.cursor()
        cursor.execute(f"CREATE USER '{user}'@'%' IDENTIFIED BY 'secret'")
        cursor.execute(f"GRANT SELECT ON {store.name}.* TO '{user}'@'%'")
        try:
            with pytest.raises(UsageError, match="may not create the database") as caught:
                grown(store.address.replace("root@", f"{user}:secret@"), tmp_path, times=3, name=named)
        finally:
            cursor.execute(f"DROP USER '{user}'@'%'")
    assert caught.value.hint == f"GRANT ALL ON `{named}`.* TO '{user}'@'%'"
