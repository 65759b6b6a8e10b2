"""Several load processes as one: each runs its exact part of every schedule, what they count is merged."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from typing import TypeVar

import msgspec

from nineam.load.process import LoadProcess
from nineam.merging import merge_parallel
from nineam.model import LoadEvent, LoadPlan, Phase

T = TypeVar("T")

RATE_OF_ONE = 20_000.0
USERS_OF_ONE = 10_000
"""Half of what one process was measured to do on one core (docs/benchmarks.md)."""

GET_READY_NS = 50_000_000  # so that all processes begin in the same instant, and one schedule is what they play


def processes_needed(*, users: float, rate: float, cores: int) -> int:
    """Say how many load processes a load needs, at most one for each core."""
    needed = max(users / USERS_OF_ONE, rate / RATE_OF_ONE)
    return max(1, min(cores, math.ceil(needed)))


class Fleet:
    """`processes` load processes with the interface of one; the first failure of any of them is raised."""

    def __init__(self, processes: int = 1) -> None:
        self._ships = tuple(LoadProcess() for _ in range(processes))

    @property
    def pids(self) -> tuple[int, ...]:
        """The ids of the processes that run."""
        return tuple(ship.pid for ship in self._ships if ship.pid is not None)

    async def start(self, plan: LoadPlan, argv_prefix: Sequence[str] = ()) -> LoadEvent:
        """Start all of them; only the first one probes the health check."""
        parts = [self._part(plan, number) for number in range(len(self._ships))]
        starting = [ship.start(part, argv_prefix) for ship, part in zip(self._ships, parts, strict=True)]
        return (await _together(starting))[0]

    async def run(self, phase: Phase) -> AsyncIterator[LoadEvent]:
        """Run a phase on all of them: merged ticks, then one merged `done`."""
        begin_ns = time.perf_counter_ns() + GET_READY_NS if len(self._ships) > 1 else 0
        streams = [_Stream(ship.run(phase, begin_ns)) for ship in self._ships]
        while True:
            await _together([stream.advance() for stream in streams])
            done = all(stream.done for stream in streams)
            yield _merged([stream.take() for stream in streams], done=done)
            if done:
                return

    async def end_phase(self) -> None:
        """End the running phase on all of them, early but in good order."""
        await _together([ship.end_phase() for ship in self._ships])

    async def stop(self) -> None:
        """End everything; safe to call at any time, and twice."""
        await asyncio.gather(*(ship.stop() for ship in self._ships))

    def _part(self, plan: LoadPlan, number: int) -> LoadPlan:
        health = plan.health_path if number == 0 else ""
        return msgspec.structs.replace(plan, shard=number, shards=len(self._ships), health_path=health)


class _Stream:
    """The events of one process; after its last one it stands still and adds nothing more."""

    def __init__(self, events: AsyncIterator[LoadEvent]) -> None:
        self._events = events
        self._last = LoadEvent(kind="tick", at_ns=0)
        self.done = False

    async def advance(self) -> None:
        """Wait for the next event, unless there are no more."""
        if not self.done:
            self._last = await anext(self._events)
            self.done = self._last.kind == "done"

    def take(self) -> LoadEvent:
        """Give the event; asked again without a new one, it comes without statistics."""
        event = self._last
        self._last = msgspec.structs.replace(event, stats=type(event.stats)())
        return event


def _merged(events: Sequence[LoadEvent], *, done: bool) -> LoadEvent:
    stats = events[0].stats
    for event in events[1:]:
        stats = merge_parallel(stats, event.stats)
    return msgspec.structs.replace(
        events[0],
        kind="done" if done else "tick",
        phase=next(event.phase for event in events if event.phase),
        at_ns=max(event.at_ns for event in events),
        elapsed_s=max(event.elapsed_s for event in events),
        active_vus=sum(event.active_vus for event in events),
        stats=stats,
    )


async def _together(work: Iterable[Awaitable[T]]) -> list[T]:
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        raise
