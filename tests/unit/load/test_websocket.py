"""WebSockets against a real server."""

import asyncio
import contextlib
import shutil
import ssl
import subprocess
from http import HTTPStatus
from types import SimpleNamespace

import pytest
from websockets.asyncio.server import serve

from nineam import WebSocketClosed, WebSocketError, WebSocketRefused, WebSocketTimeout
from nineam.load.alarm import Alarm
from nineam.load.collector import Collector
from nineam.load.http import Client
from nineam.load.users import User
from nineam.model import HttpOptions


class Room:
    """What the server saw, and how it behaves by path."""

    def __init__(self):
        self.heads = []
        self.closed = []

    async def talk(self, connection):
        path = connection.request.path
        self.heads.append(connection.request.headers)
        if path == "/wrong":
            await connection.close(1011, "broken")
        elif path == "/bye":
            await connection.send("one")
            await connection.close(1000)
        elif path == "/gone":
            connection.transport.abort()
        elif path != "/silent":
            with contextlib.suppress(Exception):
                async for message in connection:
                    await connection.send(message)
        await connection.wait_closed()
        self.closed.append(connection.close_code)

    def answer(self, connection, request):
        if request.path == "/forbidden":
            return connection.respond(HTTPStatus.FORBIDDEN, "no\n")
        if request.path == "/moved":
            response = connection.respond(HTTPStatus.FOUND, "")
            response.headers["Location"] = "/echo"
            return response
        return None


def choose(connection, offered):
    return "chat" if "chat" in offered else None


@contextlib.asynccontextmanager
async def user_of(url, **options):
    client = Client(url, **options)
    client.sweep()
    alarm = Alarm(asyncio.get_running_loop())
    engine = SimpleNamespace(client=client, collector=Collector(), ending=False, journeys_file="", seed=1, alarm=alarm)
    user = User(engine, 1)
    try:
        yield user, engine
    finally:
        await user.close()
        alarm.close()
        client.close()


@pytest.fixture
def talk():
    """Run a coroutine function with (user, room, engine) against the server."""

    def run(body):
        async def main():
            room = Room()
            async with serve(
                room.talk, "127.0.0.1", 0, process_request=room.answer, select_subprotocol=choose
            ) as server:
                port = server.sockets[0].getsockname()[1]
                async with user_of(f"http://127.0.0.1:{port}") as (user, engine):
                    found = await asyncio.wait_for(body(user, room, engine), 10)
                return found, room

        return asyncio.run(main())

    return run


def test_messages_go_both_ways_and_are_counted(talk):
    async def body(user, room, engine):
        user.headers["Authorization"] = "Bearer t"
        user.cookies.store(["session=abc"])
        async with user.websocket(
            "/echo/7", headers={"X-A": "1"}, subprotocols=["chat"], params={"q": "a b"}
        ) as socket:
            await socket.send("hello")
            await socket.send(b"\x00\x01")
            received = [await socket.receive(timeout=5), await socket.receive()]
            pong_ms = await socket.ping(timeout=5)
            state = socket.closed, socket.subprotocol, socket.headers["Upgrade"]
        return received, pong_ms, state, (socket.closed, socket.close_code), engine.collector.take()

    (received, pong_ms, state, after, stats), room = talk(body)
    assert received == ["hello", b"\x00\x01"]
    assert pong_ms > 0
    assert state == (False, "chat", "websocket")
    assert after == (True, 1000)
    assert room.closed == [1000]
    (head,) = room.heads
    assert (head["Authorization"], head["Cookie"], head["X-A"]) == ("Bearer t", "session=abc", "1")
    assert head["User-Agent"] == "nineam"
    assert stats.counters == {
        "ws_sessions": 1, "ws_sessions{name:WebSocket /echo/{id}}": 1, "ws_msgs_sent": 2, "ws_msgs_received": 2
    }  # fmt: skip
    for name in ("ws_connecting", "ws_session_duration", "ws_ping", "ws_connecting{name:WebSocket /echo/{id}}"):
        assert stats.timings[name].count == 1
    assert stats.data_sent >= 7
    assert stats.endpoints == ()


def test_iterating_ends_with_an_orderly_close(talk):
    async def body(user, room, engine):
        async with user.websocket("/bye") as socket:
            return [message async for message in socket]

    assert talk(body)[0] == ["one"]


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [("/wrong", 1011, "WebSocket /wrong was closed with code 1011 (broken)"), ("/gone", 1006, "with code 1006")],
)
def test_a_close_for_another_reason_is_an_error_with_its_code(talk, path, code, words):
    async def listen(user):
        async with user.websocket(path) as socket:
            return [message async for message in socket]

    async def body(user, room, engine):
        with pytest.raises(WebSocketClosed) as caught:
            await listen(user)
        return caught.value

    error = talk(body)[0]
    assert error.code == code
    assert words in str(error)


@pytest.mark.parametrize(("path", "status"), [("/forbidden", 403), ("/moved", 302)])
def test_a_refusal_names_its_status_and_redirects_are_not_followed(talk, path, status):
    async def body(user, room, engine):
        with pytest.raises(WebSocketRefused, match=f"WebSocket {path} was refused with status {status}") as caught:
            async with user.websocket(path):
                pass
        return caught.value.status, user._last_status

    found, room = talk(body)
    assert found == (status, status)
    assert room.heads == []


def test_nothing_within_the_given_time_is_an_error_and_the_socket_stays_open(talk):
    async def body(user, room, engine):
        async with user.websocket("/echo") as socket:
            with pytest.raises(WebSocketTimeout, match=r"sent no message within 0\.05 s"):
                await socket.receive(timeout=0.05)
            await socket.send("still here")
            return await socket.receive()

    assert talk(body)[0] == "still here"


def test_a_cancelled_journey_says_no_good_bye(talk):
    async def body(user, room, engine):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), user.websocket("/silent") as socket:
                await socket.receive()
        return engine.collector.take().timings["ws_session_duration"].count

    found, room = talk(body)
    assert found == 1
    assert room.closed == [1006]


def test_at_the_end_of_a_phase_none_is_opened(talk):
    async def body(user, room, engine):
        engine.ending = True
        with pytest.raises(asyncio.CancelledError):
            async with user.websocket("/echo"):
                pass

    assert talk(body)[1].heads == []


def test_nobody_there_is_an_error_of_its_kind():
    async def main():
        async with user_of("http://127.0.0.1:9") as (user, _):
            with pytest.raises(WebSocketError, match="WebSocket /ws was not opened: connection refused"):
                async with user.websocket("/ws"):
                    pass
            return user._last_status

    assert asyncio.run(main()) == 0


@pytest.mark.parametrize("junk", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 101 X\r\n\r\n", b"\x00" * 70000])
def test_what_is_no_answer_to_an_upgrade_is_an_error_in_one_line(junk):
    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(junk)
        writer.close()

    async def main():
        listener = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with user_of(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}") as (user, _):
            with pytest.raises(WebSocketError, match="WebSocket /ws was not opened: ") as caught:
                async with user.websocket("/ws"):
                    pass
        listener.close()
        return str(caught.value)

    assert "\n" not in asyncio.run(main())


def test_a_server_that_never_answers_is_given_up():
    async def answer(reader, writer):
        await reader.read()

    async def main():
        listener = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with user_of(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}") as (user, _):
            with pytest.raises(WebSocketTimeout, match=r"was not opened within 0\.1 s"):
                async with user.websocket("/ws", timeout=0.1):
                    pass
        listener.close()

    asyncio.run(main())


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command for a certificate")
def test_over_tls_the_certificate_is_verified_unless_the_plan_says_not_to(tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
         "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"], check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")

    async def main():
        room = Room()
        async with serve(room.talk, "127.0.0.1", 0, ssl=context) as server:
            url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with user_of(url) as (user, _):
                with pytest.raises(WebSocketError, match="certificate refused"):
                    async with user.websocket("/echo"):
                        pass
            options = HttpOptions(insecure_skip_tls_verify=True)
            async with user_of(url, options=options) as (user, _), user.websocket("/echo") as socket:
                await socket.send("safe")
                return await socket.receive()

    assert asyncio.run(main()) == "safe"
