"""Answers that are read while they arrive."""

import asyncio
import contextlib
import gzip
import time
import zlib
from types import SimpleNamespace

import brotli
import pytest

from nineam import script
from nineam.load import failures, lines
from nineam.load.alarm import Alarm
from nineam.load.collector import Collector
from nineam.load.decoding import PIECE
from nineam.load.http import Client
from nineam.load.response import AnswerError
from nineam.load.streaming import MOST_HELD, SILENCE_NS, StreamedResponse
from nineam.load.users import User

clock = time.perf_counter_ns
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
END = b"0\r\n\r\n"


def chunk(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


def chunked(*parts, headers=b""):
    return [HEAD + headers + b"\r\n", *(chunk(part) for part in parts), END]


@contextlib.asynccontextmanager
async def user_of(serve):
    """A user of a server that is nothing but this function."""
    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = Client(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}")
    client.sweep()
    alarm = Alarm(asyncio.get_running_loop())
    engine = SimpleNamespace(client=client, collector=Collector(), ending=False, journeys_file="", seed=1, alarm=alarm)
    user = User(engine, 1)
    try:
        yield user, engine.collector
    finally:
        await user.close()
        alarm.close()
        client.close()
        listener.close()


async def all_of(iterator):
    return [each async for each in iterator]


def endpoint(collector):
    (only,) = collector.take().endpoints
    return only


def test_a_body_comes_in_pieces_and_is_counted_once(with_user):
    @with_user(chunked(b"one", b"two"), chunked(b"three"))
    async def found(server, user, collector):
        async with user.stream("GET", "/export", headers={"x-a": "1"}, name="/out") as response:
            before = response.status, response.headers["content-type"], response.end_ns
            body = b"".join(await all_of(response.chunks()))
        async with user.stream("post", "/export") as again:
            rest = await again.read()
        return server, before, body, rest, collector.take()

    server, before, body, rest, stats = found
    assert before == (200, "text/event-stream", 0)
    assert (body, rest) == (b"onetwo", b"three")
    assert server.connections == 1
    assert b"\r\nx-a: 1\r\n" in server.heads[0]
    assert {each.name: (each.requests, each.failed) for each in stats.endpoints} == {
        "GET /out": (1, 0), "POST /export": (1, 0)
    }  # fmt: skip
    assert stats.timings["http_req_waiting"].count == 2


def test_the_journey_goes_on_with_the_head_before_the_body_is_there():
    gate = asyncio.Event()

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + b"\r\n")
        await gate.wait()
        writer.write(chunk(b"late") + END)

    async def run():
        async with user_of(serve) as (user, collector):
            async with user.stream("GET", "/") as response:
                first = response.first_ns
                gate.set()
                body = await response.read()
            return first, response, body, collector.take()

    first, response, body, stats = asyncio.run(run())
    assert first
    assert body == b"late"
    assert response.end_ns > first
    assert stats.timings["http_req_receiving"].max > 0


def test_lines_are_given_without_their_ends(with_user):
    body = "a\r\nü\n\nlast".encode()

    @with_user(chunked(*(body[i : i + 1] for i in range(len(body)))))
    async def lines(server, user, collector):
        async with user.stream("GET", "/") as response:
            return await all_of(response.lines())

    assert lines == ["a", "ü", "", "last"]


def test_events_are_given_as_they_come(with_user):
    @with_user(chunked(b"event: tick\nda", b"ta: 1\n\ndata: 2\n", b"\ndata: half"))
    async def events(server, user, collector):
        async with user.stream("GET", "/events", headers={"accept": "text/event-stream"}) as response:
            return [(event.event, event.data) async for event in response.events()]

    assert events == [("tick", "1"), ("message", "2")]


def test_leaving_early_closes_the_connection_and_is_no_failure(with_user):
    endless = [HEAD + b"\r\n", *[chunk(b"data: x\n\n")] * 500]

    @with_user(endless)
    async def found(server, user, collector):
        async with user.stream("GET", "/events") as response:
            async for _ in response.events():
                break
        await user.get("/next")
        return server, response, {each.name: each for each in collector.take().endpoints}

    server, response, counted = found
    assert (response.status, response.error) == (200, "")
    assert counted["GET /events"].failed == 0
    assert counted["GET /events"].statuses == {"200": 1}
    assert server.connections == 2


def test_a_body_without_length_ends_with_the_connection(with_user):
    @with_user(("close", [b"HTTP/1.1 200 OK\r\n\r\n", b"all ", b"of it"]))
    async def found(server, user, collector):
        async with user.stream("GET", "/") as response:
            body = await response.read()
        return body, response.error, endpoint(collector)

    body, error, counted = found
    assert (body, error, counted.failed) == (b"all of it", "", 0)


def test_an_answer_that_is_cut_short_ends_the_iteration_and_fails(with_user):
    @with_user(("close", [HEAD + b"\r\n", chunk(b"half")]))
    async def found(server, user, collector):
        async with user.stream("GET", "/") as response:
            body = await response.read()
        return body, response, endpoint(collector)

    body, response, counted = found
    assert (body, response.status, response.error) == (b"half", 0, failures.CUT_SHORT)
    assert (counted.failed, counted.errors) == (1, {failures.CUT_SHORT: 1})


@pytest.mark.parametrize("junk", [b"nonsense\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", HEAD + b"\r\nzz\r\n"])
def test_malformed_answers_are_counted_by_kind(with_user, junk):
    @with_user(junk)
    async def found(server, user, collector):
        async with user.stream("GET", "/") as response:
            await response.read()
        return response.status, response.error

    assert found == (0, failures.MALFORMED)


def test_silence_for_longer_than_the_timeout_is_a_timeout(with_user):
    @with_user("hang")
    async def response(server, user, collector):
        async with user.stream("GET", "/", timeout=0.1) as response:
            assert await response.read() == b""
        return response

    assert (response.status, response.error) == (0, failures.TIMEOUT)


@pytest.mark.parametrize(("encoding", "packed"), [(b"gzip", gzip.compress), (b"deflate", zlib.compress)])
def test_a_compressed_stream_is_unpacked(with_user, encoding, packed):
    body = packed(b"data: %d\n\n" % 1 * 50)

    @with_user(chunked(body[:20], body[20:], headers=b"Content-Encoding: " + encoding + b"\r\n"))
    async def read(server, user, collector):
        async with user.stream("GET", "/") as response:
            return await response.read()

    assert read == b"data: 1\n\n" * 50


def test_broken_compression_is_the_journeys_to_hear_of(with_user):
    @with_user(chunked(b"no gzip at all", headers=b"Content-Encoding: gzip\r\n"))
    async def done(server, user, collector):
        with pytest.raises(AnswerError, match=r"^GET / answered a stream that is not valid gzip$"):
            async with user.stream("GET", "/") as response:
                await response.read()
        return True

    assert done


@pytest.mark.parametrize(("encoding", "body"), [
    (b"gzip", gzip.compress(b"one", mtime=0) + gzip.compress(b"two", mtime=0)),
    (b"gzip, gzip", gzip.compress(gzip.compress(b"onetwo", mtime=0), mtime=0)),
    (b"deflate", zlib.compress(b"onetwo")[2:-4]),
    (b"br", brotli.compress(b"onetwo")),
    (b"zstd", b"onetwo"),
])  # fmt: skip
def test_a_stream_is_unpacked_like_any_other_answer(with_user, encoding, body):
    @with_user(chunked(body[:9], body[9:], headers=b"Content-Encoding: " + encoding + b"\r\n"))
    async def read(server, user, collector):
        async with user.stream("GET", "/") as response:
            return await response.read()

    assert read == b"onetwo"


def test_a_compressed_stream_that_lacks_its_end_is_broken(with_user):
    body = gzip.compress(b"data: 1\n\n", mtime=0)

    @with_user(chunked(body[:-4], headers=b"Content-Encoding: gzip\r\n"))
    async def done(server, user, collector):
        with pytest.raises(AnswerError, match="not valid gzip"):
            async with user.stream("GET", "/") as response:
                await response.read()
        return True

    assert done


def test_others_have_their_turn_while_very_much_is_unpacked(with_user):
    @with_user(chunked(gzip.compress(bytes(20_000_000), mtime=0), headers=b"Content-Encoding: gzip\r\n"))
    async def found(server, user, collector):
        turns = [0]

        def turn():
            turns[0] += 1
            asyncio.get_running_loop().call_soon(turn)

        size = 0
        async with user.stream("GET", "/") as response:
            turn()
            async for part in response.chunks():
                size += len(part)
        return size, turns[0]

    size, turns = found
    assert size == 20_000_000
    assert turns >= size // PIECE


@pytest.mark.parametrize("read", [StreamedResponse.lines, StreamedResponse.events])
def test_a_line_that_never_ends_is_the_journeys_to_hear_of(with_user, monkeypatch, read):
    monkeypatch.setattr(lines, "LONGEST_LINE", 1000)

    @with_user(chunked(*[b"x" * 100] * 20))
    async def done(server, user, collector):
        with pytest.raises(AnswerError, match=r"^GET / answered a stream that is not lines of at most"):
            async with user.stream("GET", "/") as response:
                await all_of(read(response))
        return True

    assert done


def test_a_slow_reader_makes_the_server_wait_and_gets_everything():
    piece = b"x" * 65536
    pieces = 400

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(piece) * pieces))
        for _ in range(pieces):
            writer.write(piece)
            await writer.drain()

    async def run():
        most = total = 0
        async with user_of(serve) as (user, collector):
            async with user.stream("GET", "/big") as response:
                async for part in response.chunks():
                    total += len(part)
                    most = max(most, response._held)
                    await asyncio.sleep(0)
            return most, total, endpoint(collector)

    most, total, counted = asyncio.run(run())
    assert total == len(piece) * pieces
    assert most <= 2 * MOST_HELD
    assert counted.failed == 0


def test_redirects_are_followed_unless_the_journey_does_not_want_it(with_user):
    move = b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"

    @with_user(move, chunked(b"there"), move)
    async def found(server, user, collector):
        async with user.stream("GET", "/here") as response:
            body = await response.read()
        async with user.stream("GET", "/here", redirects=False) as stayed:
            pass
        return body, response.url.rpartition("/")[2], stayed.status

    assert found == (b"there", "there", 302)


def test_the_end_of_the_phase_is_no_failure_of_a_stream_that_is_under_way(with_user):
    @with_user([HEAD + b"\r\n", chunk(b"data: 1\n\n"), *[chunk(b": still there\n\n")] * 2000])
    async def found(server, user, collector):
        read = 0
        with pytest.raises(asyncio.CancelledError):  # noqa: PT012 - the iteration is not complete all the same
            async with user.stream("GET", "/events") as response:
                async for _ in response.events():
                    read += 1
                    user._engine.client.interrupt_users([user], failures.INTERRUPTED)
        return read, response.status, response.error, endpoint(collector).failed, user._in_flight

    assert found == (1, 200, "", 0, 0)


def begun(kind, *parts):
    """A server that sends a head and the beginning of a body, and then nothing."""

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nTransfer-Encoding: chunked\r\n\r\n" % kind)
        for part in parts:
            writer.write(chunk(part))
        await reader.read()
        writer.close()

    return serve


def interrupted(serve, silence_ns=None):
    """Interrupt a stream so long after its last byte: the response, when that was, and what was counted."""

    async def run():
        async with user_of(serve) as (user, collector):
            with pytest.raises(asyncio.CancelledError):  # noqa: PT012 - one block
                async with user.stream("GET", "/") as response:
                    if silence_ns is not None:
                        await anext(response.chunks())
                        response.last_ns = clock() - silence_ns
                    ended_ns = clock()
                    user._engine.client.interrupt_users([user], failures.INTERRUPTED)
                    await response.read()
            return response, ended_ns, endpoint(collector)

    return asyncio.run(run())


@pytest.mark.parametrize(("serve", "silence_ns"), [
    (begun(b"text/csv", b"hello"), 0),
    (begun(b"text/event-stream"), None),
    (begun(b"text/event-stream; charset=utf-8", b"data: 1\n\n"), 10 * SILENCE_NS),
])  # fmt: skip
def test_what_the_end_of_the_phase_finds_unfinished_or_silent_is_a_failure(serve, silence_ns):
    response, ended_ns, counted = interrupted(serve, silence_ns)
    assert (response.status, response.error) == (0, failures.INTERRUPTED)
    assert (counted.requests, counted.failed, counted.errors) == (1, 1, {failures.INTERRUPTED: 1})
    assert response.end_ns >= ended_ns  # it took until then, not until its last byte


def test_events_that_have_just_come_are_no_silence():
    response, _, counted = interrupted(begun(b"Text/Event-Stream", b"data: 1\n\n"), 0)
    assert (response.status, response.error, counted.failed) == (200, "", 0)


def test_an_iteration_that_reads_an_interrupted_stream_is_not_complete():
    async def run():
        async with user_of(begun(b"text/csv", b"hello")) as (user, collector):
            over = asyncio.Event()
            user.finished = lambda *_: over.set()

            async def download(user):
                async with user.stream("GET", "/") as response:
                    async for _ in response.chunks():
                        user._engine.ending = True
                        user._engine.client.interrupt_users([user], failures.INTERRUPTED)

            user.run(script.Journey("download", download, 1, None, None, "here"), clock())
            await over.wait()
            return collector.take()

    stats = asyncio.run(run())
    assert (stats.iterations, stats.problems) == (0, ())
    assert [each.failed for each in stats.endpoints] == [1]


def test_a_stream_that_is_used_to_pauses_is_not_silent_in_one():
    response = StreamedResponse(None, 0, 0, 0, None, None)
    response.raw = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
    response.take(b"data: 1\n\n")
    for at_s in (1, 16, 31):
        response.heard(at_s * SILENCE_NS)
    assert response.goes_on(45 * SILENCE_NS)
    assert not response.goes_on(70 * SILENCE_NS)


def test_a_stream_that_is_given_up_before_its_head_is_counted_as_cancelled(with_user):
    @with_user("hang")
    async def found(server, user, collector):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1), user.stream("GET", "/"):
                pass
        return endpoint(collector).errors, user._in_flight

    assert found == ({failures.CANCELLED: 1}, 0)


def test_a_journey_that_reads_slowly_is_no_silence_of_the_server():
    piece = b"x" * 65536

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(piece) * 200))
        for _ in range(200):
            writer.write(piece)
            await writer.drain()

    async def run():
        async with user_of(serve) as (user, _):
            async with user.stream("GET", "/big", timeout={"read": 0.1, "total": 0.2}) as response:
                await anext(aiter(response.chunks()))
                while not response._connection._paused:
                    await asyncio.sleep(0.01)
                await asyncio.sleep(0.4)  # several times what the server may be silent
                body = await response.read()
            return len(body), response.error

    size, error = asyncio.run(run())
    assert error == ""
    assert size > 100 * len(piece)
