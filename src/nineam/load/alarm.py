"""Wake-ups at exact instants.

An event loop's own timers have a resolution of a millisecond: an arrival fired by one is up to a millisecond
late, and a latency counted from the intended instant would blame the application for it. On Linux one
`timerfd` carries all wake-ups with a resolution of some ten microseconds; elsewhere the loop's timer does.
"""

import asyncio
import contextlib
import ctypes
import heapq
import itertools
import os
import sys
import time
from collections.abc import Callable

CLOCK_MONOTONIC = 1
ABSOLUTE = 1
FLAGS = os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0)
BATCH = 64  # due wake-ups run before the loop may look at its sockets again


class Alarm:
    """Calls back at instants of `time.perf_counter_ns`; never early, all from the event loop's thread.

    What a callback raises is for `failed` (the loop's exception handler otherwise) and stops no other one.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, failed: Callable[[Exception], None] | None = None) -> None:
        self._loop = loop
        self._failed = failed or told_by(loop)
        self._queue: list[tuple[int, int, Callable[[int], None]]] = []
        self._order = itertools.count()
        self._armed_for = 0
        self._timer = _kernel_timer()
        self._handle: asyncio.TimerHandle | None = None
        if self._timer is not None:
            loop.add_reader(self._timer.descriptor, self._ring)

    def at(self, due_ns: int, call: Callable[[int], None]) -> None:
        """Call `call(due_ns)` as soon as `due_ns` is reached."""
        heapq.heappush(self._queue, (due_ns, next(self._order), call))
        if not self._armed_for or due_ns < self._armed_for:
            self._arm(due_ns)

    async def sleep(self, seconds: float) -> None:
        """Sleep without the loop's millisecond rounding."""
        future = self._loop.create_future()

        def wake(_: int) -> None:
            if not future.done():
                future.set_result(None)

        self.at(time.perf_counter_ns() + round(seconds * 1e9), wake)
        await future

    def forget(self) -> None:
        """Drop every wake-up that is still to come."""
        self._queue.clear()

    def close(self) -> None:
        """Give the timer back; nothing is called any more."""
        self.forget()
        if self._timer is not None:
            self._loop.remove_reader(self._timer.descriptor)
            os.close(self._timer.descriptor)
            self._timer = None
        if self._handle is not None:
            self._handle.cancel()

    def _arm(self, due_ns: int) -> None:
        self._armed_for = due_ns
        if self._timer is not None:
            self._timer.set(due_ns)
            return
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self._loop.call_later(max(0, due_ns - time.perf_counter_ns()) / 1e9, self._ring)

    def _ring(self) -> None:
        if self._timer is not None:
            with contextlib.suppress(BlockingIOError):
                os.read(self._timer.descriptor, 8)
        self._armed_for = 1  # what is added meanwhile need not set the timer: that happens once, below
        queue = self._queue
        for _ in range(BATCH):
            if not queue or queue[0][0] > time.perf_counter_ns():
                break
            due_ns, _, call = heapq.heappop(queue)
            try:
                call(due_ns)
            except Exception as error:  # noqa: BLE001 - the wake-ups of all the others hang on it
                self._failed(error)
        self._armed_for = 0
        if queue:
            self._arm(queue[0][0])


def told_by(loop: asyncio.AbstractEventLoop) -> Callable[[Exception], None]:
    """Give what tells of an exception as the loop does by itself."""
    return lambda error: loop.call_exception_handler({"message": str(error), "exception": error})


class _KernelTimer:
    """A Linux timer descriptor on the monotonic clock, which is the clock of `perf_counter_ns` there."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self.descriptor: int = library.timerfd_create(CLOCK_MONOTONIC, FLAGS)
        self._set = library.timerfd_settime
        self._value = (ctypes.c_long * 4)()
        self._pointer = ctypes.byref(self._value)

    def set(self, due_ns: int) -> None:
        """Become readable at an instant; one already past counts as now."""
        self._value[2], self._value[3] = divmod(max(1, due_ns), 1_000_000_000)
        self._set(self.descriptor, ABSOLUTE, self._pointer, None)


def _kernel_timer() -> _KernelTimer | None:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    if not hasattr(library, "timerfd_create"):
        return None
    timer = _KernelTimer(library)
    return timer if timer.descriptor >= 0 else None
