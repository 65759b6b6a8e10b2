"""Sequences as runs of equal items, and the shortest runs that still do it: half of 50,000 brackets in one step."""

import itertools
from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple

from nineam.payloads.ddmin import ddmin


class Run(NamedTuple):
    """An item, so many times in a row."""

    item: bytes
    times: int


Does = Callable[[tuple[Run, ...]], Awaitable[bool]]


def runs_of(items: Iterable[bytes]) -> tuple[Run, ...]:
    """Put equal neighbours together."""
    return tuple(Run(item, len(list(group))) for item, group in itertools.groupby(items))


def joined(runs: Iterable[Run]) -> bytes:
    """Give the whole again."""
    return b"".join(run.item * run.times for run in runs)


async def fewest(runs: tuple[Run, ...], does: Does) -> tuple[Run, ...]:
    """Leave out runs, then shorten those that are left: none can lose one item more. `does` decides."""
    runs = await _together(runs, does)
    runs = await ddmin(runs, does)
    for index in range(len(runs)):
        runs = await _shortened(runs, index, does)
    nines = (Run(b"9", sum(run.times for run in runs)),)
    if len(runs) > 1 and joined(runs).isdigit() and await does(nines):
        return nines  # one large number is as good as another, and equal ones are seen to be
    return runs


async def _together(runs: tuple[Run, ...], does: Does) -> tuple[Run, ...]:
    """Shorten all the longest runs alike: what is opened has to be closed as often."""
    longest = max((run.times for run in runs), default=1)
    if sum(run.times == longest for run in runs) < 2 or longest == 1:
        return runs

    def of(times: int) -> tuple[Run, ...]:
        return tuple(Run(run.item, times) if run.times == longest else run for run in runs)

    return of(await _least(longest, lambda times: does(of(times))))


async def _shortened(runs: tuple[Run, ...], index: int, does: Does) -> tuple[Run, ...]:
    run = runs[index]

    def of(times: int) -> tuple[Run, ...]:
        return (*runs[:index], Run(run.item, times), *runs[index + 1 :])

    return of(await _least(run.times, lambda times: does(of(times)))) if run.times > 1 else runs


async def _least(enough: int, does: Callable[[int], Awaitable[bool]]) -> int:
    """Find a number that is enough while one less is not, between 1 and one that is enough, by halving."""
    too_few = 0
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        if await does(middle):
            enough = middle
        else:
            too_few = middle
    return enough
