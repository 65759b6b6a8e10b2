"""Inside an application: connections to one address arrive at another, whoever makes them, and are told once."""

import json
import os
import socket
import subprocess
import sys
import threading
from importlib.resources import files

import pytest

INJECT = str(files("nineam.trials").joinpath("inject"))
ELSEWHERE = 1  # nobody listens there


def answering(word):
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                accepted, _ = listener.accept()
            except OSError:
                return
            with accepted:
                accepted.sendall(word)

    threading.Thread(target=serve, daemon=True).start()
    return listener


@pytest.fixture
def places():
    """Return the port that an application knows, and the one that stands for it."""
    with answering(b"real") as real, answering(b"proxy") as proxy:
        yield real.getsockname()[1], proxy.getsockname()[1]


@pytest.fixture
def run(tmp_path):
    def execute(code, known, proxy, told=None, path=()):
        report = tmp_path / "connections.jsonl"
        redirect = (
            told
            if told is not None
            else json.dumps({"places": [["localhost", known, proxy]], "report": str(report), "root": str(tmp_path)})
        )
        program = tmp_path / "program.py"
        program.write_text(code)
        paths = os.pathsep.join([INJECT, *map(str, path)])
        env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        env |= {"NINEAM_REDIRECT": redirect, "PYTHONPATH": paths}
        done = subprocess.run(
            [sys.executable, str(program), str(known)], capture_output=True, text=True, timeout=60, env=env, check=False
        )
        facts = [json.loads(line) for line in report.read_text().splitlines()] if report.exists() else []
        return done, facts

    return execute


SOCKET = "print(socket.create_connection(('localhost', port)).recv(9).decode())"
ASYNC = """
async def main():
    reader, writer = await asyncio.open_connection('{host}', port)
    print((await reader.read(9)).decode())
    writer.close()
"""
WAYS = {
    "socket": SOCKET,
    "socket with a timeout": SOCKET.replace("port))", "port), 3)"),
    "connect_ex": "s = socket.socket(); s.connect_ex(('127.0.0.1', port)); print(s.recv(9).decode())",
    "asyncio": ASYNC.format(host="localhost") + "asyncio.run(main())",
    "uvloop": "import uvloop" + ASYNC.format(host="127.0.0.1") + "uvloop.run(main())",
    "IPv6": "s = socket.socket(socket.AF_INET6); s.connect(('::1', port)); print(s.recv(9).decode())",
}
HEAD = "import asyncio, socket, sys\nport = int(sys.argv[1])\n"


@pytest.mark.parametrize("way", WAYS)
def test_a_connection_arrives_at_the_proxy(run, places, way):
    if way == "IPv6" and not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    done, facts = run(HEAD + WAYS[way], *places)
    assert done.stdout.strip() == "proxy", done.stderr
    assert facts[0]["redirected"] is True
    assert facts[0]["where"].startswith("program.py:")


def test_other_addresses_are_left_alone_and_told(run, places):
    known, proxy = places
    done, (fact,) = run(f"{HEAD}port = {known}\n{SOCKET}", ELSEWHERE, proxy)
    assert done.stdout.strip() == "real"
    assert (fact["port"], fact["redirected"]) == (known, False)


DRIVERS = {
    "psycopg": "import psycopg\npsycopg.connect(host='localhost', port={port}, user='a', dbname='b')",
    "psycopg, a conninfo": "import psycopg\npsycopg.connect('postgresql://a@localhost:{port}/b')",
    "psycopg2": "import psycopg2\npsycopg2.connect(host='localhost', port={port}, user='a', dbname='b')",
    "psycopg2, a dsn": "import psycopg2\npsycopg2.connect('host=localhost port={port} user=a dbname=b')",
}


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_driver_that_connects_in_c_is_led_through_its_options(run, driver):
    """Nobody answers at either address: the driver says which one it tried."""
    pytest.importorskip(driver.partition(",")[0])
    done, (fact,) = run(DRIVERS[driver].format(port=3), 3, 2)
    assert "port 2 failed" in done.stderr or 'port "2"' in done.stderr, done.stderr
    assert (fact["via"], fact["timeout"], fact["redirected"]) == (driver.partition(",")[0], None, True)


def test_a_connect_timeout_is_told(run):
    pytest.importorskip("psycopg")
    code = "import psycopg\npsycopg.connect(host='localhost', port=3, connect_timeout=2)"
    _, (fact,) = run(code, 3, 2)
    assert fact["timeout"] == 2


def test_a_unix_socket_is_told_because_no_proxy_stands_there(run):
    pytest.importorskip("psycopg")
    _, (fact,) = run("import psycopg\npsycopg.connect(host='/nowhere', dbname='b')", 3, 2)
    assert fact["via"] == "psycopg (Unix socket)"


def test_the_application_s_own_sitecustomize_still_runs(run, places, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    (own / "sitecustomize.py").write_text("print('mine')")
    done, _ = run(HEAD + SOCKET, *places, path=[own])
    assert done.stdout.split() == ["mine", "proxy"]


def test_whatever_is_wrong_with_the_hook_the_application_starts(run, places):
    done, _ = run(HEAD + SOCKET, *places, told="{")
    assert done.stdout.strip() == "real"
    assert "not redirected" in done.stderr
