"""When things start and what is chosen: pure functions of a phase and a seed, without a clock.

Offsets are nanoseconds from the start of the phase. An arrival instant is arithmetic on the schedule, never
"now": what the generator does late is then visible as slip instead of vanishing from the latencies.
"""

import bisect
import itertools
import random
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from nineam.model import Phase

SECOND = 1_000_000_000
CROWD_STEP_S = 0.001  # users who never think do not all connect in the same instant

T = TypeVar("T")


def source(seed: int, *parts: object) -> random.Random:
    """Give a random source of its own for each purpose: adding one does not shift the others."""
    return random.Random("/".join(str(part) for part in (seed, *parts)))  # noqa: S311 - a schedule, not a secret


def arrivals(phase: Phase, seed: int) -> Iterator[int]:
    """Give the intended instants of an open phase, ascending, within its duration; none without a rate."""
    if phase.rate <= 0:
        return iter(())
    end = round(phase.duration_s * SECOND)
    every = _poisson(phase.rate, source(seed, phase.name, "arrivals")) if _is_poisson(phase) else _constant(phase.rate)
    return itertools.takewhile(lambda offset: offset < end, every)


def starts(phase: Phase) -> list[int]:
    """Give the start instant of each user of a closed phase, spread evenly over one think time."""
    spread = phase.think_s or min(phase.vus * CROWD_STEP_S, phase.duration_s * 0.1)
    return [round(index * spread * SECOND / phase.vus) for index in range(phase.vus)]


def think_ns(mean_s: float, choice: random.Random) -> int:
    """One think time, uniform between half and one and a half of the mean."""
    return round(mean_s * SECOND * (0.5 + choice.random()))


class Weighted(Generic[T]):
    """Draws items in proportion to their weights, or one after the other in turn; at least one item is needed."""

    __slots__ = ("_choice", "_cumulative", "_items", "_turn")

    def __init__(self, items: Sequence[T], weights: Sequence[float], choice: random.Random) -> None:
        kept = [(item, weight) for item, weight in zip(items, weights, strict=True) if weight > 0]
        self._items = [item for item, _ in kept] or list(items)
        self._cumulative = list(itertools.accumulate([weight for _, weight in kept] or [1.0] * len(items)))
        self._choice = choice
        self._turn = itertools.cycle(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def draw(self) -> T:
        """Draw the next item by weight."""
        if len(self._items) == 1:
            return self._items[0]
        spot = self._choice.random() * self._cumulative[-1]
        return self._items[bisect.bisect_right(self._cumulative, spot, 0, len(self._items) - 1)]

    def in_turn(self) -> T:
        """Take the next item in order, whatever its weight."""
        return next(self._turn)


def _is_poisson(phase: Phase) -> bool:
    return phase.executor == "poisson-arrival-rate"


def _constant(rate: float) -> Iterator[int]:
    for index in itertools.count():
        yield round(index * SECOND / rate)


def _poisson(rate: float, choice: random.Random) -> Iterator[int]:
    at = 0.0
    while True:
        at += choice.expovariate(rate)
        yield round(at * SECOND)
