import asyncio
import contextlib
import random
import shutil
import ssl
import subprocess

import h2.config
import h2.connection
import h2.events
import pytest
from h2.errors import ErrorCodes
from h2.settings import SettingCodes, Settings
from hypothesis import given, settings
from hypothesis import strategies as st
from test_malformed import Wire, split

from nineam.load import failures
from nineam.load.frames import FrameReader
from nineam.load.http import Client
from nineam.load.http2 import Http2Connection
from nineam.load.http2_lane import Http2Lane
from nineam.load.response import Response
from nineam.model import HttpOptions

OPTIONS = HttpOptions(http2=True, insecure_skip_tls_verify=True)
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


async def application(scope, receive, send):
    """Says what it got; /big/N answers N bytes."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = dict(scope["headers"])
    text = b"%b %b %d %b" % (
        scope["http_version"].encode(), scope["method"].encode(), len(body), headers.get(b"x-mine", b"-"),
    )  # fmt: skip
    answer = b"x" * int(scope["path"][5:]) if scope["path"].startswith("/big/") else text
    lines = [(b"content-length", b"%d" % len(answer)), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    await send({"type": "http.response.start", "status": 200, "headers": lines})
    await send({"type": "http.response.body", "body": answer})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command for a certificate")
    folder = tmp_path_factory.mktemp("h2")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem", folder / "key.pem"


def on_hypercorn(body, certificate=None, options=OPTIONS):
    """Run a coroutine function with (client, lane) against a real HTTP/2 server."""
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    async def main():
        config = Config()
        config.bind = ["127.0.0.1:0"]
        config.accesslog = config.errorlog = None
        if certificate:
            config.certfile, config.keyfile = map(str, certificate)
        sockets = config.create_sockets()
        stop = asyncio.Event()
        bound = (sockets.secure_sockets or sockets.insecure_sockets)[0]
        bound.listen()
        address = bound.getsockname()[1]
        config.bind = [f"fd://{bound.detach()}"]
        serving = asyncio.create_task(serve(application, config, shutdown_trigger=stop.wait))
        client = Client(f"{'https' if certificate else 'http'}://127.0.0.1:{address}", options=options)
        client.sweep()
        try:
            return await body(client, client.lane())
        finally:
            client.close()
            stop.set()
            await asyncio.wait([serving], timeout=5)

    return asyncio.run(main())


@pytest.mark.parametrize("secure", [False, True])
def test_a_real_server_is_spoken_to_in_http2(ask, certificate, secure):
    async def body(client, lane):
        first = await ask(client, lane)
        second = await ask(client, lane, "POST", data=b"z" * 300_000, headers={"X-Mine": "yes"})
        head = await ask(client, lane, "HEAD")
        return first, second, head, len(client.multiplexed)

    first, second, head, connections = on_hypercorn(body, certificate if secure else None)
    assert (first.error, first.text, connections) == ("", "2 GET 0 -", 1)
    assert second.text == "2 POST 300000 yes"
    assert (head.status, head.body) == (200, b"")
    assert first.blocked_ns >= first.connecting_ns > 0
    assert (first.tls_ns > 0) == secure
    assert second.blocked_ns == second.tls_ns == 0
    assert second.bytes_sent > 300_000
    assert first.issued_ns <= first.sent_ns <= first.first_ns <= first.end_ns
    assert [value for name, value in first.headers.lines if name == "set-cookie"] == ["a=1", "b=2"]
    assert first.mentions() == (True, False)


def test_many_requests_of_a_user_share_one_connection(ask):
    async def body(client, lane):
        found = await asyncio.gather(*(ask(client, lane, path=f"/big/{200_000 + n}") for n in range(20)))
        return [len(each.body) for each in found], len(client.multiplexed)

    assert on_hypercorn(body) == ([200_000 + n for n in range(20)], 1)


def test_plain_requests_have_a_connection_each_at_a_time(ask):
    async def body(client, lane):
        shared = client.lane(shared=True)
        for _ in range(2):
            await asyncio.gather(*(ask(client, shared) for _ in range(3)))
        before = len(client.multiplexed)
        shared.close(keep=1)
        return before, len(client.multiplexed)

    assert on_hypercorn(body) == (3, 1)


def test_bodies_in_pieces_respect_the_servers_window(ask):
    async def pieces():
        for _ in range(30):
            yield b"p" * 20_000
            await asyncio.sleep(0)

    async def body(client, lane):
        return [
            each.text for each in await asyncio.gather(*(ask(client, lane, "POST", data=pieces()) for _ in range(3)))
        ]

    assert on_hypercorn(body) == ["2 POST 600000 -"] * 3


def test_without_reuse_each_request_has_its_own_connection(ask):
    async def body(client, lane):
        statuses = [(await ask(client, lane)).status for _ in range(3)]
        return statuses, len(client.multiplexed)

    options = HttpOptions(http2=True, no_connection_reuse=True)
    assert on_hypercorn(body, options=options) == ([200] * 3, 0)


def test_a_server_that_prefers_http1_is_spoken_to_in_http1(ask, certificate):
    async def main():
        async def serve(reader, writer):
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while await reader.readuntil(b"\r\n\r\n"):
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            writer.close()

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        client = Client(f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}", options=OPTIONS)
        lane = client.lane()
        statuses = [(await ask(client, lane)).status for _ in range(3)]
        found = statuses, len(client.connections), len(client.multiplexed)
        client.close()
        listener.close()
        return found

    assert asyncio.run(main()) == ([200] * 3, 1, 0)


def test_a_server_without_http2_is_told_as_such(ask, against):
    @against(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    async def response(server, client, lane):
        other = Client(client.target.origin, options=OPTIONS)
        try:
            return await ask(other, other.lane())
        finally:
            other.close()

    assert (response.status, response.error) == (0, failures.NOT_HTTP2)


# --- a server that does what a test wants with each request ---


class Scripted(asyncio.Protocol):
    """`act(server, connection_number, stream)` is called for every request."""

    connections = 0
    requests = 0

    def __init__(self, kind, act, wishes):
        self.kind, self.act, self.wishes = kind, act, wishes

    def connection_made(self, transport):
        self.transport = transport
        self.kind.connections += 1
        self.number = self.kind.connections
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        if self.wishes:
            self.h2.local_settings = Settings(client=False, initial_values=self.wishes)
        self.h2.initiate_connection()
        self.flush()

    def data_received(self, data):
        for event in self.h2.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                self.kind.requests += 1
                self.act(self, self.number, event.stream_id)
        self.flush()

    def answer(self, stream, body=b"ok"):
        self.h2.send_headers(stream, [(":status", "200")])
        self.h2.send_data(stream, body, end_stream=True)
        self.flush()

    def goodbye(self, last, code=0):
        self.flush()
        self.transport.write(b"\x00\x00\x08\x07\x00" + bytes(4) + last.to_bytes(4, "big") + code.to_bytes(4, "big"))

    def flush(self):
        if data := self.h2.data_to_send():
            self.transport.write(data)


def with_scripted(body, act, wishes=None):
    async def main():
        kind = type("Kind", (), {"connections": 0, "requests": 0})
        listener = await asyncio.get_running_loop().create_server(lambda: Scripted(kind, act, wishes), "127.0.0.1", 0)
        client = Client(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}", options=OPTIONS)
        client.sweep()
        try:
            return await body(client, client.lane()), kind
        finally:
            client.close()
            listener.close()

    return asyncio.run(main())


def one_after_another(ask, count, method="GET", **options):
    async def body(client, lane):
        return [await ask(client, lane, method, **options) for _ in range(count)]

    return body


def test_a_server_that_leaves_answers_what_it_took_and_the_rest_goes_elsewhere(ask):
    def act(server, number, stream):
        if stream == 3:
            server.goodbye(3)
        server.answer(stream)

    responses, kind = with_scripted(one_after_another(ask, 5), act)
    assert [each.status for each in responses] == [200] * 5
    assert (kind.connections, kind.requests) == (3, 5)


def test_what_a_leaving_server_never_saw_is_sent_again_even_a_post(ask):
    def act(server, number, stream):
        if number == 1:
            server.goodbye(0)
        else:
            server.answer(stream)

    (response,), kind = with_scripted(one_after_another(ask, 1, "POST", data=b"x"), act)
    assert (response.status, response.retried, kind.connections) == (200, True, 2)


def test_an_angry_goodbye_is_told_with_its_code(ask):
    def act(server, number, stream):
        server.goodbye(stream, ErrorCodes.ENHANCE_YOUR_CALM)
        server.transport.close()

    (response,), _ = with_scripted(one_after_another(ask, 1, "POST"), act)
    assert response.error == f"{failures.GOAWAY}: ENHANCE_YOUR_CALM"


def test_a_stream_that_is_reset_is_told_with_its_code_and_the_connection_stays(ask):
    def act(server, number, stream):
        if stream == 1:
            server.h2.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)
        else:
            server.answer(stream)

    (first, second), kind = with_scripted(one_after_another(ask, 2), act)
    assert first.error == f"{failures.STREAM_RESET}: INTERNAL_ERROR"
    assert (second.status, kind.connections) == (200, 1)


def test_a_refused_stream_is_tried_once_more(ask):
    def act(server, number, stream):
        if stream == 1:
            server.h2.reset_stream(stream, ErrorCodes.REFUSED_STREAM)
        else:
            server.answer(stream)

    (response,), kind = with_scripted(one_after_another(ask, 1, "POST", data=b"x"), act)
    assert (response.status, response.retried, kind.requests) == (200, True, 2)


@pytest.mark.parametrize(("method", "statuses"), [("GET", [200, 200]), ("POST", [200, 0])])
def test_a_lost_connection_is_retried_as_in_http1(ask, method, statuses):
    def act(server, number, stream):
        if number == 1 and stream == 3:
            server.transport.close()
        else:
            server.answer(stream)

    responses, _ = with_scripted(one_after_another(ask, 2, method), act)
    assert [each.status for each in responses] == statuses


def test_a_timeout_ends_one_request_and_leaves_the_others(ask):
    def act(server, number, stream):
        if stream != 1:
            server.answer(stream)

    async def body(client, lane):
        slow = asyncio.ensure_future(ask(client, lane, timeout_s=0.2))
        while not client.multiplexed:
            await asyncio.sleep(0)
        quick = await ask(client, lane)
        return await slow, quick, len(client.multiplexed)

    (slow, quick, connections), kind = with_scripted(body, act)
    assert (slow.error, quick.status, connections, kind.connections) == (failures.TIMEOUT, 200, 1, 1)


def test_interrupting_and_abandoning_end_what_is_under_way(ask):
    arrived = asyncio.Event()

    async def body(client, lane):
        first, second = (asyncio.ensure_future(ask(client, lane)) for _ in range(2))
        await arrived.wait()
        while client.in_flight() < 2 or len(exchanges(client)) < 2:
            await asyncio.sleep(0)
        lane.abandon(exchanges(client)[0], "cancelled")
        client.interrupt(failures.INTERRUPTED)
        return (await first).error, (await second).error, client.in_flight(), len(client.multiplexed)

    def act(server, number, stream):
        arrived.set()

    assert with_scripted(body, act)[0] == ("cancelled", failures.INTERRUPTED, 0, 0)


def exchanges(client):
    return [response for connection in client.multiplexed for response in connection.exchanges()]


def test_more_at_once_than_a_server_allows_opens_another_connection(ask):
    waiting = []

    def act(server, number, stream):
        waiting.append((server, stream))
        if len(waiting) == 4:
            for each, open_stream in waiting:
                each.answer(open_stream)
        elif stream == 1 and number == 1 and server.kind.requests == 1:
            server.answer(stream)
            waiting.clear()

    async def body(client, lane):
        await ask(client, lane)
        return await asyncio.gather(*(ask(client, lane) for _ in range(4)))

    responses, kind = with_scripted(body, act, {SettingCodes.MAX_CONCURRENT_STREAMS: 2})
    assert [each.status for each in responses] == [200] * 4
    assert kind.connections == 2


# --- bytes of any kind ---


def frames():
    heads = st.tuples(st.integers(0, 30), st.integers(0, 12), st.integers(0, 255), st.sampled_from([0, 1, 2, 3, 2**31]))
    return st.tuples(heads, st.binary(max_size=30)).map(
        lambda both: len(both[1]).to_bytes(3, "big") + bytes(both[0][1:3]) + both[0][3].to_bytes(4, "big") + both[1]
    )


@settings(max_examples=400, deadline=None)
@given(
    data=st.lists(st.one_of(frames(), st.binary(max_size=30)), max_size=8).map(b"".join),
    cuts=st.lists(st.integers(0, 200), max_size=6),
    good_start=st.booleans(),
)
def test_any_bytes_end_every_request(data, cuts, good_start):
    client = Client("http://127.0.0.1:1", options=OPTIONS)
    lane = Http2Lane(client)
    client.connect = lambda lane, response: response.answered(response)
    connection = Http2Connection(lane)
    wire = Wire()
    connection.connection_made(wire)
    ends = []
    for method in ("GET", "POST"):
        connection.start(Response(client.build(method, "/"), 0, 0, 0, ends.append))
    for part in split((b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" if good_start else b"") + data, cuts):
        if not wire.closed:
            connection.data_received(part)
    connection.connection_lost(None)
    assert len(ends) == 2
    assert all(bool(each.status) != bool(each.error) or each.retried for each in ends)


@settings(max_examples=100, deadline=None)
@given(sizes=st.lists(st.integers(0, 300), max_size=8), cuts=st.lists(st.integers(0, 2000), max_size=10))
def test_whole_frames_pass_wherever_they_are_split_and_goodbyes_do_not(sizes, cuts):
    chance = random.Random(1)
    others = [size.to_bytes(3, "big") + b"\x00\x00\x00\x00\x00\x01" + bytes(chance.randbytes(size)) for size in sizes]
    goodbye = b"\x00\x00\x08\x07\x00\x00\x00\x00\x00" + (5).to_bytes(4, "big") + (11).to_bytes(4, "big")
    reader = FrameReader()
    passed, heard = b"", []
    for part in split(goodbye.join([b"", *others]) if others else goodbye, cuts):
        frames_, said = reader.feed(part)
        passed += frames_
        heard += [said] if said else []
    assert passed == b"".join(others)
    assert set(heard) == {(5, 11)}
