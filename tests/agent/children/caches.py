"""Redis, by both clients: commands, a pipeline, ten at once, and a pool of one that ten requests want."""

import asyncio
import json

import redis
import redis.asyncio
from driver import call
from fastapi import FastAPI

URL = "redis://127.0.0.1:6379/9"
SECRET = "nineam:test:secret-key"
QUIET = "nineam:test:quiet"
plain = redis.Redis.from_url(URL)
plain_async = redis.asyncio.Redis.from_url(URL)
small = redis.Redis(connection_pool=redis.BlockingConnectionPool.from_url(URL, max_connections=1, timeout=10))
small_async = redis.asyncio.Redis(
    connection_pool=redis.asyncio.BlockingConnectionPool.from_url(URL, max_connections=1, timeout=10)
)
app = FastAPI()


@app.get("/sync")
def sync():
    plain.set(SECRET, "secret-value")
    values = [plain.get(SECRET).decode() for _ in range(3)]
    with plain.pipeline() as pipeline:
        pipeline.get(SECRET).get(SECRET)
        values += [value.decode() for value in pipeline.execute()]
    plain.delete(SECRET)
    return values


@app.get("/async")
async def with_awaits():
    await plain_async.set(SECRET, "secret-value")
    values = [(await plain_async.get(SECRET)).decode() for _ in range(3)]
    async with plain_async.pipeline() as pipeline:
        pipeline.get(SECRET).get(SECRET)
        values += [value.decode() for value in await pipeline.execute()]
    values += [value.decode() for value in await asyncio.gather(*(plain_async.get(SECRET) for _ in range(10)))]
    await plain_async.delete(SECRET)
    return values


@app.get("/raw")
def raw():
    return [str(plain.execute_command("SET " + SECRET, "secret-value")), plain.delete(SECRET)]


@app.get("/fails")
def fails():
    try:
        plain.execute_command("NOSUCHCOMMAND", SECRET)
    except redis.ResponseError as error:
        return str(error)[:20]


@app.get("/waits")
def waits():
    return small.blpop([QUIET], timeout=0.05)


@app.get("/waits-async")
async def waits_async():
    return await small_async.blpop([QUIET], timeout=0.05)


async def main():
    answers = {}
    for path in ("/sync", "/async", "/raw", "/fails", "/waits", "/waits-async"):
        await call(app, path)
        status, body, _ = await call(app, path)
        answers[path] = [status, body.decode()]
    for path in ("/waits", "/waits-async"):
        await asyncio.gather(*(call(app, path) for _ in range(5)))
    await plain_async.aclose()
    await small_async.connection_pool.aclose()
    return answers


print(json.dumps(asyncio.run(main())))
