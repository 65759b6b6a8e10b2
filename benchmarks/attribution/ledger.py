"""Costs that measure themselves, and note what they took under the agent's name of a layer."""

import asyncio
import contextlib
import time
from collections.abc import Iterator

from benchmarks.attribution.book import Cost, clock, keep, note, page_now

__all__ = [
    "Cost", "awaited", "clock", "keep", "note", "sleep", "spin", "timed", "wait", "within",
]  # fmt: skip


def spin(layer: str, milliseconds: float) -> None:
    """Keep this thread computing."""
    with timed(layer) as cost:
        until = cost.began + milliseconds * 1e6
        while clock() < until:
            pass


def sleep(layer: str, milliseconds: float) -> None:
    """Keep this thread waiting."""
    with timed(layer):
        time.sleep(milliseconds / 1000)


async def wait(layer: str, milliseconds: float) -> None:
    """Wait without holding the loop; what it took beyond what was asked is the loop's."""
    with timed(layer) as cost:
        await asyncio.sleep(milliseconds / 1000)
        cost.ideal(milliseconds)


@contextlib.contextmanager
def timed(layer: str) -> Iterator[Cost]:
    """Measure the block."""
    cost = Cost()
    try:
        yield cost
    finally:
        cost.end()
        keep(layer, cost)


@contextlib.contextmanager
def within(layer: str, *, awaits: bool = False) -> Iterator[None]:
    """Measure a block without what is noted inside it; where it awaits, what is left is taken to be as when alone."""
    page = page_now.get()
    before = page.noted_ns if page is not None else 0
    began = clock()
    try:
        yield
    finally:
        if page is not None:
            cost = Cost(clock() - began - (page.noted_ns - before))
            if awaits:
                cost.ideal(0)
            keep(layer, cost)


@contextlib.contextmanager
def awaited(layer: str) -> Iterator[Cost]:
    """Measure a block that awaits: what nobody says is its own (`ideal`, `ready`) is taken to be as when alone."""
    with timed(layer) as cost:
        cost.ideal(0)
        yield cost
