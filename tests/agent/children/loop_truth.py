"""What holds the loop and what it holds up, for a real server; each answer says what its own work really took."""

import time

from fastapi import FastAPI
from psycopg_pool import AsyncConnectionPool

DATABASE = "host=127.0.0.1 dbname=test user=postgres"
ROWS = "SELECT n, n::text, repeat('x', 20) FROM generate_series(1, 10000) AS n"
pools = {}


def of_size(size):
    return AsyncConnectionPool(DATABASE, min_size=size, max_size=size, open=False, kwargs={"autocommit": True})


async def lifespan(app):
    pools.update(wide=of_size(20), single=of_size(1))
    for pool in pools.values():
        await pool.open(wait=True)
    yield
    for pool in pools.values():
        await pool.close()


app = FastAPI(lifespan=lifespan)


def since(begin):
    return {"ms": (time.perf_counter_ns() - begin) / 1e6}


@app.get("/holds")
async def holds():
    begin = time.perf_counter_ns()
    time.sleep(0.05)
    return since(begin)


@app.get("/victim")
async def victim():
    async with pools["wide"].connection() as connection:
        for _ in range(3):
            await connection.execute("SELECT 1")
    return {}


@app.get("/waits")
async def waits():
    async with pools["wide"].connection() as connection:
        begin = time.perf_counter_ns()
        await connection.execute("SELECT pg_sleep(0.05)")
        return since(begin)


@app.get("/decodes")
async def decodes():
    async with pools["wide"].connection() as connection:
        cursor = await connection.execute(ROWS)
        begin = time.perf_counter_ns()
        await cursor.fetchall()
        return since(begin)


@app.get("/pooled")
async def pooled():
    async with pools["single"].connection() as connection:
        begin = time.perf_counter_ns()
        await connection.execute("SELECT pg_sleep(0.01)")
        return since(begin)
