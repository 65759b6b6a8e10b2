"""A server with a known distribution of service times that freezes once: it neither reads nor answers for a while.

`python -m benchmarks.freezing_server SEED MEDIAN_S P99_S FREEZE_AFTER_S FREEZE_S` prints its port. The freeze begins so
long after the first request. When its input ends it prints as JSON what really happened: `freeze` (two instants) and
`served` (number, read, written) of each request, where the number is the `i=` of its address; `perf_counter_ns`.
"""

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Iterator

import uvloop

from benchmarks.server import ANSWER, END
from benchmarks.truth import service_times
from nineam.load.alarm import Alarm

clock = time.perf_counter_ns


class Log:
    """What happened. `alarm` is exact to some ten microseconds; the log is the truth all the same."""

    def __init__(self, alarm: Alarm, services: Iterator[float], freeze_after_s: float, freeze_s: float) -> None:
        self.alarm = alarm
        self.services = services
        self.served: list[tuple[int, int, int]] = []
        self.freeze: tuple[int, int] = (0, 0)
        self._freeze_after_s, self._freeze_s = freeze_after_s, freeze_s
        self._begun = False

    def begin(self) -> None:
        """With the first request the time until the freeze begins to run."""
        if not self._begun:
            self._begun = True
            self.alarm.at(clock() + round(self._freeze_after_s * 1e9), self._freeze)

    def _freeze(self, _: int) -> None:
        began = clock()
        time.sleep(self._freeze_s)
        self.freeze = (began, clock())


class Slow(asyncio.Protocol):
    """One connection: answers each request once its service time is over."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Draw a service time for a request that is complete."""
        self._data += data
        if self._data.endswith(END):
            head, self._data = self._data, b""
            self._serve(_number(head), clock())

    def _serve(self, number: int, read_ns: int) -> None:
        log = self._log
        log.begin()

        def answer(_: int) -> None:
            self._transport.write(ANSWER)  # type: ignore[attr-defined]
            log.served.append((number, read_ns, clock()))

        log.alarm.at(read_ns + round(next(log.services) * 1e9), answer)


def _number(head: bytes) -> int:
    _, found, rest = head.partition(b"?i=")
    return int(rest.split(b" ", 1)[0]) if found else -1


async def serve(seed: int, median_s: float, p99_s: float, freeze_after_s: float, freeze_s: float) -> None:
    """Serve on a free port of the loopback interface."""
    loop = asyncio.get_running_loop()
    log = Log(Alarm(loop), service_times(seed, median_s, p99_s), freeze_after_s, freeze_s)
    server = await loop.create_server(lambda: Slow(log), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    threading.Thread(target=_leave_with_the_input, args=(loop, log), daemon=True).start()
    await server.serve_forever()


def _leave_with_the_input(loop: asyncio.AbstractEventLoop, log: Log) -> None:
    sys.stdin.buffer.read()
    loop.call_soon_threadsafe(_leave, log)


def _leave(log: Log) -> None:
    print(json.dumps({"freeze": log.freeze, "served": log.served}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), *map(float, sys.argv[2:])))
