"""Delta debugging: the smallest part of a sequence that still does it (Zeller and Hildebrandt's ddmin)."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

Item = TypeVar("Item")
Does = Callable[[tuple[Item, ...]], Awaitable[bool]]


async def ddmin(items: tuple[Item, ...], does: Does[Item]) -> tuple[Item, ...]:
    """Leave out what can be left out: without any one of the items that remain it does it no longer.

    `does` says whether a subsequence still does it; the whole is taken to. Order is kept.
    """
    if not items or await does(()):
        return ()
    size = max(1, len(items) // 2)
    while True:
        shorter = await _without_some(items, size, does)
        if size == 1 and shorter == items:
            return items
        size = max(1, min(size // 2 if shorter == items else size, len(shorter) // 2))
        items = shorter


async def _without_some(items: tuple[Item, ...], size: int, does: Does[Item]) -> tuple[Item, ...]:
    """Go through the pieces of a size once and leave out each that is not needed."""
    at = 0
    while at < len(items) and len(items) > 1:
        rest = items[:at] + items[at + size :]
        if rest and await does(rest):
            items = rest
        else:
            at += size
    return items
