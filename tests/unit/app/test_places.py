"""Ports, hosts, environments: where an application may run and what it is told."""

import asyncio
import os
import socket

import pytest

from nineam.app.environment import agent_environment, search_environment
from nineam.app.loopback import ensure_loopback, parse_url
from nineam.app.ports import ensure_free, free_port, holder, listening_ports
from nineam.app.ready import ensure_answers
from nineam.errors import ApplicationError, UsageError


def test_a_free_port_can_be_listened_on():
    port = free_port()
    ensure_free(port)
    with socket.create_server(("127.0.0.1", port)):
        assert port in listening_ports()


def test_a_taken_port_is_refused_with_the_name_of_its_holder():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert f"(pid {os.getpid()})" in holder(port)
        with pytest.raises(UsageError, match=rf"port {port} is taken: .*\(pid {os.getpid()}\)"):
            ensure_free(port)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_does_not_exist_is_refused(port):
    with pytest.raises(UsageError, match="expected 1 to 65535"):
        ensure_free(port)


def test_a_host_that_is_not_here_is_refused():
    with pytest.raises(UsageError, match="cannot listen on"):
        ensure_free(free_port(), "192.0.2.1")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/x", "https://[::1]", "http://127.9.9.9", "http://localhost:1"])
def test_loopback_targets_are_accepted(url):
    assert ensure_loopback(url, resolver=lambda host: ["127.0.0.1"] if host == "localhost" else [host])


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("http://example.com/", ["93.184.216.34"]),
        ("http://two-faced.test", ["127.0.0.1", "10.0.0.7"]),
        ("http://127.0.0.1@example.com/", ["93.184.216.34"]),
        ("http://10.0.0.7:8000", ["10.0.0.7"]),
        ("http://nothing.test", []),
    ],
)
def test_a_target_elsewhere_is_refused_and_told_how_to_allow_it(url, addresses):
    with pytest.raises(UsageError, match="not this machine") as caught:
        ensure_loopback(url, resolver=lambda _: addresses)
    assert "--allow-target" in caught.value.hint
    assert "allow_targets" in caught.value.hint


def test_an_allowed_host_is_accepted_by_its_name_only():
    resolver = {"staging.test": ["10.0.0.7"], "other.test": ["10.0.0.7"]}.__getitem__
    assert ensure_loopback("http://Staging.test", ("staging.test",), resolver) == ("10.0.0.7",)
    with pytest.raises(UsageError):
        ensure_loopback("http://other.test", ("staging.test",), resolver)


def test_a_host_without_an_address_is_a_usage_error():
    def unknown(host):
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(UsageError, match="has no address"):
        ensure_loopback("http://nowhere.test", resolver=unknown)


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8000", "ftp://127.0.0.1", "http://", "http://127.0.0.1:x", "http://[::1", ""]
)
def test_what_is_no_http_url_is_refused(url):
    with pytest.raises(UsageError, match="target"):
        parse_url(url)


def test_a_url_that_refuses_is_an_application_error_with_a_hint():
    with pytest.raises(ApplicationError, match="refuses connections") as caught:
        asyncio.run(ensure_answers(f"http://127.0.0.1:{free_port()}", 2))
    assert caught.value.hint


@pytest.mark.parametrize(
    ("said", "expected"),
    [(b"220 mail ready\r\n", "not in HTTP"), (b"", "does not answer"), (b"HTTP/1.1 200 OK\r\n\r\n", None)],
)
def test_what_a_port_says_is_told_apart(said, expected):
    async def whole():
        async def talk(reader, writer):
            await reader.readline()
            writer.write(said)
            writer.close()

        async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
            await ensure_answers(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", 2)

    if expected is None:
        asyncio.run(whole())
    else:
        with pytest.raises(ApplicationError, match=expected):
            asyncio.run(whole())


def test_the_agents_environment_changes_five_variables_and_no_other():
    base = {"PATH": "/bin", "PYTHONPATH": "/theirs", "DATABASE_URL": "sqlite://"}
    changed = agent_environment(base, "/inject", "/tmp/s", "secret", "/app")
    assert changed == {
        "PATH": "/bin",
        "DATABASE_URL": "sqlite://",
        "PYTHONPATH": os.pathsep.join(["/inject", "/theirs"]),
        "NINEAM_SOCKET": "/tmp/s",
        "NINEAM_TOKEN": "secret",
        "NINEAM_ROOT": "/app",
        "PYTHONUNBUFFERED": "1",
    }
    assert base["PYTHONPATH"] == "/theirs"


def test_no_empty_entry_gets_onto_the_import_path():
    assert agent_environment({}, "/inject", "s", "t", "r")["PYTHONPATH"] == "/inject"
    assert search_environment({}, "/src")["PYTHONPATH"] == "/src"
    assert search_environment({"A": "b"}, "") == {"A": "b"}
