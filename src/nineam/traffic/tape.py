"""The tape of a replay: lines of JSON, `[offset_ns, request_index]`, ascending, the first request at 0."""

import gzip
import heapq
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from nineam.errors import UsageError
from nineam.traffic.times import SECOND

WINDOW_NS = 10 * SECOND


class Event(NamedTuple):
    """A request at an instant; `coarse` when only its second is known."""

    ns: int
    coarse: bool
    request: int


class Order:
    """Puts events in order that are at most ten seconds late; `late` counts those that came later still.

    These happen at the time of the latest one before. Holds the events of ten seconds.
    """

    def __init__(self) -> None:
        self.late = 0

    def sorted(self, events: Iterable[Event]) -> Iterator[Event]:
        """Give the events in the order of time; equal times keep their order."""
        waiting: list[tuple[int, int, Event]] = []
        newest = reached = 0
        for number, event in enumerate(events):
            self.late += event.ns < reached
            newest = max(newest, event.ns)
            heapq.heappush(waiting, (max(event.ns, reached), number, event))
            while waiting[0][0] < newest - WINDOW_NS:
                reached, _, earliest = heapq.heappop(waiting)
                yield earliest._replace(ns=reached)
        while waiting:
            at, _, earliest = heapq.heappop(waiting)
            yield earliest._replace(ns=at)


def spread(events: Iterable[Event]) -> Iterator[Event]:
    """Spread the coarse events of each second evenly over it, keeping their order. Holds the events of a second."""
    for second, together in groupby(events, key=lambda event: event.ns // SECOND):
        group = list(together)
        coarse = sum(event.coarse for event in group)
        places = iter(range(coarse))
        placed = [
            event._replace(ns=second * SECOND + next(places) * SECOND // coarse) if event.coarse else event
            for event in group
        ]
        yield from sorted(placed, key=lambda event: event.ns) if 0 < coarse < len(group) else placed


class Written(NamedTuple):
    """How long a tape is, how long its longest pause, and where (nanoseconds since 1970) that begins."""

    last_ns: int = 0
    pause_ns: int = 0
    pause_at_ns: int = 0


def write_tape(path: Path, events: Iterable[Event]) -> Written:
    """Write events, in the order of time, to a tape. Raises `UsageError` when there is no place for it."""
    first = before = -1
    written = Written()
    try:
        with path.open("w", encoding="ascii") as tape:
            for event in events:
                first, before = (event.ns, event.ns) if first < 0 else (first, before)
                if event.ns - before > written.pause_ns:
                    written = Written(0, event.ns - before, before)
                before = event.ns
                tape.write(f"[{event.ns - first},{event.request}]\n")
    except gzip.BadGzipFile:  # which is about where the events come from
        raise
    except OSError as error:
        raise UsageError(f"the tape {path} cannot be written: {error}", hint="Is the disk full?") from error
    return written._replace(last_ns=before - first)
