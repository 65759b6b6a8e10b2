"""Journeys gone through once: what they ask for is kept as it was asked, with the session that they had then."""

import asyncio
import contextlib

import pytest

from nineam.errors import UsageError
from nineam.load.rehearsal import rehearse

LOGIN = """
from nineam import journey

async def login(user):
    answer = await user.post("/login", json={"name": "ann"})
    assert answer.status < 400

@journey(setup=login)
async def read(user):
    await user.think(30)
    await user.get("/inbox?page=2", headers={"X-Page": "2"})
    await user.get("/inbox/7")
    await user.get("/inbox/8")
    await user.post("/inbox")
    await user.get("/gone")
"""
BROKEN = """
from nineam import journey

@journey
async def half(user):
    await user.get("/inbox")
    raise KeyError("id")
"""


class Site:
    """Knows who has logged in, and nobody else."""

    def __init__(self):
        self.seen = []

    async def serve(self, reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = [line for line in head.splitlines() if line.lower().startswith("content-length:")]
                await reader.readexactly(int(length[0].split()[1]) if length else 0)
                writer.write(self.answer(head))

    def answer(self, head):
        method, path, _ = head.split(" ", 2)
        self.seen.append((method, path))
        if path == "/login":
            return b"HTTP/1.1 302 Found\r\nSet-Cookie: session=ann\r\nLocation: /inbox\r\nContent-Length: 0\r\n\r\n"
        status = b"404 Not Found" if path == "/gone" else b"200 OK" if "session=ann" in head else b"401 No"
        return b"HTTP/1.1 %b\r\nContent-Length: 0\r\n\r\n" % status


def rehearsed(tmp_path, source):
    file = tmp_path / "monday.py"
    file.write_text(source)

    async def run():
        site = Site()
        server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
        try:
            found = await rehearse(str(file), f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", 1)
        finally:
            server.close()
        return site, found

    return asyncio.run(asyncio.wait_for(run(), 20))


def test_what_is_asked_behind_a_login_is_kept_with_its_cookie_once_for_each_endpoint(tmp_path):
    site, found = rehearsed(tmp_path, LOGIN)
    assert found.notices == ()
    kept = {each.name: each for each in found.requests}
    assert len(kept) == 2
    (page,) = [each for each in found.requests if each.path == "/inbox?page=2"]
    assert dict(page.headers) == {"x-page": "2", "cookie": "session=ann"}
    assert [each.path for each in found.requests if each is not page] == ["/inbox/8"]
    assert ("POST", "/inbox") in site.seen
    assert {each.method for each in found.requests} == {"GET"}


def test_a_journey_that_fails_is_told_and_what_it_had_asked_is_kept(tmp_path):
    source = BROKEN.replace('user.get("/inbox")', 'user.get("/inbox", headers={"cookie": "session=ann"})')
    _, found = rehearsed(tmp_path, source)
    assert [each.path for each in found.requests] == ["/inbox"]
    (notice,) = found.notices
    assert "journey half did not come to its end: KeyError: 'id' (monday.py:7)" in notice


def test_a_file_without_journeys_is_refused(tmp_path):
    with pytest.raises(UsageError):
        rehearsed(tmp_path, "x = 1")
