"""Ticks added up to longer ones, so that a chart has a point a second or an export one every five."""

from collections.abc import Iterable, Iterator

import msgspec

from nineam.merging import merge
from nineam.model import Tick

NEARLY = 0.9
"""A gathered tick may be this much of its length: half seconds are never exactly half a second."""


class Gathering:
    """Adds up ticks until they are about `seconds` long; those of different phases are never added to each other."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds * NEARLY
        self._gathered: Tick | None = None

    def add(self, tick: Tick) -> tuple[Tick, ...]:
        """Take a tick in; returns what is complete now."""
        begun, complete = self._gathered, []
        if begun is not None and (begun.kind, begun.stair) != (tick.kind, tick.stair):
            complete, begun = [begun], None
        self._gathered = tick if begun is None else _sum(begun, tick)
        if self._gathered.seconds >= self._seconds:
            complete += self.rest()
        return tuple(complete)

    def rest(self) -> tuple[Tick, ...]:
        """Return what is not complete, and forget it."""
        left, self._gathered = self._gathered, None
        return () if left is None else (left,)


def gather(ticks: Iterable[Tick], seconds: float) -> Iterator[Tick]:
    """Add up ticks to longer ones, each about `seconds` long and within one phase."""
    gathering = Gathering(seconds)
    for tick in ticks:
        yield from gathering.add(tick)
    yield from gathering.rest()


def gather_whole(ticks: Iterable[Tick], seconds: float) -> Iterator[Tick]:
    """Add up ticks likewise; what is left at the end of a phase belongs to the one before it."""
    before: Tick | None = None
    for tick in gather(ticks, seconds):
        rest = tick.seconds < seconds * NEARLY
        if before is not None and rest and (before.kind, before.stair) == (tick.kind, tick.stair):
            before = _sum(before, tick)
            continue
        if before is not None:
            yield before
        before = tick
    if before is not None:
        yield before


def _sum(first: Tick, second: Tick) -> Tick:
    # the last tick of a phase has nobody active any more
    vus = max(first.vus, second.vus)
    return msgspec.structs.replace(
        second, seconds=first.seconds + second.seconds, vus=vus, stats=merge(first.stats, second.stats)
    )
