"""The trivial server with a clock of its own: how long each request took it, from reading it to writing the answer.

`python -m benchmarks.stamped_server CONNECTIONS` measures from the moment at which (nearly) so many connections are
open until a twentieth of them are gone; it prints its port, and its findings as JSON when its input ends.
"""

import asyncio
import json
import os
import sys
import threading
import time
from typing import Any

import msgspec
import uvloop

from benchmarks.server import Stub
from nineam.histogram import Histogram

BATCH = 512
ALL, ENOUGH = 0.99, 0.95  # of the connections: a few may be in the middle of coming back

clock = time.perf_counter_ns


class Stamps:
    """Counts requests, and their microseconds while all connections are open; instants are `perf_counter_ns`."""

    def __init__(self, full: int) -> None:
        self.full = full
        self.open = self.most = self.requests = self.began_ns = self.ended_ns = 0
        self.service = Histogram()
        self._waiting: list[int] = []

    def come(self) -> None:
        """Count a connection."""
        self.open += 1
        self.most = max(self.most, self.open)
        if self.open >= ALL * self.full and not self.began_ns:
            self.began_ns = clock()

    def go(self) -> None:
        """Count a connection that is gone."""
        self.open -= 1
        if self.began_ns and not self.ended_ns and self.open < ENOUGH * self.full:
            self.ended_ns = clock()

    def took(self, nanoseconds: int) -> None:
        """Count one request."""
        self.requests += 1
        if self.began_ns and not self.ended_ns:
            self._waiting.append(nanoseconds // 1000)
            if len(self._waiting) >= BATCH:
                self.fold()

    def fold(self) -> None:
        """Move what waits into the histogram."""
        self.service.record_many(self._waiting)
        self._waiting.clear()

    def findings(self) -> dict[str, Any]:
        """Give everything."""
        self.fold()
        return {
            "requests": self.requests,
            "most_connections": self.most,
            "began_ns": self.began_ns,
            "ended_ns": self.ended_ns or clock(),
            "service": msgspec.to_builtins(self.service.to_data(), str_keys=True),
        }


class StampedStub(Stub):
    """One connection of the trivial server, with stamps; the probe's requests are not counted."""

    def __init__(self, stamps: Stamps) -> None:
        self._stamps = stamps

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it."""
        super().connection_made(transport)
        self._stamps.come()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - it is gone, whatever the reason
        """Count it."""
        self._stamps.go()

    def data_received(self, data: bytes) -> None:
        """Answer, and note how long that took."""
        began = clock()
        super().data_received(data)
        if not data.startswith(b"GET /probe"):
            self._stamps.took(clock() - began)


async def serve(full: int) -> None:
    """Serve on a free port of the loopback interface."""
    loop = asyncio.get_running_loop()
    stamps = Stamps(full)
    server = await loop.create_server(lambda: StampedStub(stamps), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    threading.Thread(target=_leave_with_the_input, args=(loop, stamps), daemon=True).start()
    await server.serve_forever()


def _leave_with_the_input(loop: asyncio.AbstractEventLoop, stamps: Stamps) -> None:
    sys.stdin.buffer.read()
    loop.call_soon_threadsafe(_leave, stamps)


def _leave(stamps: Stamps) -> None:
    print(json.dumps(stamps.findings()), flush=True)
    os._exit(0)


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
