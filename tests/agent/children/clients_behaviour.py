"""Things that must come out the same whether the agent is there or not."""

import asyncio
import concurrent.futures
import contextvars
import copy
import hashlib
import http.client
import inspect
import json
import logging
import pickle
import re
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import aiohttp
import bcrypt
import httpx
import orjson
import requests
import urllib3
from driver import call
from fastapi import FastAPI


class Echo(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/there")
            self.end_headers()
            return
        self.send_response(404 if self.path == "/missing" else 200)
        self.end_headers()
        self.wfile.write(self.path.encode() * 3)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
threading.Thread(target=server.serve_forever, daemon=True).start()
BASE = f"http://127.0.0.1:{server.server_address[1]}"
variable = contextvars.ContextVar("variable", default="nothing")


def attempt(function, *args, **kwargs):
    try:
        return repr(function(*args, **kwargs))
    except BaseException as error:  # noqa: BLE001 - cancellation is compared too
        return [type(error).__name__, type(error.__cause__).__name__, type(error.__context__).__name__]


async def attempt_async(awaitable):
    try:
        return repr(await awaitable)
    except BaseException as error:  # noqa: BLE001 - cancellation is compared too
        return [type(error).__name__, type(error.__cause__).__name__, type(error.__context__).__name__]


FUNCTIONS = [
    requests.Session.send, urllib3.HTTPConnectionPool.urlopen, httpx.Client.send, httpx.AsyncClient.send,
    aiohttp.ClientSession._request, http.client.HTTPConnection.getresponse, threading.Condition.wait,
    asyncio.Lock.acquire, asyncio.Semaphore.acquire, asyncio.Condition.wait, hashlib.pbkdf2_hmac, hashlib.scrypt,
    concurrent.futures.ThreadPoolExecutor.submit, concurrent.futures.Future.result, logging.Logger.callHandlers,
    bcrypt.hashpw, orjson.dumps, orjson.loads,
]  # fmt: skip


def signature(function):
    try:
        return re.sub("0x[0-9a-f]+", "", str(inspect.signature(function)))
    except ValueError:
        return "none"


def signatures():
    return [
        [f.__name__, f.__qualname__, f.__module__, f.__doc__, signature(f), inspect.iscoroutinefunction(f), callable(f)]
        for f in FUNCTIONS
    ]


def c_functions():
    class Holder:
        derive = hashlib.pbkdf2_hmac
        dumps = orjson.dumps

    plain = (hashlib.pbkdf2_hmac, orjson.dumps, bcrypt.hashpw)
    return [
        Holder().derive("sha1", b"a", b"b", 1).hex(), Holder().dumps({"a": 1}).decode(), repr(orjson.dumps),
        [pickle.loads(pickle.dumps(function)).__name__ for function in plain],
        pickle.loads(pickle.dumps(hashlib.pbkdf2_hmac))("sha1", b"a", b"b", 1).hex(),
        [copy.deepcopy(function) is function for function in plain],
        attempt(hashlib.pbkdf2_hmac, "no-such", b"", b"", 1), attempt(orjson.loads, b"{"),
        attempt(hashlib.scrypt, b"x", salt=b"y", n=3, r=1, p=1), attempt(orjson.dumps, {1, 2}),
    ]  # fmt: skip


def clients():
    gone = "http://127.0.0.1:9/"
    session = requests.Session()
    return [
        session.get(BASE + "/redirect").text, session.get(BASE + "/missing").status_code,
        b"".join(session.get(BASE + "/streamed", stream=True).iter_content(5)).decode(),
        len(session.get(BASE + "/redirect").history), attempt(session.get, gone), attempt(session.get, "nonsense"),
        urllib3.PoolManager().request("GET", BASE + "/u", preload_content=False).read().decode(),
        attempt(urllib3.PoolManager(retries=False).request, "GET", gone),
        urllib.request.urlopen(BASE + "/urllib").read().decode(), attempt(urllib.request.urlopen, BASE + "/missing"),
        attempt(urllib.request.urlopen, gone), httpx.get(BASE + "/redirect", follow_redirects=True).text,
        attempt(httpx.get, gone), attempt(httpx.Client().send, "no request"),
    ]  # fmt: skip


async def asynchronous_clients():
    done = []
    async with httpx.AsyncClient() as client:
        done.append((await client.get(BASE + "/a")).text)
        async with client.stream("GET", BASE + "/streamed") as answer:
            done.append("".join([part async for part in answer.aiter_text()]))
        done.append(await attempt_async(client.get("http://127.0.0.1:9/")))
    async with aiohttp.ClientSession(BASE) as session:
        async with session.get("/redirect") as answer:
            done += [await answer.text(), answer.status, len(answer.history)]
        done.append(await attempt_async(session.get("http://127.0.0.1:9/")))
        done.append(await attempt_async(asyncio.wait_for(session.get("/x"), 0)))
    return done


def raising():
    raise LookupError("theirs")


def executors():
    variable.set("of the request")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        gate = threading.Event()
        blocked = [pool.submit(gate.wait) for _ in range(2)]
        queued = pool.submit(raising)
        done = [attempt(blocked[0].result, 0.01), queued.cancel(), attempt(queued.result)]
        gate.set()
        done += [future.result() for future in blocked]
        failed = pool.submit(raising)
        done += [attempt(failed.result), attempt(pool.submit), [future.done() for future in blocked]]
        done += [list(pool.map(pow, (1, 2), (2, 3))), pool.submit(dict, fn=1, pool=2).result()]
        done += [len(concurrent.futures.wait([pool.submit(pow, 2, 2)]).done)]
        done += [[future.result() for future in concurrent.futures.as_completed([pool.submit(pow, 3, 2)])]]
        done.append(failed.exception().args)
    return [*done, attempt(pool.submit, raising)]


async def asynchronous_executors():
    loop = asyncio.get_running_loop()
    variable.set("of the request")
    return [
        await loop.run_in_executor(None, pow, 2, 5), await asyncio.to_thread(variable.get), variable.get(),
        await attempt_async(loop.run_in_executor(None, raising)), await attempt_async(asyncio.to_thread(raising)),
        await asyncio.gather(*(asyncio.to_thread(pow, 2, number) for number in range(5))),
    ]  # fmt: skip


async def locks():
    lock, semaphore, condition = asyncio.Lock(), asyncio.Semaphore(1), asyncio.Condition()
    async with lock, semaphore:
        done = [await attempt_async(asyncio.wait_for(lock.acquire(), 0.01))]
        done.append(await attempt_async(asyncio.wait_for(semaphore.acquire(), 0.01)))
        done.append(await attempt_async(condition.wait()))
    done += [await lock.acquire(), lock.locked(), await semaphore.acquire(), semaphore.locked()]
    threads = threading.Condition()
    done.append(attempt(threads.wait, 0.01))
    with threads:
        done += [threads.wait(0.01), threads.wait(timeout=0.01), threads.wait_for(lambda: True)]
    return [*done, threading.Event().wait(0.01), threading.Semaphore(0).acquire(timeout=0.01)]


def logs():
    seen = []

    class Keeping(logging.Handler):
        def emit(self, record):
            seen.append([record.getMessage(), record.funcName, record.lineno - logs.__code__.co_firstlineno])

    logger = logging.getLogger("kept")
    logger.handlers, logger.propagate = [Keeping()], False
    logger.warning("hello %d", 1)
    return seen


WORK = {
    "signatures": signatures, "c_functions": c_functions, "clients": clients, "executors": executors, "logs": logs,
    "asynchronous_clients": asynchronous_clients, "asynchronous_executors": asynchronous_executors, "locks": locks,
}  # fmt: skip
app = FastAPI()


@app.get("/{name}")
async def work(name: str):
    done = WORK[name]()
    return json.loads(json.dumps(await done if inspect.isawaitable(done) else done, default=repr))


async def main():
    done = {name: (await call(app, "/" + name))[1].decode() for name in WORK}
    return {"agent": "nineam_agent.boot" in sys.modules, "done": done}


print(json.dumps(asyncio.run(main())).replace(BASE.rpartition(":")[2], "PORT"))
