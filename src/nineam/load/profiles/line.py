"""A line with a latency and a bandwidth: when what is sent over it arrives."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

PIECE_S = 0.05
SLACK_S = 0.001  # the resolution of the loop's timers


class Line(NamedTuple):
    """Bytes per second towards the client (`down`) and from it (`up`), 0 for all at once, and the round trip.

    `receive_buffer` is what the client's system holds back in bytes, 0 for the usual: the smaller, the sooner the
    server notices that nobody reads.
    """

    down: float = 0.0
    up: float = 0.0
    round_trip_s: float = 0.0
    receive_buffer: int = 0


class Pipe:
    """One direction of a line: `deliver` gets each piece when it has arrived, `drained` is called when all have."""

    def __init__(
        self, rate: float, latency_s: float, deliver: Callable[[bytes], None], drained: Callable[[], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._rate, self._latency_s = rate, latency_s
        self._deliver, self._drained = deliver, drained
        self._queue: deque[tuple[float, bytes]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._held = False
        self.free_at = 0.0
        self.waiting = 0

    def put(self, data: bytes) -> None:
        """Send bytes behind those that are on their way."""
        now = self._loop.time()
        self.free_at = max(now, self.free_at)
        for piece in self._pieces(data):
            self.free_at += len(piece) / self._rate if self._rate else 0.0
            self._queue.append((self.free_at + self._latency_s, piece))
        self.waiting += len(data)
        self._arm()

    def hold(self) -> None:
        """Deliver nothing until `release`."""
        self._held = True

    def release(self) -> None:
        """Deliver again."""
        self._held = False
        self._arm()

    def close(self) -> None:
        """Lose what is on its way."""
        self._queue.clear()
        self.waiting = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        size = max(1, round(self._rate * PIECE_S)) if self._rate else len(data)
        return (data[start : start + size] for start in range(0, len(data), size or 1))

    def _arm(self) -> None:
        if self._timer is None and self._queue and not self._held:
            self._timer = self._loop.call_at(self._queue[0][0], self._due)

    def _due(self) -> None:
        self._timer = None
        now = self._loop.time() + SLACK_S
        while self._queue and self._queue[0][0] <= now and not self._held:
            _, piece = self._queue.popleft()
            self.waiting -= len(piece)
            self._deliver(piece)
        self._arm()
        if not self._queue:
            self._drained()
