"""Bodies that are too large: bounded, never complete, and no more is sent than somebody reads."""

import asyncio
import contextlib
import zlib

import pytest

from nineam.model import RequestSpec
from nineam.payloads.aim import aim_of_route
from nineam.trials.bodies import MEGABYTE, Body, Place, bodies, pour, too_large
from nineam.trials.catalogue import huge_body
from nineam.trials.memory import Highest
from nineam.trials.trial import NotApplicableError, NotRunError

SIZE = 4 * MEGABYTE
PLACE = Place("POST /notes", "POST", "/notes", (("authorization", "Bearer x"), ("content-type", "text/plain")))


@contextlib.asynccontextmanager
async def server(most):
    """Read so many bytes, then answer 413; with 0 answer at once."""
    seen = []

    async def serve(reader, writer):
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        read = 0
        while read < most and (data := await reader.read(65_536)):
            read += len(data)
        seen.append(read)
        with contextlib.suppress(OSError):
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n")
            await writer.drain()
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", seen
    finally:
        listening.close()


def poured(body, most, enough=lambda: False):
    async def run():
        async with server(most) as (base, seen):
            found = await pour(base, PLACE, body, enough)
            for _ in range(200):  # until the server has seen that the client left
                if len(seen) == 2:
                    break
                await asyncio.sleep(0.01)
            return found, seen

    return asyncio.run(run())


@pytest.mark.parametrize("body", bodies(SIZE), ids=lambda body: body.what)
def test_no_body_is_larger_than_was_said_and_what_is_long_is_never_complete(body):
    content = b"".join(body.pieces())
    headers = dict(body.headers)
    if "content-encoding" in headers:
        assert len(content) < SIZE / 100
        assert len(zlib.decompress(content, 31)) <= SIZE
        assert zlib.decompress(content, 31).strip() == b""
    elif "content-length" in headers:
        assert int(headers["content-length"]) > len(content) or content.startswith(b"[[[")
    else:
        assert not content.endswith(b"0\r\n\r\n")
    assert len(content) < SIZE + 10_000


def test_a_body_that_is_answered_is_sent_no_further():
    found, (head, _) = poured(too_large(SIZE), 0)
    assert found.status == 413
    assert found.sent < SIZE / 2
    assert b"authorization: Bearer x" in head
    assert head.count(b"content-type") == 1


def test_who_takes_everything_gets_everything_but_the_end():
    found, (_, read) = poured(too_large(SIZE), SIZE + 1)
    assert (found.sent, found.status, read) == (SIZE, 0, SIZE)


def test_when_it_is_enough_nothing_more_is_sent():
    answers = iter([False, False, True])
    found, _ = poured(too_large(SIZE), SIZE + 1, lambda: next(answers))
    assert 0 < found.sent < SIZE / 4


def test_nobody_there_is_no_error():
    found = asyncio.run(pour("http://127.0.0.1:9", PLACE, Body("x", (), lambda: iter((b"x",))), lambda: False))
    assert (found.sent, found.status) == (0, 0)


def test_the_highest_is_kept_though_it_was_high_for_a_moment_only():
    async def run():
        values = iter([1.0, 9.0])
        async with Highest(lambda: next(values, 2.0)) as highest:
            while highest.bytes < 9.0:
                await asyncio.sleep(0)
        return highest.bytes

    assert asyncio.run(run()) == 9.0


class LabOf:
    def __init__(self, *aims, unasked=(), requests=()):
        self.aims, self.unasked, self.requests = aims, unasked, requests


def test_without_an_endpoint_that_takes_a_body_it_does_not_apply():
    with pytest.raises(NotApplicableError, match="take a body"):
        huge_body.endpoints(LabOf(aim_of_route("GET", "/"), unasked=("DELETE /x",)))


def test_an_endpoint_that_nobody_asked_for_gets_no_body_and_that_is_said():
    with pytest.raises(NotRunError, match=r"POST /notes takes a body.*--methods"):
        huge_body.endpoints(LabOf(aim_of_route("GET", "/"), unasked=("POST /notes",)))


def test_a_listed_request_keeps_its_login_and_the_others_get_one_body():
    login = (("Authorization", "Bearer x"),)
    request = RequestSpec(method="POST", path="/notes", name="POST /notes", headers=login)
    lab = LabOf(aim_of_route("POST", "/notes"), aim_of_route("GET", "/"), requests=(request,))
    pairs = huge_body.pairs(lab, *huge_body.endpoints(lab), SIZE)
    assert [place.name for place, _ in pairs] == ["GET /"] + ["POST /notes"] * 5
    assert {place.headers for place, _ in pairs if place.method == "POST"} == {login}


@pytest.mark.parametrize(("left", "size"), [(64e9, 192), (1.6e9, 100)])
def test_a_body_is_no_larger_than_a_part_of_the_memory_that_is_left(monkeypatch, left, size):
    monkeypatch.setattr(huge_body, "available", lambda: left)
    assert huge_body.size_of_bodies() == size * MEGABYTE


def test_where_memory_is_short_nothing_is_sent(monkeypatch):
    monkeypatch.setattr(huge_body, "available", lambda: 100e6)
    with pytest.raises(NotRunError, match="too little"):
        huge_body.size_of_bodies()
