"""What watching costs: the same polite load with the agent looking and looking away, in turn."""

import asyncio
import contextlib
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator

from nineam.model import LoadStats

ORDER = (True, False, False, True, False, True, True, False)
"""On and off, balanced against drift (two ABBA quads, the second mirrored)."""
OBEY_S = 0.15

Block = Callable[[float], Awaitable[LoadStats]]
Switch = Callable[[bool], None]
Pids = Callable[[], Iterable[int]]


async def measure(block: Block, switch: Switch, pids: Pids, seconds: float) -> float | None:
    """Return by how many percent a request takes more CPU under the agent; None where that cannot be read.

    `block(seconds)` runs a block of polite load of so many `seconds`; `switch(on)` tells the agents.
    """
    costs: dict[bool, list[float]] = {True: [], False: []}
    try:
        for on in ORDER:
            switch(on)
            await asyncio.sleep(OBEY_S)
            cost = await _cost(block, pids, seconds)
            if cost is None:
                return None
            costs[on].append(cost)
    finally:
        switch(True)
    return round((statistics.median(costs[True]) / statistics.median(costs[False]) - 1) * 100, 1)


@contextlib.contextmanager
def looking_away(switch: Switch | None) -> Iterator[None]:
    """Let the agents look away while the block lasts, so that it measures the application as it is without them."""
    if switch is not None:
        switch(False)
    try:
        yield
    finally:
        if switch is not None:
            switch(True)


async def _cost(block: Block, pids: Pids, seconds: float) -> float | None:
    """CPU nanoseconds per request of one block."""
    before = cpu_ns(pids())
    stats = await block(seconds)
    spent = cpu_ns(pids()) - before
    requests = sum(endpoint.requests for endpoint in stats.endpoints)
    return spent / requests if spent > 0 and requests else None


def cpu_ns(pids: Iterable[int]) -> int:
    """Sum the CPU time of some processes in nanoseconds; 0 where the system has no clock for other processes.

    Linux numbers the CPU clock of process `pid` `(~pid << 3) | 2` (`MAKE_PROCESS_CPUCLOCK` with `CPUCLOCK_SCHED`,
    what `clock_getcpuclockid` returns); unlike /proc it counts nanoseconds, not ticks.
    """
    total = 0
    for pid in pids if sys.platform == "linux" else ():
        with contextlib.suppress(OSError):
            total += time.clock_gettime_ns((~pid << 3) | 2)
    return total
