import asyncio
import contextlib
from urllib.parse import quote

import pytest

from nineam.app.loopback import ensure_loopback
from nineam.app.ready import ensure_answers
from nineam.errors import ApplicationError, UsageError
from nineam.load import failures
from nineam.load.http import Client
from nineam.model.address import canonical, unix_address
from nineam.monday.asking import ask_once

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@contextlib.asynccontextmanager
async def served(path):
    heads = []

    async def serve(reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(OK)
            await writer.drain()
        writer.close()

    listener = await asyncio.start_unix_server(serve, path)
    try:
        yield heads
    finally:
        listener.close()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("unix:/tmp/app.sock", ("/tmp/app.sock", "")),
        ("unix:///tmp/app.sock", ("/tmp/app.sock", "")),
        ("http+unix://%2Ftmp%2FApp.sock", ("/tmp/App.sock", "")),
        ("http+unix://%2Ftmp%2Fapp.sock/api?x=1", ("/tmp/app.sock", "/api?x=1")),
        ("unix:", ("", "")),
        ("http://127.0.0.1/unix:", None),
    ],
)
def test_an_address_names_a_socket(url, expected):
    assert unix_address(url) == expected


def test_the_short_form_becomes_one_to_which_a_path_can_be_appended():
    assert canonical("unix:/tmp/a b.sock") == "http+unix://%2Ftmp%2Fa%20b.sock"
    assert unix_address(canonical("unix:/tmp/a b.sock") + "/x") == ("/tmp/a b.sock", "/x")
    assert canonical("http://127.0.0.1:1/") == "http://127.0.0.1:1/"


@pytest.mark.parametrize("form", ["unix:{}", "http+unix://{escaped}/api"])
def test_requests_go_through_a_socket(tmp_path, ask, form):
    path = str(tmp_path / "app.sock")
    url = form.format(path, escaped=quote(path, safe=""))

    async def main():
        async with served(path) as heads:
            client = Client(url)
            response = await ask(client, client.lane(), path="/x")
            client.close()
            return response, heads[0]

    response, head = asyncio.run(main())
    prefix = b"/api" if "api" in form else b""
    assert (response.status, response.content) == (200, b"ok")
    assert head.startswith(b"GET " + prefix + b"/x HTTP/1.1\r\nhost: localhost\r\n")
    assert response.url == f"http://localhost{prefix.decode()}/x"
    assert response.connecting_ns > 0


def test_a_socket_that_does_not_exist_is_its_own_kind_of_failure(tmp_path, ask):
    async def main():
        client = Client(f"unix:{tmp_path}/nothing.sock")
        return await ask(client, client.lane())

    assert asyncio.run(main()).error == failures.NO_SOCKET


@pytest.mark.parametrize("url", ["unix:", "http+unix:///path"])
def test_an_address_without_a_socket_is_refused(url):
    with pytest.raises(UsageError):
        Client(url)
    with pytest.raises(UsageError, match="names no socket"):
        ensure_loopback(url)


def test_a_socket_is_always_on_this_machine():
    assert ensure_loopback("unix:/tmp/app.sock") == ()


def test_the_controller_asks_over_a_socket_too(tmp_path):
    path = str(tmp_path / "app.sock")
    url = canonical(f"unix:{path}")

    async def main():
        with pytest.raises(ApplicationError):
            await ensure_answers(url, 1)
        async with served(path) as heads:
            await ensure_answers(url, 2)
            return await asyncio.to_thread(ask_once, f"{url}/a b?c=d"), heads

    answer, heads = asyncio.run(main())
    assert (answer.status, answer.body) == (200, b"ok")
    assert heads[0].startswith(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
    assert heads[1].startswith(b"GET /a%20b?c=d HTTP/1.1\r\nHost: localhost\r\n")
