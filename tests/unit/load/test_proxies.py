import asyncio
import contextlib
import socket
import ssl
from types import SimpleNamespace

import msgspec
import pytest
import uvloop
from test_http2 import certificate  # noqa: F401 - a fixture
from websockets.asyncio.server import serve

from nineam import WebSocketError
from nineam.errors import UsageError
from nineam.load import failures
from nineam.load.alarm import Alarm
from nineam.load.collector import Collector
from nineam.load.http import Client
from nineam.load.proxies import parse_proxy
from nineam.load.users import User
from nineam.model import HttpOptions

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("socks5://127.0.0.1:1080", "its scheme is socks5, expected http://"),
        ("https://127.0.0.1:3128", "its scheme is https, expected http://"),
        ("http://", "it names no host"),
        ("http://127.0.0.1:port", "is not an address"),
        ("http://[::1", "is not an address"),
    ],
)
def test_an_address_that_is_no_http_proxy_is_refused(address, message):
    with pytest.raises(UsageError, match=message):
        Client("http://127.0.0.1:1", options=HttpOptions(proxy=address))


def test_a_name_and_a_password_may_be_escaped():
    proxy = parse_proxy("http://me:p%40ss@127.0.0.1:3128")
    assert (proxy.host, proxy.port, proxy.authorization) == ("127.0.0.1", 3128, "Basic bWU6cEBzcw==")


def test_a_unix_socket_and_a_proxy_contradict_each_other():
    with pytest.raises(UsageError, match="through a proxy"):
        Client("unix:/tmp/a.sock", options=HttpOptions(proxy="http://127.0.0.1:3128"))


def through(ask, answers, url, login="", http2=False):
    """Ask `url` through a proxy that gives these answers; the response and what the proxy was asked."""

    async def main():
        heads = []

        async def serve(reader, writer):
            try:
                for answer in answers:
                    heads.append(await reader.readuntil(b"\r\n\r\n"))
                    writer.write(answer)
                await reader.read()
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
            writer.close()

        listener = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        options = HttpOptions(proxy=f"http://{login}127.0.0.1:{port}", http2=http2)
        client = Client(url, options=options)
        response = await ask(client, client.lane(), path="/a?b=1")
        client.close()
        listener.close()
        return response, heads

    return asyncio.run(main())


def test_an_http_target_is_asked_for_by_its_whole_address(ask):
    response, (head,) = through(ask, [OK], "http://app.test:8000", "me:secret@")
    assert response.status == 200
    assert head.startswith(b"GET http://app.test:8000/a?b=1 HTTP/1.1\r\nhost: app.test:8000\r\n")
    assert b"\r\nproxy-authorization: Basic bWU6c2VjcmV0\r\n" in head
    assert (response.url, response.outgoing.name) == ("http://app.test:8000/a?b=1", "GET /a")


def test_an_https_target_is_reached_through_a_tunnel(ask):
    answers = [b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"]
    response, (head,) = through(ask, answers, "https://app.test", "me:secret@")
    assert head.startswith(b"CONNECT app.test:443 HTTP/1.1\r\nhost: app.test:443\r\n")
    assert b"proxy-authorization: Basic bWU6c2VjcmV0\r\n" in head
    assert (response.status, response.error) == (0, "proxy: answered CONNECT with 407")


@pytest.mark.parametrize("answer", [b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 what\r\n\r\n", b"\x00\r\n\r\n"])
def test_a_proxy_that_does_not_speak_http_is_its_own_kind_of_failure(ask, answer):
    response, _ = through(ask, [answer], "https://app.test")
    assert response.error == "proxy: answered CONNECT with something else than HTTP"


def test_a_proxy_that_closes_is_its_own_kind_of_failure(ask):
    async def main():
        async def serve(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.close()

        listener = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        client = Client("https://app.test", options=HttpOptions(proxy=f"http://127.0.0.1:{port}"))
        response = await ask(client, client.lane())
        client.close()
        listener.close()
        return response

    assert asyncio.run(main()).error == "proxy: no answer to CONNECT"


@pytest.mark.parametrize("url", ["http://app.test", "https://app.test"])
def test_a_proxy_that_refuses_is_told_from_an_application_that_does(ask, url):
    async def main():
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            client = Client(url, options=HttpOptions(proxy=f"http://127.0.0.1:{unused.getsockname()[1]}"))
            return await ask(client, client.lane())

    assert asyncio.run(main()).error == f"proxy: {failures.REFUSED}"


def test_the_environment_names_no_proxy_here(against, ask, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    @against()
    async def response(server, client, lane):
        return await ask(client, lane)

    assert response.status == 200


async def relay(reader, writer):
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def tunnelled(ask, certificate, options):  # noqa: F811 - the fixture
    """Ask a TLS server through a proxy that really connects; the response and what the proxy was asked."""
    asked = []

    async def serve(reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(OK)
        writer.close()

    async def connect(reader, writer):
        asked.append((await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")[0])
        port = int(asked[-1].split()[1].rpartition(b":")[2])
        there = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(relay(reader, there[1]), relay(there[0], writer))

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    origin = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    proxy = await asyncio.start_server(connect, "127.0.0.1", 0)
    ports = [each.sockets[0].getsockname()[1] for each in (origin, proxy)]
    through_it = msgspec.structs.replace(options, proxy=f"http://127.0.0.1:{ports[1]}")
    client = Client(f"https://127.0.0.1:{ports[0]}", options=through_it)
    lane = client.lane()
    responses = [await ask(client, lane) for _ in range(2)]
    client.close()
    origin.close()
    proxy.close()
    return responses, asked, f"CONNECT 127.0.0.1:{ports[0]} HTTP/1.1".encode()


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
@pytest.mark.parametrize("http2", [False, True])
def test_tls_goes_through_a_proxy_that_connects(ask, certificate, run, http2):  # noqa: F811 - the fixture
    options = HttpOptions(insecure_skip_tls_verify=True, http2=http2)
    (first, second), asked, line = run(tunnelled(ask, certificate, options))
    assert (first.status, first.content, second.status, second.blocked_ns) == (200, b"ok", 200, 0)
    assert first.connecting_ns > 0
    assert first.tls_ns > 0
    assert asked == [line]


async def proxied_websocket(answers):
    """Talk over a WebSocket of an http:// target through a proxy; what was said, and what the proxy was asked."""
    asked = []

    async def proxy(reader, writer):
        asked.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n"))
        writer.write(answers)
        if b" 200 " in answers:
            there = await asyncio.open_connection("127.0.0.1", int(asked[-1][0].split()[1].rpartition(b":")[2]))
            await asyncio.gather(relay(reader, there[1]), relay(there[0], writer))
        writer.close()

    async def echo(connection):
        async for message in connection:
            await connection.send(message)

    listener = await asyncio.start_server(proxy, "127.0.0.1", 0)
    async with serve(echo, "127.0.0.1", 0) as server:
        ports = [each.sockets[0].getsockname()[1] for each in (listener, server)]
        options = HttpOptions(proxy=f"http://me:secret@127.0.0.1:{ports[0]}")
        client = Client(f"http://127.0.0.1:{ports[1]}", options=options)
        alarm = Alarm(asyncio.get_running_loop())
        user = User(SimpleNamespace(client=client, collector=Collector(), ending=False, alarm=alarm), 1)
        try:
            async with user.websocket("/ws") as opened:
                await opened.send("hello")
                said = await opened.receive(5)
        except WebSocketError as error:
            said = str(error)
        await user.close()
        alarm.close()
        client.close()
    listener.close()
    return said, asked, f"CONNECT 127.0.0.1:{ports[1]} HTTP/1.1".encode()


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_a_websocket_goes_through_a_tunnel(run):
    said, (head,), line = run(proxied_websocket(b"HTTP/1.1 200 Connection established\r\n\r\n"))
    assert said == "hello"
    assert head[0] == line
    assert b"proxy-authorization: Basic bWU6c2VjcmV0" in head


def test_a_proxy_that_lets_no_websocket_through_is_its_own_kind_of_failure():
    said, _, _ = asyncio.run(proxied_websocket(b"HTTP/1.1 403 Forbidden\r\n\r\n"))
    assert said == "WebSocket /ws was not opened: proxy: answered CONNECT with 403"
