"""A WSGI application of the standard library alone, one request of which waits for everything it can wait for."""

import asyncio
import concurrent.futures
import hashlib
import http.client
import json
import logging
import threading
import time
from wsgiref.simple_server import WSGIRequestHandler, make_server


class Slow(logging.Handler):
    def emit(self, record):
        time.sleep(0.01)


logger = logging.getLogger("slow")
logger.addHandler(Slow())
logger.propagate = False
pool = concurrent.futures.ThreadPoolExecutor(2)


def inner(environ, start_response):
    time.sleep(0.01)
    start_response("200 OK", [])
    return [b"inner"]


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


service = make_server("127.0.0.1", 0, inner, handler_class=Quiet)
threading.Thread(target=service.serve_forever, daemon=True).start()


def ask(port):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/things/7")
    return connection.getresponse().read()


async def asynchronous():
    lock = asyncio.Lock()
    async with lock:
        return await asyncio.to_thread(time.sleep, 0.01)


def outer(environ, start_response):
    logger.warning("x")
    event = threading.Event()
    threading.Timer(0.01, event.set).start()
    event.wait()
    hashlib.pbkdf2_hmac("sha256", b"x", b"y", 2000)
    ask(service.server_port)
    assert pool.submit(ask, service.server_port).result() == b"inner"
    asyncio.run(asynchronous())
    start_response("201 Created", [])
    yield b"outer"


served = make_server("127.0.0.1", 0, outer, handler_class=Quiet)
threading.Thread(target=served.serve_forever, daemon=True).start()
print(json.dumps(ask(served.server_port).decode()))
served.shutdown()
