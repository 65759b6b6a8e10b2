"""Requests whose layers are slowed down on purpose, one after the other."""

import asyncio
import json
import logging
import sys
import time

from driver import call
from fastapi import FastAPI

ROUNDS = 15
app = FastAPI()
handler = logging.FileHandler("/dev/null")
log = logging.getLogger("slowed")
log.addHandler(handler)
log.propagate = False


def compute(milliseconds):
    until = time.perf_counter() + milliseconds / 1e3
    while time.perf_counter() < until:
        pass


class Slow(logging.Filter):
    def filter(self, record):
        compute(1.5)
        return True


handler.addFilter(Slow())


@app.get("/one")
async def one():
    compute(3)
    lock = asyncio.Lock()
    await lock.acquire()
    asyncio.get_running_loop().call_later(0.003, lock.release)
    await lock.acquire()
    log.warning("here")


@app.get("/other")
async def other():
    compute(3)


def order(percent, endpoint="", layer=""):
    agent = sys.modules["nineam_agent.boot"]._agent
    agent.recorder._orders.take(f"slow {percent}\t{endpoint}\t{layer}\n".encode())


async def main():
    plans = [(), (100, "", "view"), (100, "GET /one", "view"), (200, "", "lock_wait"), (100, "", "logging"), (0,)]
    for _ in range(ROUNDS):  # in turn: a moment in which the machine is busy is not all of one plan's
        for plan in plans:
            order(*plan or (0,))
            await call(app, "/one")
            await call(app, "/other")
    order(100, "", "view")
    sys.modules["nineam_agent.orders"].Orders(None).take(b"")  # the controller is gone
    return [sys.modules["nineam_agent.slowing"].State.on]


print(json.dumps(asyncio.run(main())))
