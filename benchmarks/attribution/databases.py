"""The three databases: where they are, statements that cost a known time, and rows to fetch."""

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from benchmarks.attribution import ledger, plan

KINDS = ("sqlite", "postgres", "mariadb")
MANY = "SELECT number, text FROM attribution_many"
FEW = "attribution_few"

_MADE = (
    "CREATE TABLE attribution_many (number INTEGER, text VARCHAR(40))",
    "CREATE TABLE attribution_few (id INTEGER PRIMARY KEY, text VARCHAR(40))",
)
_COSTLY = {
    "sqlite": "SELECT {how}({ms})",
    "postgres": "SELECT 1000.0 * extract(epoch FROM clock_timestamp() - statement_timestamp())::float8"
    " FROM (SELECT pg_sleep({s})) AS slept",
    "mariadb": "SELECT SLEEP({s}) + TIMESTAMPDIFF(MICROSECOND, NOW(6), SYSDATE(6)) / 1000.0",
}


def parameters(kind: str) -> dict[str, Any]:
    """Say where a server is and which of its databases is this run's."""
    where = {"host": "127.0.0.1", "database": os.environ["ATTRIBUTION_NAME"]}
    if kind == "postgres":
        return {**where, "port": 5432, "user": "postgres"}
    return {**where, "port": 3306, "user": "root", "password": ""}


def sqlite_path() -> str:
    """Give the prepared file."""
    return os.environ["ATTRIBUTION_SQLITE"]


def url(kind: str, driver: str) -> str:
    """Give SQLAlchemy's URL of a database; `driver` is `sqlite+aiosqlite`, `postgresql+psycopg` and the like."""
    if kind == "sqlite":
        return f"{driver}:///{sqlite_path()}"
    where = parameters(kind)
    return f"{driver}://{where['user']}@{where['host']}:{where['port']}/{where['database']}"


def costly(kind: str, how: str, milliseconds: float) -> str:
    """Give a statement that costs so much; `how` is `spin` (SQLite alone can) or `wait`.

    It answers with one row of one column: the milliseconds that it took by the database's own clock.
    """
    return _COSTLY[kind].format(how=how, ms=milliseconds, s=milliseconds / 1000)


def teach(connection: sqlite3.Connection) -> None:
    """Teach SQLite to spin and to wait."""
    connection.create_function("spin", 1, spin)
    connection.create_function("wait", 1, wait)


def spin(milliseconds: float) -> float:
    """Compute for so long; gives the milliseconds that it took."""
    began = ledger.clock()
    while ledger.clock() < began + milliseconds * 1e6:
        pass
    return (ledger.clock() - began) / 1e6


def wait(milliseconds: float) -> float:
    """Wait likewise."""
    began = ledger.clock()
    time.sleep(milliseconds / 1000)
    return (ledger.clock() - began) / 1e6


def timed_cursor(base: type, executing: str = "db_execute") -> Any:
    """Derive a cursor class of a synchronous driver that notes what executing (as that layer) and fetching take."""

    def timing(layer: str, name: str) -> Any:
        def method(self: Any, *arguments: Any, **more: Any) -> Any:
            with ledger.timed(layer):
                return getattr(super(timed, self), name)(*arguments, **more)

        return method

    timed = type(f"Timed{base.__name__}", (base,), {})
    timed.execute = timing(executing, "execute")
    for name in ("fetchone", "fetchmany", "fetchall"):
        setattr(timed, name, timing("db_fetch", name))
    return timed


def prepare(kind: str) -> None:
    """Make a database of this run's own, its tables and their rows."""
    forget(kind)
    if kind != "sqlite":
        _administer(kind, f"CREATE DATABASE {os.environ['ATTRIBUTION_NAME']}")
    connection = connect(kind)
    cursor = connection.cursor()
    for statement in _MADE:
        cursor.execute(statement)
    mark = "?" if kind == "sqlite" else "%s"
    many = [(number, f"row number {number}") for number in range(plan.MANY_ROWS)]
    cursor.executemany(f"INSERT INTO attribution_many VALUES ({mark}, {mark})", many)
    cursor.executemany(f"INSERT INTO {FEW} VALUES ({mark}, {mark})", many[: plan.HYDRATED_ROWS])
    connection.commit()
    connection.close()


def forget(kind: str) -> None:
    """Drop it again."""
    if kind == "sqlite":
        Path(sqlite_path()).unlink(missing_ok=True)
    else:
        _administer(kind, f"DROP DATABASE IF EXISTS {os.environ['ATTRIBUTION_NAME']}")


def connect(kind: str, **more: Any) -> Any:
    """Connect with the synchronous driver: sqlite3, psycopg, PyMySQL; `more` goes to its `connect`."""
    if kind == "sqlite":
        connection = sqlite3.connect(sqlite_path(), check_same_thread=False, **more)
        teach(connection)
        return connection
    if kind == "postgres":
        import psycopg  # noqa: PLC0415 - only who asks for a database needs its driver

        given = parameters(kind)
        return psycopg.connect(dbname=given.pop("database"), **given, **more)
    import pymysql  # noqa: PLC0415 - likewise

    return pymysql.connect(**parameters(kind), **more)


def _administer(kind: str, statement: str) -> None:
    other = {"postgres": "postgres", "mariadb": "mysql"}[kind]
    given = parameters(kind) | {"database": other}
    if kind == "postgres":
        import psycopg  # noqa: PLC0415 - likewise

        with psycopg.connect(dbname=given.pop("database"), autocommit=True, **given) as connection:
            connection.execute(statement)
        return
    import pymysql  # noqa: PLC0415 - likewise

    with pymysql.connect(**given) as connection:
        connection.cursor().execute(statement)
