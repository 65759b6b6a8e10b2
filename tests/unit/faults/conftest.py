"""A dependency that does as it is told, a proxy in front of it, and plain blocking sockets as its application."""

import asyncio
import contextlib
import hashlib
import socket
import struct
import threading
import time

import pytest

from nineam.faults.client import FaultProxy
from nineam.model.fault import Upstream

PATTERN = bytes(range(256)) * 256
LIMIT_S = 20.0
NAME = "dependency"


def pattern(size):
    return (PATTERN * (size // len(PATTERN) + 1))[:size]


class Dependency:
    """Serves lines: `echo TEXT`, `give N` (bytes), `take N` (answers with their digest), `close`, `reset`, `quiet`."""

    def __init__(self):
        self.seen = []
        self.greeting = b""
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._started.wait(LIMIT_S)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=2048))
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def stop(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LIMIT_S)

    async def _serve(self, reader, writer):
        writer.write(self.greeting)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while line := await reader.readline():
                self.seen.append(line)
                word, _, rest = line.strip().partition(b" ")
                if word == b"echo":
                    writer.write(rest + b"\n")
                elif word == b"give":
                    writer.write(pattern(int(rest)))
                elif word == b"take":
                    digest = hashlib.sha256(await reader.readexactly(int(rest))).hexdigest()
                    writer.write(digest.encode() + b"\n")
                elif word == b"close":
                    break
                elif word == b"reset":
                    found = writer.get_extra_info("socket")
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    writer.transport.abort()
                    return
            self.seen.append(b"(end)")
        writer.close()


class Talk:
    """The application's end of one connection."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), LIMIT_S)

    def send(self, data):
        self.socket.sendall(data)

    def line(self):
        received = b""
        while not received.endswith(b"\n"):
            piece = self.socket.recv(65536)
            assert piece, f"closed after {received!r}"
            received += piece
        return received

    def echo(self, text="hello"):
        self.send(b"echo %s\n" % text.encode())
        return self.line().decode().strip()

    def exactly(self, size):
        received = bytearray()
        while len(received) < size:
            piece = self.socket.recv(65536)
            assert piece, f"closed after {len(received)} of {size} bytes"
            received += piece
        return bytes(received)

    def give(self, size):
        self.send(b"give %d\n" % size)
        return self.exactly(size)

    def rest(self):
        """Everything until the connection ends, and whether it ended with a reset."""
        received = bytearray()
        try:
            while piece := self.socket.recv(65536):
                received += piece
        except ConnectionResetError:
            return bytes(received), "reset"
        return bytes(received), "closed"

    def silent(self, for_s=0.1):
        """Whether nothing comes for a while."""
        self.socket.settimeout(for_s)
        try:
            return self.socket.recv(1) is None
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(LIMIT_S)

    def close(self):
        self.socket.close()


@pytest.fixture(scope="module")
def dependency():
    found = Dependency()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def shared_proxy(dependency):
    with FaultProxy.start([Upstream(name=NAME, host="127.0.0.1", port=dependency.port)]) as found:
        yield found


@pytest.fixture
def proxy(shared_proxy, eventually):
    """One proxy for all tests of a file, without faults and connections at the beginning of each."""
    eventually(lambda: shared_proxy.counts()[0].living == 0)
    yield shared_proxy
    shared_proxy.heal()


@pytest.fixture
def talk(proxy):
    """Connect to the dependency through the proxy; the connections end with the test."""
    opened = []

    def connect(port=None):
        opened.append(Talk(port or proxy.ports[NAME]))
        return opened[-1]

    yield connect
    for each in opened:
        each.close()


@pytest.fixture
def fate(talk):
    """How a new connection ends: `reset` may meet it while it is made already."""

    def end():
        try:
            return talk().rest()
        except ConnectionResetError:
            return b"", "reset"

    return end


@pytest.fixture
def touched(proxy):
    """The latest count of a fault."""

    def latest(fault):
        return proxy.counts(NAME)[0].fault(fault)

    return latest


@pytest.fixture
def eventually():
    """Poll a condition until it holds; fail after the deadline."""

    def wait(condition, limit_s=LIMIT_S):
        deadline = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < deadline, "the condition did not hold in time"
            threading.Event().wait(0.01)

    return wait
