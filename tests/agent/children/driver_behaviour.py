"""What an application can observe of its drivers, as JSON: the same with the agent and without it.

Everything below runs inside a request, where the hooks are at work.
"""

import asyncio
import inspect
import json
import sys
from contextlib import suppress

from driver import call
from drivers import MYSQL, POSTGRES
from fastapi import FastAPI


def shape(owner, name):
    function = getattr(owner, name)
    return [
        str(inspect.signature(function)), inspect.iscoroutinefunction(function), function.__name__,
        function.__qualname__, function.__module__, type(inspect.getattr_static(owner, name)).__name__,
    ]  # fmt: skip


def failure(error):
    return [type(error).__name__, str(error), type(error.__cause__).__name__]


def raised(function, *args):
    try:
        function(*args)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is compared
        return failure(error)
    return None


async def raised_async(awaitable):
    try:
        await awaitable
    except Exception as error:  # noqa: BLE001
        return failure(error)
    return None


def kind(value):
    return [type(value).__name__, type(value).__qualname__, type(value).__module__]


async def psycopg2():
    import psycopg2.extensions
    import psycopg2.extras
    from psycopg2 import sql

    class Mine(psycopg2.extensions.connection):
        def cursor(self, *args, **kwargs):
            kwargs.setdefault("cursor_factory", psycopg2.extras.RealDictCursor)
            return super().cursor(*args, **kwargs)

    plain = psycopg2.connect(dbname="test", **POSTGRES)
    mine = psycopg2.connect(dbname="test", connection_factory=Mine, **POSTGRES)
    named = psycopg2.connect(dbname="test", cursor_factory=psycopg2.extras.NamedTupleCursor, **POSTGRES)
    extra = psycopg2.connect(dbname="test", connection_factory=psycopg2.extras.DictConnection, **POSTGRES)
    made = psycopg2.connect(
        "dbname=test host=127.0.0.1 user=postgres", lambda dsn, **_: psycopg2.extensions.connection(dsn)
    )
    cursor = plain.cursor()
    psycopg2.extras.register_uuid(conn_or_curs=cursor)
    psycopg2.extensions.register_type(psycopg2.extensions.UNICODE, plain)
    text = sql.SQL("SELECT {}, {} AS {}").format(sql.Literal(1), sql.Placeholder(), sql.Identifier("two"))
    seen = [
        shape(psycopg2, "connect"),
        kind(plain),
        kind(cursor),
        kind(mine),
        kind(mine.cursor()),
        kind(named.cursor()),
    ]
    seen += [kind(plain.cursor("on the server")), kind(extra.cursor()), kind(made.cursor()), repr(plain.cursor_factory)]
    for connection in (plain, mine, named, extra, made):
        with connection, connection.cursor() as each:
            each.execute(text, ("a",))
            rows = each.fetchall()
            seen += [
                str(rows),
                str(each.execute(query="SELECT %(n)s", vars={"n": 1})),
                kind(rows[0]),
                text.as_string(each),
                each.query.decode(),
                each.rowcount,
            ]
    cursor.execute("SELECT generate_series(1, 5)")
    seen += [next(cursor), cursor.fetchone(), cursor.fetchmany(2), list(cursor), cursor.fetchone(), cursor.scroll(-1)]
    seen += [str(cursor.execute("SELECT 1")), str(cursor.callproc("pg_sleep", (0,))), raised(cursor.execute, "SELECT")]
    seen += [raised(cursor.execute), raised(psycopg2.connect, "host=127.0.0.1 port=1"), raised(cursor.fetchone)]
    plain.rollback()
    psycopg2.extras.execute_values(cursor, "SELECT * FROM (VALUES %s) v", [(1, "x"), (2, "y")])
    seen += [cursor.fetchall(), isinstance(cursor, psycopg2.extensions.cursor), str(plain.commit()), plain.closed]
    for connection in (plain, mine, named, extra, made):
        connection.close()
    return seen


async def psycopg_pool():
    import psycopg
    import psycopg_pool

    seen = [shape(psycopg_pool.ConnectionPool, name) for name in ("getconn", "putconn", "__init__")]
    seen += [shape(psycopg.Connection, "connect"), shape(psycopg.AsyncConnection, "connect")]
    options = {"kwargs": {"dbname": "test", **POSTGRES}, "min_size": 1, "max_size": 1, "timeout": 0.2}
    check = psycopg_pool.ConnectionPool.check_connection
    with psycopg_pool.ConnectionPool(check=check, **options) as pool, pool.connection() as connection:
        seen += [connection.execute("SELECT 1").fetchall(), raised(pool.getconn)[0]]
        seen.append(raised(connection.execute, "SELECT"))
    async with psycopg_pool.AsyncConnectionPool(open=False, **options) as pool, pool.connection() as connection:
        seen += [await (await connection.execute("SELECT 1")).fetchall(), (await raised_async(pool.getconn()))[0]]
        async with connection.cursor(name="on_the_server") as cursor:
            await cursor.execute("SELECT generate_series(1, 5)")
            seen += [await cursor.fetchmany(2), [row async for row in cursor]]
    return seen


async def asyncpg():
    import asyncpg

    seen = [shape(asyncpg.Connection, name) for name in ("fetch", "execute", "reset")]
    seen += [shape(asyncpg.pool.Pool, name) for name in ("acquire", "release")]
    seen += [shape(asyncpg, name) for name in ("connect", "create_pool")]
    pool = await asyncpg.create_pool(database="test", min_size=1, max_size=1, **POSTGRES)
    async with pool.acquire() as connection:
        seen += [kind(connection), str(await connection.fetch("SELECT $1::int AS n", 1))]
        seen += [await connection.execute("SELECT 1"), await connection.fetchval("SELECT 'x'")]
        seen.append(await raised_async(connection.fetch("SELECT")))
        seen.append(await raised_async(connection.fetch("SELECT pg_sleep(1)", timeout=0.05)))
        seen.append(await raised_async(pool.acquire(timeout=0.05)))
        await connection.execute("CREATE TEMPORARY TABLE nineam_t (n int, x text)")
        await connection.executemany("INSERT INTO nineam_t VALUES ($1, $2)", [(1, "a"), (2, "b")])
        seen.append(await connection.copy_records_to_table("nineam_t", records=[(3, "c")]))
        async with connection.transaction():
            seen.append(
                [tuple(row) async for row in connection.cursor("SELECT * FROM nineam_t ORDER BY n", prefetch=2)]
            )
            cursor = await connection.cursor("SELECT n FROM nineam_t ORDER BY n")
            seen += [str(await cursor.fetch(2)), str(await cursor.fetchrow())]
        statement = await connection.prepare("SELECT n FROM nineam_t WHERE n > $1")
        seen += [str(await statement.fetch(1)), str(statement.get_attributes())]
        task = asyncio.ensure_future(connection.fetch("SELECT pg_sleep(1)"))
        await asyncio.sleep(0.02)
        task.cancel()
        seen.append((await asyncio.gather(task, return_exceptions=True))[0].__class__.__name__)
        seen.append(await connection.fetchval("SELECT 2"))
    seen.append(await pool.fetchval("SELECT 3"))
    await pool.close()
    return seen


async def mysql():
    import pymysql
    import pymysql.cursors

    seen, modules = [], [pymysql]
    with suppress(ImportError):
        import MySQLdb
        import MySQLdb.cursors

        modules.append(MySQLdb)
    for module in modules:
        seen += [shape(module.cursors.Cursor, name) for name in ("execute", "executemany", "fetchall")]
        connection = module.connect(database="test", **MYSQL)
        for cursor_class in ("Cursor", "DictCursor", "SSCursor", "SSDictCursor"):
            cursor = connection.cursor(getattr(module.cursors, cursor_class))
            seen += [kind(cursor), cursor.execute("SELECT 1 AS a, %s AS b", ("x",)), str(cursor.fetchall())]
            seen += [cursor.execute("SELECT 1 UNION SELECT 2"), str(cursor.fetchone()), str(cursor.fetchmany(5))]
            cursor.close()
        cursor = connection.cursor()
        cursor.execute("CREATE TEMPORARY TABLE nineam_t (n int, x text)")
        seen.append(cursor.executemany("INSERT INTO nineam_t VALUES (%s, %s)", [(1, "a"), (2, "b")]))
        seen += [
            raised(cursor.execute, "SELEC"),
            raised(cursor.execute),
            str(connection.commit()),
            str(connection.rollback()),
        ]
        connection.close()
        seen.append(raised(cursor.execute, "SELECT 1"))
    return seen


async def aiosqlite():
    import aiosqlite

    seen = [shape(aiosqlite.Connection, name) for name in ("execute", "_execute", "commit")]
    async with aiosqlite.connect(":memory:") as db:
        await db.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, x TEXT)")
        seen.append(await db.execute_insert("INSERT INTO t (x) VALUES (?)", ("a",)))
        await db.executemany("INSERT INTO t (x) VALUES (?)", [("b",), ("c",)])
        seen += [await db.execute_fetchall("SELECT * FROM t"), db.total_changes, db.in_transaction]
        async with db.execute("SELECT x FROM t WHERE n > ?", (1,)) as cursor:
            seen += [kind(cursor), await cursor.fetchone(), [row async for row in cursor], cursor.rowcount]
        seen += [
            await raised_async(db.execute("SELEC")),
            str(await db.commit()),
            str(await db.executescript("SELECT 1;"))[:10],
        ]
    seen.append(await raised_async(db.execute("SELECT 1")))
    return seen


async def redis():
    import redis
    import redis.asyncio

    url = "redis://127.0.0.1:6379/9"
    seen = [shape(redis.Redis, "execute_command"), shape(redis.asyncio.Redis, "execute_command")]
    seen += [
        shape(module.BlockingConnectionPool, name)
        for module in (redis, redis.asyncio)
        for name in ("get_connection", "release")
    ]
    client = redis.Redis(connection_pool=redis.BlockingConnectionPool.from_url(url, max_connections=1, timeout=0.05))
    with client.pipeline() as pipeline:
        seen.append(pipeline.set("nineam:b", 1).incr("nineam:b").delete("nineam:b").execute())
    seen += [raised(client.execute_command, "NOSUCH", "x"), raised(client.execute_command)]
    with client.lock("nineam:l", timeout=1):
        seen.append(client.exists("nineam:l"))
    taken = client.connection_pool.get_connection()
    seen.append(raised(client.ping))
    client.connection_pool.release(taken)
    seen.append(client.ping())
    client.close()
    aclient = redis.asyncio.Redis(
        connection_pool=redis.asyncio.BlockingConnectionPool.from_url(url, max_connections=1, timeout=0.05)
    )
    async with aclient.pipeline() as pipeline:
        seen.append(await pipeline.set("nineam:b", 1).incr("nineam:b").delete("nineam:b").execute())
    seen.append(await raised_async(aclient.execute_command("NOSUCH", "x")))
    taken = await aclient.connection_pool.get_connection()
    seen.append(await raised_async(aclient.ping()))
    await aclient.connection_pool.release(taken)
    seen.append(await aclient.ping())
    await aclient.aclose()
    return seen


EVERYTHING = (psycopg2, psycopg_pool, asyncpg, mysql, aiosqlite, redis)


async def main():
    app, done = FastAPI(), {}

    @app.get("/{name}")
    async def one(name: str):
        (function,) = [function for function in EVERYTHING if function.__name__ == name]
        try:
            done[name] = json.loads(json.dumps(await function(), default=str))
        except Exception as error:  # noqa: BLE001
            done[name] = ["broke", repr(error), error.__traceback__.tb_next.tb_lineno]

    for function in EVERYTHING:
        if not sys.argv[1:] or function.__name__ in sys.argv[1:]:
            await call(app, "/" + function.__name__)
    return {"agent": "nineam_agent" in sys.modules, "done": done}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main())))
