"""Applications on one driver each, whose costs are known: a statement that sleeps, rows to decode, a pool of one."""

import asyncio
import json
import sys
import time
from contextlib import asynccontextmanager, contextmanager

from driver import call
from fastapi import FastAPI

POSTGRES = {"host": "127.0.0.1", "port": 5432, "user": "postgres"}
MYSQL = {"host": "127.0.0.1", "port": 3306, "user": "root"}
URLS = {
    "sqlalchemy+psycopg2": "postgresql+psycopg2://postgres@127.0.0.1/test",
    "sqlalchemy+psycopg": "postgresql+psycopg://postgres@127.0.0.1/test",
    "sqlalchemy+asyncpg": "postgresql+asyncpg://postgres@127.0.0.1/test",
    "sqlalchemy+pymysql": "mysql+pymysql://root@127.0.0.1/test",
    "sqlalchemy+mysqldb": "mysql+mysqldb://root@127.0.0.1/test",
    "sqlalchemy+aiomysql": "mysql+aiomysql://root@127.0.0.1/test",
    "sqlalchemy+aiosqlite": "sqlite+aiosqlite:///file:nineam_drivers?mode=memory&cache=shared&uri=true",
}
COLUMNS = "1.5, CURRENT_TIMESTAMP, 'text', 12345, 1.25, CURRENT_TIMESTAMP"
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
SERIES = NUMBERS + "SELECT i, " + COLUMNS + " FROM n"
POSTGRES_ROWS = (
    "SELECT i, 1.5::numeric, now(), 'text', 12345, 1.25::numeric, now(), '{1,2,3}'::int[]"
    " FROM generate_series(1, 10000) i"
)
MYSQL_ROWS = "SELECT seq, " + COLUMNS + " FROM seq_1_to_10000"
DIALECTS = {
    "postgres": {"sleep": "SELECT pg_sleep(0.05)", "rows": POSTGRES_ROWS, "mark": "%s"},
    "mysql": {"sleep": "SELECT SLEEP(0.05)", "rows": MYSQL_ROWS, "mark": "%s"},
    # SQLite has no sleep: a function that takes as long
    "sqlite": {"sleep": "SELECT pause(0.05)", "rows": SERIES, "mark": "?"},
}
fetched = []


def pause(seconds):
    time.sleep(seconds)
    return 1


class Sync:
    """A DB-API driver; `connection()` lends a connection, from a pool of one."""

    def __init__(self, connection, dialect):
        self.connection = connection
        self.sql = DIALECTS[dialect]

    def run(self, statement, parameters=None):
        with self.connection() as connection:
            cursor = connection.cursor()
            cursor.execute(statement) if parameters is None else cursor.execute(statement, parameters)
            begin = time.perf_counter()
            rows = cursor.fetchall()
            fetched.append((time.perf_counter() - begin) * 1000)
            cursor.close()
            return rows

    def three(self):
        for number in range(3):
            self.run("SELECT " + self.sql["mark"], (number,))


class Async(Sync):
    """An asynchronous DB-API driver."""

    async def run(self, statement, parameters=None):
        async with self.connection() as connection:
            cursor = await maybe(connection.cursor())
            await (cursor.execute(statement) if parameters is None else cursor.execute(statement, parameters))
            rows = await cursor.fetchall()
            await maybe(cursor.close())
            return rows

    async def three(self):
        for number in range(3):
            await self.run("SELECT " + self.sql["mark"], (number,))


class Asyncpg(Sync):
    """asyncpg, which is no DB-API."""

    async def run(self, statement, *parameters):
        async with self.connection() as connection:
            return await connection.fetch(statement, *parameters)

    async def three(self):
        for number in range(3):
            await self.run("SELECT $1::int", number)


class Alchemy(Sync):
    """SQLAlchemy over a synchronous driver."""

    def run(self, statement, **parameters):
        with self.connection() as connection:
            return connection.execute(sqlalchemy.text(statement), parameters).all()

    def three(self):
        for number in range(3):
            self.run("SELECT CAST(:n AS DECIMAL)", n=number)


class AsyncAlchemy(Sync):
    """SQLAlchemy over an asynchronous driver."""

    async def run(self, statement, **parameters):
        async with self.connection() as connection:
            return (await connection.execute(sqlalchemy.text(statement), parameters)).all()

    async def three(self):
        for number in range(3):
            await self.run("SELECT CAST(:n AS DECIMAL)", n=number)


async def maybe(value):
    return await value if hasattr(value, "__await__") else value


def borrowed(connect):
    """One connection for everybody, one after the other: these drivers have no pool."""
    kept = []

    @contextmanager
    def connection():
        if not kept:
            kept.append(connect())
        yield kept[0]

    return connection


async def psycopg2():
    import psycopg2

    return Sync(borrowed(lambda: psycopg2.connect(dbname="test", **POSTGRES)), "postgres")


async def psycopg_pool():
    import psycopg_pool

    pool = psycopg_pool.ConnectionPool(kwargs={"dbname": "test", **POSTGRES}, min_size=1, max_size=1, open=False)
    pool.open(wait=True)
    closing.append(pool.close)
    return Sync(pool.connection, "postgres")


async def psycopg_pool_async():
    import psycopg_pool

    pool = psycopg_pool.AsyncConnectionPool(kwargs={"dbname": "test", **POSTGRES}, min_size=1, max_size=1, open=False)
    await pool.open(wait=True)
    closing.append(pool.close)
    return Async(pool.connection, "postgres")


async def asyncpg():
    import asyncpg

    pool = await asyncpg.create_pool(database="test", min_size=1, max_size=1, **POSTGRES)
    closing.append(pool.close)
    return Asyncpg(pool.acquire, "postgres")


async def pymysql():
    import pymysql

    return Sync(borrowed(lambda: pymysql.connect(database="test", **MYSQL)), "mysql")


async def mysqlclient():
    import MySQLdb

    return Sync(borrowed(lambda: MySQLdb.connect(database="test", **MYSQL)), "mysql")


async def aiomysql():
    import aiomysql

    pool = await aiomysql.create_pool(db="test", minsize=1, maxsize=1, **MYSQL)
    closing.append(pool.terminate)
    closing.append(pool.wait_closed)
    return Async(pool.acquire, "mysql")


async def aiosqlite():
    import aiosqlite

    connection = await aiosqlite.connect(":memory:")
    await connection.create_function("pause", 1, pause)
    closing.append(connection.close)

    @asynccontextmanager
    async def shared():
        yield connection

    return Async(shared, "sqlite")


def alchemy(name):
    async def make():
        options = {"pool_size": 1, "max_overflow": 0}
        if "+a" in name:
            from sqlalchemy.ext.asyncio import create_async_engine

            if "sqlite" in name:
                options["poolclass"] = sqlalchemy.pool.AsyncAdaptedQueuePool
            engine = create_async_engine(URLS[name], **options)
            if "sqlite" in name:
                sqlalchemy.event.listen(engine.sync_engine, "connect", register)
            closing.append(engine.dispose)
            return AsyncAlchemy(engine.connect, dialect_of(name))
        engine = sqlalchemy.create_engine(URLS[name], **options)
        closing.append(engine.dispose)
        return Alchemy(engine.connect, dialect_of(name))

    return make


def register(connection, record):
    connection.create_function("pause", 1, pause)


def dialect_of(name):
    return "sqlite" if "sqlite" in name else "mysql" if "mysql" in name else "postgres"


def with_awaits(driver):
    """The views of an asynchronous driver, by name."""

    async def first():
        await driver.run("SELECT 1")

    async def sleeps():
        await driver.run(driver.sql["sleep"])

    async def rows():
        return len(await driver.run(driver.sql["rows"]))

    async def three():
        await driver.three()

    async def at_once():
        await asyncio.gather(*(driver.three() for _ in range(2)))

    return first, sleeps, rows, three, at_once


def without_awaits(driver):
    """The views of a synchronous one."""

    def first():
        driver.run("SELECT 1")

    def sleeps():
        driver.run(driver.sql["sleep"])

    def rows():
        return len(driver.run(driver.sql["rows"]))

    def three():
        driver.three()

    return first, sleeps, rows, three


def application(driver):
    app = FastAPI()
    for view in (with_awaits if asyncio.iscoroutinefunction(driver.run) else without_awaits)(driver):
        app.get("/" + view.__name__.replace("_", "-"))(view)
    return app


closing = []
MAKERS = {
    function.__name__: function
    for function in (psycopg2, psycopg_pool, psycopg_pool_async, asyncpg, pymysql, mysqlclient, aiomysql, aiosqlite)
}
if sys.argv[1:2] and sys.argv[1] in URLS:
    import sqlalchemy
    import sqlalchemy.event


async def main(name):
    app = application(await (MAKERS.get(name) or alchemy(name))())
    offered = {route.path for route in app.routes}
    paths = [path for path in ("/first", "/sleeps", "/rows", "/three", "/at-once") if path in offered]
    for path in paths:
        await call(app, path)
    done = {}
    for path in paths:
        fetched.clear()
        status, body, taken = await call(app, path)
        done[path] = {"status": status, "body": body.decode(), "ms": taken / 1e6, "fetch_ms": sum(fetched)}
    if len(sys.argv) > 2:
        await asyncio.gather(*(call(app, "/sleeps") for _ in range(10)))
    for close in closing:
        await maybe(close())
    return done


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1]))))
