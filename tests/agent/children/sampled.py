"""Serves requests that compute and wait in a known ratio; says what share of the time was computing, and costs."""

import _signal
import asyncio
import json
import random
import sys
import time

from driver import call
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

CHOICE = random.Random(9)


def compute(milliseconds):
    until = time.perf_counter_ns() + int(milliseconds * 1e6)
    number = 0
    while time.perf_counter_ns() < until:
        number += 1
    return number


def rest(milliseconds):
    time.sleep(milliseconds / 1000)


async def bursts(request):
    """Bursts of exponential lengths, so that no timer can run in step with them; returns the true times."""
    busy, idle = float(request.path_params["busy"]), float(request.path_params["idle"])
    asleep = request.path_params["how"] == "async"
    computing = waiting = 0
    wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
    for _ in range(int(request.path_params["times"])):
        begin = time.perf_counter_ns()
        compute(CHOICE.expovariate(1 / busy))
        between = time.perf_counter_ns()
        pause = CHOICE.expovariate(1 / idle)
        await asyncio.sleep(pause / 1000) if asleep else rest(pause)
        computing += between - begin
        waiting += time.perf_counter_ns() - between
    wall, cpu = time.perf_counter_ns() - wall, time.thread_time_ns() - cpu
    return PlainTextResponse(json.dumps({"computing": computing, "waiting": waiting, "cpu": cpu, "wall": wall}))


app = Starlette(routes=[Route("/bursts/{busy}/{idle}/{how}/{times}", bursts)])


async def main(busy, idle, how, times):
    return json.loads((await call(app, f"/bursts/{busy}/{idle}/{how}/{times}"))[1])


if __name__ == "__main__":
    loop, *arguments = sys.argv[1:]
    if loop == "uvloop":
        import uvloop

        truth = uvloop.run(main(*arguments))
    else:
        truth = asyncio.run(main(*arguments))
    time.sleep(0.3)
    print(json.dumps({"truth": truth, "timer": _signal.getitimer(_signal.ITIMER_REAL)}))
