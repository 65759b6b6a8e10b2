"""What a request waits for besides its database, each for a known time, in a known layer."""

import asyncio
import concurrent.futures
import contextvars
import hashlib
import http.client
import json
import logging
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
from driver import call
from fastapi import FastAPI

app = FastAPI()
MS = 0.03


class Slow(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        time.sleep(MS)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


service = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
threading.Thread(target=service.serve_forever, daemon=True).start()
PORT = service.server_address[1]
URL = f"http://user:password@127.0.0.1:{PORT}/secret/path?token=secret"
BARE = f"http://127.0.0.1:{PORT}/secret/path?token=secret"


@app.get("/urllib")
def by_urllib():
    return urllib.request.urlopen(BARE).read().decode()  # line of urllib


@app.get("/http_client")
def by_http_client():
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    connection.request("GET", "/secret")
    return connection.getresponse().read().decode()


@app.get("/requests")
def by_requests():
    import requests

    with requests.Session() as session:
        return [session.get(URL).text for _ in range(3)]  # line of requests


@app.get("/urllib3")
def by_urllib3():
    import urllib3

    return urllib3.PoolManager().request("GET", BARE).data.decode()


@app.get("/httpx")
def by_httpx():
    import httpx

    with httpx.Client() as client:
        return client.get(URL).text


@app.get("/httpx_async")
async def by_httpx_async():
    import httpx

    async with httpx.AsyncClient() as client:
        return (await client.get(URL)).text


@app.get("/httpx_pool")
async def by_httpx_pool():
    import httpx

    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=1)) as client:
        answers = await asyncio.gather(*(client.get(BARE) for _ in range(3)))
    return [answer.text for answer in answers]


@app.get("/gathered")
async def at_the_same_time():
    import httpx

    async with httpx.AsyncClient() as client:
        answer, _ = await asyncio.gather(client.get(URL), asyncio.sleep(2 * MS))
    return answer.text


@app.get("/aiohttp")
async def by_aiohttp():
    import aiohttp

    async with aiohttp.ClientSession() as session, session.get(URL) as answer:
        return await answer.text()


@app.get("/aiohttp_gather")
async def by_aiohttp_gather():
    import aiohttp

    async def one(session):
        async with session.get(BARE) as answer:
            return await answer.text()

    async with aiohttp.ClientSession() as session:
        return await asyncio.gather(*(one(session) for _ in range(4)))


class SlowHandler(logging.Handler):
    def emit(self, record):
        time.sleep(MS)


logger = logging.getLogger("slow")
logger.addHandler(SlowHandler())
logger.propagate = False


@app.get("/logging")
def logs():
    logger.warning("hello %s", "secret")
    logger.debug("not this one")


@app.get("/event")
def waits_for_event():
    event = threading.Event()
    threading.Timer(MS, event.set).start()
    event.wait()


@app.get("/semaphore")
def waits_for_semaphore():
    semaphore = threading.Semaphore(0)
    threading.Timer(MS, semaphore.release).start()
    with semaphore:
        time.sleep(MS)


@app.get("/async_lock")
async def waits_for_lock():
    lock = asyncio.Lock()
    await lock.acquire()
    asyncio.get_running_loop().call_later(MS, lock.release)
    async with lock:
        await asyncio.sleep(MS)


@app.get("/async_semaphore")
async def waits_for_async_semaphore():
    semaphore = asyncio.Semaphore(0)
    asyncio.get_running_loop().call_later(MS, semaphore.release)
    async with semaphore:
        pass


class Pool(concurrent.futures.ThreadPoolExecutor):
    def submit_plain(self, *args):
        """Somebody else's work, as far as the request is concerned."""
        return contextvars.Context().run(self.submit, *args)


pool = Pool(1)


@app.get("/submit")
def submits():
    ahead = pool.submit_plain(time.sleep, MS)
    mine = pool.submit(by_urllib)
    time.sleep(MS / 3)
    return mine.result(), ahead.done()


@app.get("/map")
def maps():
    with concurrent.futures.ThreadPoolExecutor(4) as wide:
        return list(wide.map(lambda _: by_urllib(), range(4)))


@app.get("/run_in_executor")
async def runs_in_executor():
    return await asyncio.get_running_loop().run_in_executor(None, by_urllib)


@app.get("/to_thread")
async def in_a_thread():
    return await asyncio.to_thread(by_urllib)


@app.get("/queued_executor")
async def queued():
    loop = asyncio.get_running_loop()
    first = loop.run_in_executor(pool, time.sleep, MS)
    await loop.run_in_executor(pool, time.sleep, MS)
    await first


@app.get("/behind_others")
async def behind_others():
    pool.submit_plain(time.sleep, MS)
    await asyncio.get_running_loop().run_in_executor(pool, time.sleep, MS)


@app.get("/hashlib")
def hashes():
    hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", 60000)


@app.get("/bcrypt")
def hashes_with_bcrypt():
    import bcrypt

    bcrypt.hashpw(b"secret", bcrypt.gensalt(7))


@app.get("/argon2")
def hashes_with_argon2():
    import argon2

    hasher = argon2.PasswordHasher()
    hasher.verify(hasher.hash("secret"), "secret")


@app.get("/passlib")
def hashes_with_passlib():
    from passlib.context import CryptContext

    CryptContext(["pbkdf2_sha256"]).hash("secret")


BIG = [{"number": number, "text": "x" * 20} for number in range(30000)]


@app.get("/orjson")
def dumps():
    return len(orjson.dumps(BIG))  # line of orjson


async def main():
    paths = [route.path for route in app.routes if getattr(route, "methods", None) and "doc" not in route.path]
    paths = [path for path in paths if path != "/openapi.json"]
    if len(sys.argv) > 1:
        paths = sys.argv[1:]
    seen = {}
    for path in paths:
        await call(app, path)
        status, body, taken = await call(app, path)
        seen[path] = [status, body.decode(), taken / 1e6]
    return {"seen": seen, "port": PORT}


print(json.dumps(asyncio.run(main())))
