"""Requests that compute and wait in turn, many at once on one loop; says what each really computed and waited."""

import asyncio
import json
import sys
import time

from driver import call
from fastapi import FastAPI
from starlette.middleware.base import BaseHTTPMiddleware

CROWD = 10
ROUNDS = 4
app = FastAPI()
wrapped = FastAPI()


class Passing(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        return await call_next(request)


wrapped.add_middleware(Passing)


def compute(milliseconds):
    """Hold the loop; returns for how many milliseconds."""
    begin = time.perf_counter_ns()
    while time.perf_counter_ns() < begin + milliseconds * 1e6:
        pass
    return (time.perf_counter_ns() - begin) / 1e6


async def pause(milliseconds):
    await asyncio.sleep(milliseconds / 1000)
    return milliseconds


@app.get("/sleeps")
async def sleeps():
    return {"ms": compute(3) + await pause(10) + compute(3) + await pause(5)}


@app.get("/spawns")
async def spawns():
    return {"ms": compute(3) + await asyncio.shield(asyncio.create_task(pause(10))) + compute(3)}


@app.get("/gathers")
async def gathers():
    return {"ms": compute(3) + max(await asyncio.gather(pause(10), pause(8))) + compute(3)}


@wrapped.get("/wrapped")
async def in_a_task_of_its_own():
    return {"ms": compute(5) + await pause(5) + compute(5)}


async def main():
    answers = {}
    for path in ("/sleeps", "/spawns", "/gathers"):
        await call(app, path)
        answers[path] = []
        for _ in range(ROUNDS):
            together = await asyncio.gather(*(asyncio.create_task(call(app, path)) for _ in range(CROWD)))
            answers[path].append(sum(json.loads(body)["ms"] for _, body, _ in together))
    await call(wrapped, "/wrapped")
    answers["/wrapped"] = [json.loads((await call(wrapped, "/wrapped"))[1])["ms"] for _ in range(ROUNDS)]
    return answers


def run():
    if sys.argv[1] == "uvloop":
        import uvloop

        loop = uvloop.new_event_loop()
        return loop.run_until_complete(main())
    return asyncio.run(main())


print(json.dumps(run()))
