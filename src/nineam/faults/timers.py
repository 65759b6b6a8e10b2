"""Timers finer than a millisecond, which is as fine as event loops wait."""

import ctypes
import heapq
import itertools
import os
import struct
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio  # not for who only names faults

CLOCK_MONOTONIC = 1
NONBLOCKING_CLOEXEC = os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0)
ABSOLUTE = 1
INTERVAL_AND_INSTANT = struct.Struct("@llll")
SECOND_NS = 1_000_000_000
MOST_LEAD_NS = 100_000
SPARSE_NS = 1_000_000

now_ns = time.monotonic_ns


class Timer:
    """Something that is due."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Do not do it."""
        self.callback = None


class Timers:
    """Calls what is due at instants of `time.monotonic_ns`.

    On Linux one timerfd(2) wakes the loop. A processor that sleeps takes its time to wake (50 to 100 us on a virtual
    one), so the loop is woken as much earlier as it was late lately, and waits for the rest; not where instants are so
    dense that it would do nothing else. Elsewhere the loop's own timers wake it, up to a millisecond or two late.
    """

    def __init__(self, loop: "asyncio.AbstractEventLoop") -> None:
        self._loop = loop
        self._heap: list[tuple[int, int, Timer]] = []
        self._numbers = itertools.count()
        self._armed_ns = self._lead_ns = self._woken_ns = 0
        self._library = ctypes.CDLL(None, use_errno=True)
        self._descriptor = self._timerfd()
        if self._descriptor >= 0:
            loop.add_reader(self._descriptor, self._wake)

    def at(self, due_ns: int, callback: Callable[[], None]) -> Timer:
        """Call something at an instant, which may be over."""
        timer = Timer(callback)
        heapq.heappush(self._heap, (due_ns, next(self._numbers), timer))
        if not self._armed_ns or due_ns < self._armed_ns:
            self._arm(due_ns)
        return timer

    def after(self, delay_ns: int, callback: Callable[[], None]) -> Timer:
        """Call something after a delay."""
        return self.at(now_ns() + delay_ns, callback)

    def close(self) -> None:
        """Forget everything."""
        self._heap.clear()
        if self._descriptor >= 0:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1

    def _timerfd(self) -> int:
        try:
            return int(self._library.timerfd_create(CLOCK_MONOTONIC, NONBLOCKING_CLOEXEC))
        except AttributeError:
            return -1

    def _arm(self, due_ns: int) -> None:
        self._armed_ns = due_ns
        if self._descriptor < 0:
            self._loop.call_later(max(0, due_ns - now_ns()) / SECOND_NS, self._fire)
            return
        self._woken_ns = due_ns - self._lead_ns if due_ns - now_ns() > SPARSE_NS else 0
        instant = divmod(max(1, self._woken_ns or due_ns), SECOND_NS)  # an instant of 0 would mean: never
        self._library.timerfd_settime(self._descriptor, ABSOLUTE, INTERVAL_AND_INSTANT.pack(0, 0, *instant), None)

    def _wake(self) -> None:
        try:
            os.read(self._descriptor, 8)
        except BlockingIOError:
            return
        if self._woken_ns:
            late_ns = min(now_ns() - self._woken_ns, MOST_LEAD_NS)
            self._lead_ns += (late_ns - self._lead_ns) // 8
            while now_ns() < self._armed_ns <= self._woken_ns + MOST_LEAD_NS:
                pass
        self._fire()

    def _fire(self) -> None:
        self._armed_ns = 0
        now = now_ns()
        while self._heap and self._heap[0][0] <= now:
            callback = heapq.heappop(self._heap)[2].callback
            if callback is not None:
                callback()
        while self._heap and self._heap[0][2].callback is None:
            heapq.heappop(self._heap)
        if self._heap and (not self._armed_ns or self._heap[0][0] < self._armed_ns):
            self._arm(self._heap[0][0])
