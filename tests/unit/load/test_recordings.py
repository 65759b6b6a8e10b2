"""Recorded journeys through the engine: users make them again with their own cookies."""

import asyncio
import contextlib
import re

import pytest

from nineam.errors import UsageError
from nineam.load.process import LoadProcess
from nineam.merging import merge
from nineam.model import LoadPlan, LoadStats, Phase, Recording, RequestSpec, Step


class Application:
    """Gives each client a cookie at the login, sends it on to its home, and writes down what it was asked."""

    def __init__(self):
        self.asked = []
        self.users = 0

    async def serve(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = re.search(r"content-length: (\d+)", head)
                body = await reader.readexactly(int(length.group(1))) if length else b""
                self.asked.append((head, body))
                writer.write(self._answer(head))
        writer.close()

    def _answer(self, head):
        if head.startswith("POST /login"):
            self.users += 1
            return (
                f"HTTP/1.1 302 Found\r\nSet-Cookie: user={self.users}; Path=/\r\nLocation: /home\r\n"
                "Content-Length: 0\r\n\r\n"
            ).encode()
        status = "200 OK" if "cookie: user=" in head else "403 Forbidden"
        return f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()


def step(method, path, think_s=0.0, headers=(), body=b""):
    request = RequestSpec(method=method, path=path, name=f"{method} {path}", headers=headers, body=body)
    return Step(request=request, think_s=think_s)


def run(*recordings, users=2, executor="constant-vus"):
    async def main():
        application = Application()
        server = await asyncio.start_server(application.serve, "127.0.0.1", 0)
        process = LoadProcess()
        stats = LoadStats()
        try:
            port = server.sockets[0].getsockname()[1]
            await process.start(LoadPlan(base_url=f"http://127.0.0.1:{port}", recordings=recordings))
            async for event in process.run(Phase(name="p", executor=executor, duration_s=0.5, vus=users)):
                stats = merge(stats, event.stats)
        finally:
            await process.stop()
            server.close()
        return application, stats, f"http://127.0.0.1:{port}"

    return asyncio.run(main())


HEADERS = (
    ("origin", "https://shop.example"),
    ("referer", "https://shop.example/?from=https://shop.example"),
    ("x-other", "https://shop.example"),
    ("content-type", "application/x-www-form-urlencoded"),
)
LOGIN = step("POST", "/login", headers=HEADERS, body=b"a=1")


def test_users_make_a_recording_again_with_cookies_of_their_own():
    day = Recording(name="day", origin="https://shop.example", steps=(LOGIN, step("GET", "/orders", think_s=0.01)))
    application, stats, base = run(day)
    counts = {each.name: each for each in stats.endpoints}
    assert counts.keys() == {"POST /login", "GET /home", "GET /orders"}
    assert all(each.failed == 0 for each in stats.endpoints)
    assert counts["POST /login"].requests >= counts["GET /home"].requests >= counts["GET /orders"].requests > 0
    assert stats.problems == ()
    head, body = application.asked[0]
    assert body == b"a=1"
    lines = head.split("\r\n")
    assert f"origin: {base}" in lines
    assert f"referer: {base}/?from=https://shop.example" in lines
    assert "x-other: https://shop.example" in lines
    assert "content-type: application/x-www-form-urlencoded" in lines


def test_recordings_are_made_in_proportion_to_their_weights():
    often = Recording(name="often", steps=(step("GET", "/a"),), weight=4)
    seldom = Recording(name="seldom", steps=(step("GET", "/b"),))
    _, stats, _ = run(often, seldom)
    counts = {each.name: each.requests for each in stats.endpoints}
    assert counts["GET /a"] / counts["GET /b"] == pytest.approx(4, rel=0.5)


def test_a_request_that_cannot_be_sent_is_said_at_the_start():
    broken = Recording(name="broken", steps=(step("GET", "/", headers=(("x", "1\r\n2"),)),))
    with pytest.raises(UsageError, match="GET / cannot be sent"):
        run(broken)
