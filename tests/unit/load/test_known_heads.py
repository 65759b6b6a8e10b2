"""Answers with a head that was parsed before are taken without parsing, and come out the same."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nineam.load.heads import MOST_HEADS, PAUSE, Heads
from nineam.load.http import Client
from nineam.load.outgoing import Outgoing
from nineam.load.response import Response

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n"


def answered(raw: bytes, status: int = 200) -> Response:
    response = Response(Outgoing("GET", "/", "http://x/", "GET /", {}, b"", b""), 0, 0, 0, lambda _: None)
    response.raw, response.status = raw, status
    response.body = raw.partition(b"\r\n\r\n")[2]
    return response


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n{}",
        HEAD + b"{}{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2, 2\r\n\r\n{}",
    ],
    ids=["no length", "chunked", "more than it says", "no number"],
)
def test_only_a_head_that_tells_where_its_answer_ends_is_kept(raw):
    heads = Heads()
    heads.learn(answered(raw), 200)
    assert not heads.known


def test_heads_that_are_never_the_same_are_given_up():
    heads = Heads()
    for number in range(MOST_HEADS + 2):
        heads.learn(answered(b"HTTP/1.1 200 OK\r\nx-id: %d\r\ncontent-length: 2\r\n\r\n{}" % number), 200)
    assert not heads.known


async def asked(answers: list[list[bytes]]) -> list[tuple[int, bytes, str, str]]:
    """Ask over one connection; the server sends each answer in the given pieces."""
    left = iter(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            for piece in next(left, ()):
                writer.write(piece)
                await asyncio.sleep(0)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = Client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout_s=5)
    lane, found = client.lane(), []
    for _ in answers:
        done = asyncio.get_running_loop().create_future()
        response = Response(client.plain("GET", "/"), 0, 0, 2**62, done.set_result)
        lane.send(response)
        await done
        found.append((response.status, response.content, response.error, response.headers.get("set-cookie", "")))
    client.close()
    server.close()
    return found


def answer(status: int, body: bytes, *, cookie: bool) -> bytes:
    extra = b"set-cookie: a=b\r\n" if cookie else b""
    return b"HTTP/1.1 %d X\r\n%bcontent-length: %d\r\n\r\n%b" % (status, extra, len(body), body)


ANSWERS = st.tuples(
    st.sampled_from([200, 201, 404, 500]), st.sampled_from([b"", b"{}", b"[]", b"[1, 2]"]), st.booleans()
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(ANSWERS, st.integers(0, 60)), min_size=2, max_size=12))
def test_what_comes_back_is_what_was_sent_however_often_and_in_whatever_pieces(planned):
    pieces, expected = [], []
    for (status, body, cookie), cut in planned:
        whole = answer(status, body, cookie=cookie)
        pieces.append([part for part in (whole[:cut], whole[cut:]) if part])
        expected.append((status, body, "", "a=b" if cookie else ""))
    assert asyncio.run(asked(pieces)) == expected


def test_after_a_while_heads_are_learnt_again():
    heads = Heads()
    for number in range(MOST_HEADS + 1):
        heads.learn(answered(b"HTTP/1.1 200 OK\r\nx-id: %d\r\ncontent-length: 2\r\n\r\n{}" % number), 200)
    for _ in range(PAUSE):
        heads.learn(answered(HEAD + b"{}"), 200)
    assert not heads.known
    heads.learn(answered(HEAD + b"{}"), 200)
    assert list(heads.known) == [HEAD]
