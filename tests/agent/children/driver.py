"""Calls an ASGI application in-process, as a server would, and measures it from outside."""

import asyncio
import time


def scope(method, path, headers=()):
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), *headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }


async def call(app, path, method="GET", headers=(), body=b""):
    """Return (status, body, nanoseconds until the last byte) of one request."""
    sent = []
    asked = over = 0

    async def receive():
        nonlocal asked
        asked += 1
        if asked == 1:
            return {"type": "http.request", "body": body, "more_body": False}
        await asyncio.Event().wait()  # as long as the client stays
        return {"type": "http.disconnect"}

    async def send(message):
        nonlocal over
        sent.append(message)
        over = over or (is_whole(sent) and time.perf_counter_ns())

    begin = time.perf_counter_ns()
    await app(scope(method, path, headers), receive, send)
    taken = over - begin
    status = next(message["status"] for message in sent if message["type"] == "http.response.start")
    text = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    return status, text, taken


def is_whole(sent):
    """Whether a client has all of the answer."""
    length = dict(sent[0].get("headers", ())).get(b"content-length", b"none")
    there = sum(len(message.get("body", b"")) for message in sent)
    return length == b"%d" % there or (len(sent) > 1 and not sent[-1].get("more_body"))


def sent_now():
    """The header with which the generator says when it sent a request."""
    return [(b"x-nineam-sent", str(time.perf_counter_ns()).encode())]
