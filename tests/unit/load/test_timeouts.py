import asyncio

import pytest

from nineam.load import failures
from nineam.load.http import Client
from nineam.load.timeouts import Timeouts, parse_timeouts
from nineam.model import HttpOptions

SECOND = 1_000_000_000
PLAIN = HttpOptions()


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        (None, None),
        (2, Timeouts(total_ns=2 * SECOND)),
        (0.5, Timeouts(total_ns=SECOND // 2)),
        ((1, 5), Timeouts(connect_ns=SECOND, read_ns=5 * SECOND)),
        ((1, 5, 30), Timeouts(SECOND, 5 * SECOND, 30 * SECOND)),
        ({"connect": 1}, Timeouts(connect_ns=SECOND)),
        ({"read": 2, "total": None}, Timeouts(read_ns=2 * SECOND)),
        ({}, Timeouts()),
    ],
)
def test_a_timeout_is_seconds_or_names_its_kinds(option, expected):
    assert parse_timeouts(option) == expected


def test_what_a_request_does_not_say_stays_as_the_options_have_it():
    assert parse_timeouts({"read": 2}, Timeouts(connect_ns=7)) == Timeouts(7, 2 * SECOND)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"conect": 1}, "'conect' is no kind of timeout, 'connect' is"),
        ({"zzz": 1}, "'zzz' is no kind of timeout; expected seconds"),
        ({"read": "fast"}, "read is 'fast'"),
        (-1, "total is -1"),
        ("3", "total is '3'"),
        (True, "total is True"),
        ((1, 2, 3, 4), "total is"),
        (float("nan"), "total is nan"),
    ],
)
def test_a_wrong_timeout_says_what_was_expected(option, message):
    with pytest.raises(ValueError, match=message):
        parse_timeouts(option)


async def asked(ask, serve, url="http", options=PLAIN, **wishes):
    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = Client(f"{url}://127.0.0.1:{listener.sockets[0].getsockname()[1]}", options=options)
    client.sweep()
    try:
        return await ask(client, client.lane(), **wishes)
    finally:
        client.close()
        listener.close()


async def say_nothing(reader, writer):
    await reader.read()
    writer.close()


async def drip(reader, writer):
    """Never silent for long, and slower than any patience for the whole."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    try:
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)
    except ConnectionError:
        writer.close()


async def begin_and_stop(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx")
    await reader.read()
    writer.close()


def test_a_handshake_that_never_ends_is_a_connect_timeout(ask):
    options = HttpOptions(connect_timeout_s=0.1)
    assert asyncio.run(asked(ask, say_nothing, "https", options)).error == failures.CONNECT_TIMEOUT


def test_a_request_has_a_connect_timeout_of_its_own(ask):
    response = asyncio.run(asked(ask, say_nothing, "https", timeout={"connect": 0.1}))
    assert response.error == failures.CONNECT_TIMEOUT


@pytest.mark.parametrize("serve", [say_nothing, begin_and_stop])
def test_silence_is_a_read_timeout(ask, serve):
    response = asyncio.run(asked(ask, serve, options=HttpOptions(read_timeout_s=0.1)))
    assert (response.status, response.error) == (0, failures.READ_TIMEOUT)


def test_a_request_has_a_read_timeout_of_its_own(ask):
    assert asyncio.run(asked(ask, say_nothing, timeout=(5, 0.1))).error == failures.READ_TIMEOUT


def test_a_server_that_keeps_talking_meets_the_limit_of_the_whole(ask):
    response = asyncio.run(asked(ask, drip, options=HttpOptions(read_timeout_s=4.0), timeout_s=0.4))
    assert (response.status, response.error) == (0, failures.TIMEOUT)


def test_limits_that_are_not_met_change_nothing(against, ask):
    @against()
    async def responses(server, client, lane):
        return [await ask(client, lane, timeout={"connect": 3, "read": 3, "total": 3}) for _ in range(2)]

    assert [response.status for response in responses] == [200, 200]


def test_a_wrong_timeout_of_a_request_is_a_mistake_of_the_journey(with_user):
    @with_user()
    async def raised(server, user, collector):
        with pytest.raises(ValueError, match="'reed' is no kind of timeout, 'read' is"):
            await user.get("/", timeout={"reed": 1})
        return True

    assert raised
