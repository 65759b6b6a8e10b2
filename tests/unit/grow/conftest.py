"""What the tests of growing share: databases to grow, and growing them as the command does."""

import contextlib
import os
import secrets
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from college import TABLES, fill

from nineam.grow.address import parse_address
from nineam.grow.opening import open_source
from nineam.grow.run import grow
from nineam.grow.wish import Wish

SERVER = "postgresql://postgres@127.0.0.1:5432"


def grown(
    address: str,
    out: Path,
    *,
    name: str = "",
    replace: bool = False,
    check: bool = False,
    filling: Any = None,
    hear: Any = lambda _: None,
    **wish: Any,
) -> Any:
    """Grow a clone as the command does; what came of it."""
    source = open_source(parse_address(address, {}), out)
    try:
        return grow(
            source,
            source.schema(),
            Wish(**wish),
            source.clone_name(name),
            replace=replace,
            hear=hear,
            now=time.perf_counter,
            check=check,
            filling=filling,
        )
    finally:
        source.close()


@pytest.fixture(name="grown", scope="session")
def _grown() -> Any:
    return grown


class SqliteFile:
    """An SQLite file of the test's own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.address = str(path)

    def script(self, text: str) -> None:
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            connection.executescript(text)

    def ask(self, sql: str, where: Any = None) -> list[Any]:
        with contextlib.closing(sqlite3.connect(where.made.name if where else self.path)) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def sqlite_file(tmp_path: Path) -> SqliteFile:
    return SqliteFile(tmp_path / "app.db")


class PostgresDatabase:
    """A database of the test's own on the server of this machine, or on one from the wheel."""

    def __init__(self, server: str, name: str) -> None:
        self.name = name
        self.server = server
        self.address = f"{server}/{name}"

    def script(self, text: str) -> None:
        import psycopg

        with psycopg.connect(self.address) as connection:
            connection.execute(text)

    def ask(self, sql: str, where: Any = None) -> list[Any]:
        import psycopg

        address = f"{self.server}/{where.made.name}" if where else self.address
        with psycopg.connect(address) as connection:
            return connection.execute(sql).fetchall()

    def databases(self, connection: Any = None) -> set[str]:
        sql = "SELECT datname FROM pg_database"
        found = connection.execute(sql).fetchall() if connection else self.ask(sql)
        return {name for (name,) in found if name.startswith(self.name)}


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a PostgreSQL server without a database's name."""
    pytest.importorskip("psycopg")
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", 5432), 1):
        yield os.environ.get("NINEAM_TEST_POSTGRES", SERVER)
        return
    from nineam.demo.postgres import Unavailable, find_installation, running_cluster

    try:
        installation = find_installation()
    except Unavailable as reason:
        pytest.skip(str(reason))
    with running_cluster(installation, tmp_path_factory.mktemp("cluster"), secrets.token_hex(8)) as url:
        yield url.replace("+psycopg", "").rpartition("/")[0]


@contextlib.contextmanager
def new_database(server: str) -> Iterator[PostgresDatabase]:
    """Make an empty database; it and everything called after it is dropped at the end."""
    import psycopg

    database = PostgresDatabase(server, f"nineam_test_{secrets.token_hex(6)}")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{database.name}"')
        yield database
        for name in database.databases(connection):
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(name="new_database", scope="session")
def _new_database() -> Any:
    return new_database


@pytest.fixture
def postgres_database(postgres_server: str) -> Iterator[PostgresDatabase]:
    """Return an empty database of the test's own."""
    with new_database(postgres_server) as database:
        yield database


@contextlib.contextmanager
def postgres_college(server: str) -> Iterator[PostgresDatabase]:
    """Make the college on a server."""
    import psycopg

    with new_database(server) as database:
        database.script(TABLES.format(uuid="uuid", json="jsonb", cycle=""))
        with psycopg.connect(database.address) as connection:
            fill(connection.cursor(), "%s")
            connection.execute("ALTER TABLE department ADD FOREIGN KEY (head_id) REFERENCES person (id)")
        yield database


def sqlite_college(path: Path) -> SqliteFile:
    """Make the college in a file."""
    file = SqliteFile(path)
    file.script(TABLES.format(uuid="CHAR(36)", json="TEXT", cycle="REFERENCES person (id)"))
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        fill(connection, "?")
    return file


class MysqlDatabase:
    """A database of the test's own on the MySQL or MariaDB of this machine."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.address = f"mysql+pymysql://root@127.0.0.1:3306/{name}"

    def connect(self, name: str) -> Any:
        import pymysql

        connection = pymysql.connect(host="127.0.0.1", user="root", database=name, autocommit=True)
        connection.cursor().execute("SET sql_mode = 'ANSI,STRICT_ALL_TABLES'")
        return contextlib.closing(connection)

    def script(self, text: str) -> None:
        with self.connect(self.name) as connection:
            for statement in filter(str.strip, text.split(";\n")):
                connection.cursor().execute(statement)

    def ask(self, sql: str, where: Any = None) -> list[Any]:
        with self.connect(where.made.name if where else self.name) as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            return list(cursor.fetchall())

    def databases(self) -> set[str]:
        return {name for (name,) in self.ask("SHOW DATABASES") if name.startswith(self.name)}


@pytest.fixture(scope="module")
def mysql_database() -> Iterator[MysqlDatabase]:
    """Return an empty database; it and everything called after it is dropped at the end."""
    pymysql = pytest.importorskip("pymysql")
    database = MysqlDatabase(f"nineam_test_{secrets.token_hex(6)}")
    try:
        with database.connect("information_schema") as connection:
            connection.cursor().execute(f"CREATE DATABASE {database.name}")
    except pymysql.err.OperationalError as error:
        pytest.skip(f"no MySQL on 127.0.0.1:3306: {error}")
    yield database
    for name in database.databases():
        with database.connect("information_schema") as connection:
            connection.cursor().execute(f"DROP DATABASE {name}")


def mysql_college(database: MysqlDatabase) -> MysqlDatabase:
    """Make the college in an empty database, without the indexes that MySQL does not have."""
    text = TABLES.format(uuid="CHAR(36)", json="JSON", cycle="")
    database.script(text.partition("CREATE UNIQUE INDEX")[0])
    with database.connect(database.name) as connection:
        fill(connection.cursor(), "%s")
        connection.cursor().execute("ALTER TABLE department ADD FOREIGN KEY (head_id) REFERENCES person (id)")
        connection.cursor().execute("CREATE INDEX log_at ON log (at)")
    return database


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres), "mysql"])
def college(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return the college in each database in turn; nobody changes it, as nineam does not."""
    if request.param == "sqlite":
        yield sqlite_college(tmp_path_factory.mktemp("college") / "app.db")
        return
    if request.param == "mysql":
        yield mysql_college(request.getfixturevalue("mysql_database"))
        return
    with postgres_college(request.getfixturevalue("postgres_server")) as database:
        yield database
