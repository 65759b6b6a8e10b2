"""A server that says exactly the bytes a test wants, and the pieces of an engine around one user."""

import asyncio
import contextlib
import re
import time
from types import SimpleNamespace

import pytest

from nineam.load.alarm import Alarm
from nineam.load.collector import Collector
from nineam.load.http import Client, Lane
from nineam.load.response import Response
from nineam.load.users import User

LENGTH = re.compile(rb"content-length: (\d+)", re.I)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Scripted:
    """A server with a list of moves; each request, on whatever connection, takes the next one.

    A move is the bytes to answer, None to close without a word, "hang" to say nothing, or ("close", bytes)
    to answer and close.
    """

    def __init__(self, moves):
        self.moves = list(moves)
        self.heads = []
        self.bodies = []
        self.connections = 0
        self.arrived = asyncio.Event()

    async def serve(self, reader, writer):
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = LENGTH.search(head)
                self.heads.append(head)
                self.bodies.append(await reader.readexactly(int(length.group(1))) if length else b"")
                self.arrived.set()
                if not await self._move(writer, self.moves.pop(0) if self.moves else OK):
                    break
        writer.close()

    async def _move(self, writer, move):
        if move == "hang":
            await asyncio.Event().wait()
        if move is None:
            return False
        data, stays = (move[1], False) if isinstance(move, tuple) else (move, True)
        for piece in data if isinstance(data, list) else [data]:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        return stays


@contextlib.asynccontextmanager
async def scripted(*moves):
    server = Scripted(moves)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    try:
        yield server, f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    finally:
        listener.close()


async def exchange(client, lane, method="GET", path="/", timeout_s=5.0, **options):
    """Send one request and wait until it has been answered or has failed."""
    done = asyncio.get_running_loop().create_future()
    issued = time.perf_counter_ns()
    outgoing = client.build(method, path, **options)
    lane.send(Response(outgoing, issued, issued, issued + round(timeout_s * 1e9), done.set_result))
    return await asyncio.wait_for(done, 10)


def against_moves(*moves, timeout_s=5.0):
    def run(body):
        async def main():
            async with scripted(*moves) as (server, url):
                client = Client(url, timeout_s=timeout_s)
                client.sweep()
                try:
                    return await body(server, client, Lane(client))
                finally:
                    client.close()

        return asyncio.run(main())

    return run


def with_user_of_moves(*moves):
    def run(body):
        async def main():
            async with scripted(*moves) as (server, url):
                client = Client(url)
                client.sweep()
                alarm = Alarm(asyncio.get_running_loop())
                engine = SimpleNamespace(
                    client=client, collector=Collector(), ending=False, journeys_file="", seed=1, alarm=alarm
                )
                user = User(engine, 1)
                try:
                    return await body(server, user, engine.collector)
                finally:
                    await user.close()
                    alarm.close()
                    client.close()

        return asyncio.run(main())

    return run


@pytest.fixture
def against():
    """Run a coroutine function with (server, client, lane) against a server with these moves."""
    return against_moves


@pytest.fixture
def with_user():
    """Run a coroutine function with (server, user, collector) against a server with these moves."""
    return with_user_of_moves


@pytest.fixture
def ask():
    """Send one request through a client and wait for its end."""
    return exchange
