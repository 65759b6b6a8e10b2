"""Signals from outside of the application: read ten times a second, or said not to be available, with the reason."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import msgspec

from nineam.store.writer import Writer

EVERY_S = 0.1
MACHINE = 0
"""The process number of gauges that belong to no process."""
LATELY_S = 0.5

Pids = Callable[[], Iterable[int]]
Readings = Mapping[int, Mapping[str, float]]
"""Gauges by process."""


class NotHere(Exception):  # noqa: N818 - a reason, not an error: the run goes on without the signal
    """A signal is not to be had here; the text says why."""


class Signal(Protocol):
    """Something to read. `what` is what would be known by it, as the beginning of a sentence."""

    what: str

    def look(self) -> Readings:
        """Read it once. Raises `NotHere`, after which nobody looks again."""


async def watch(signal: Signal, writer: Writer) -> None:
    """Write a signal down until cancelled, or until it turns out that it is not to be had."""
    try:
        while True:
            write_gauges(writer, signal.look())
            await asyncio.sleep(EVERY_S)
    except NotHere as reason:
        write_reason(writer, signal.what, reason)


def write_gauges(writer: Writer, readings: Readings) -> None:
    """Write what was read just now."""
    now = time.perf_counter_ns()
    writer.insert(
        "gauge", [(now, process, msgspec.json.encode(values).decode()) for process, values in readings.items()]
    )


def write_reason(writer: Writer, what: str, reason: NotHere) -> None:
    """Say in the run's notices what is not known, and why."""
    writer.insert("notice", [(f"{what} is not available here: {reason}",)])


class Lately:
    """The processes of a tree as they were at most half a second ago: to look for them takes longer than at them."""

    def __init__(self, pids: Pids, clock: Callable[[], float] = time.monotonic) -> None:
        self._pids = pids
        self._clock = clock
        self._known: tuple[int, ...] = ()
        self._until = float("-inf")

    def __call__(self) -> tuple[int, ...]:
        """Return their pids."""
        now = self._clock()
        if now >= self._until:
            self._known, self._until = tuple(self._pids()), now + LATELY_S
        return self._known
