"""Serves requests that compute and wait on threads of several kinds; says what each really took."""

import asyncio
import io
import json
import os
import random
import sys
import threading
import time
import warnings

from sampled import compute, rest

CHOICE = random.Random(9)
LOCK = threading.Lock()
TRUTH = {"computing": 0, "waiting": 0, "cpu": 0, "wall": 0}


def bursts(busy, idle, times):
    """Bursts of exponential lengths, so that nothing can run in step with them; adds up the true times."""
    computing = waiting = 0
    begin, cpu = time.perf_counter_ns(), time.thread_time_ns()
    for _ in range(times):
        before = time.perf_counter_ns()
        compute(CHOICE.expovariate(1 / busy))
        between = time.perf_counter_ns()
        rest(CHOICE.expovariate(1 / idle))
        computing += between - before
        waiting += time.perf_counter_ns() - between
    cpu, wall = time.thread_time_ns() - cpu, time.perf_counter_ns() - begin
    with LOCK:
        for name, taken in {"computing": computing, "waiting": waiting, "cpu": cpu, "wall": wall}.items():
            TRUTH[name] += taken


def asgi(busy, idle, times, requests):
    """A synchronous endpoint of Starlette's, in anyio's pool."""
    from driver import call
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    def pooled(request):
        bursts(busy, idle, times)
        return PlainTextResponse("")

    app = Starlette(routes=[Route("/pooled", pooled)])

    async def several():
        for _ in range(requests):
            await call(app, "/pooled")

    if sys.argv[2] == "uvloop":
        import uvloop

        uvloop.run(several())
    else:
        asyncio.run(several())


def executor(busy, idle, times, requests):
    """Work that an asynchronous endpoint hands to a pool of the standard library's."""
    from driver import call
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    async def handed(request):
        await asyncio.get_running_loop().run_in_executor(None, bursts, busy, idle, times)
        return PlainTextResponse("")

    app = Starlette(routes=[Route("/handed", handed)])

    async def several():
        for _ in range(requests):
            await call(app, "/handed")

    asyncio.run(several())


def flask(busy, idle, times):
    """Return what asks a view of Flask's once, on the calling thread."""
    from flask import Flask

    app = Flask("app")

    @app.get("/threaded")
    def threaded():
        bursts(busy, idle, times)
        return ""

    def one():
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": "/threaded", "SERVER_NAME": "test", "SERVER_PORT": "80",
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "SCRIPT_NAME": "",
        }  # fmt: skip
        assert list(app(environ, lambda status, headers, *rest: None)) == [b""]

    return one


def main(busy, idle, times, requests):
    """A view of Flask's on the main thread."""
    one = flask(busy, idle, times)
    for _ in range(requests):
        one()


def wsgi(busy, idle, times, requests):
    """The same on a thread of a pool, as servers with threads have it."""
    from concurrent.futures import ThreadPoolExecutor

    one = flask(busy, idle, times)
    with ThreadPoolExecutor(1) as pool:
        for _ in range(requests):
            pool.submit(one).result()


def forks(busy, idle, times, requests):
    """Requests on a thread, in a process and then in a child that it forks."""
    wsgi(busy, idle, times, requests)
    warnings.simplefilter("ignore")  # newer Pythons warn of forks beside threads
    child = os.fork()
    if not child:
        before = [thread.name for thread in threading.enumerate()]
        wsgi(busy, idle, times, requests)
        time.sleep(0.3)
        sys.modules["nineam_agent.boot"].stop()
        after = [thread.name for thread in threading.enumerate()]
        os._exit(0 if before == ["MainThread"] and not [name for name in after if name.startswith("nineam")] else 1)
    TRUTH["child"] = os.waitpid(child, 0)[1]


WAYS = {"asgi": asgi, "executor": executor, "forks": forks, "main": main, "wsgi": wsgi}

if __name__ == "__main__":
    way, _, busy, idle, times, requests = sys.argv[1:]
    WAYS[way](float(busy), float(idle), int(times), int(requests))
    time.sleep(0.3)
    agent = sys.modules.get("nineam_agent.boot")
    if agent is not None:
        agent.stop()
    print(json.dumps({"truth": TRUTH, "threads": [thread.name for thread in threading.enumerate()]}))
