"""When things start and what is chosen: pure functions of a scenario and a seed, without a clock.

Offsets are nanoseconds from the start of the scenario. An arrival instant is arithmetic on the schedule, never
"now": what the generator does late is then visible as slip instead of vanishing from the latencies.

Several load processes compute the same schedule, and each takes its `Part` of it: every so-manieth line, so that
the parts together are exactly the whole.
"""

import bisect
import functools
import itertools
import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Generic, NamedTuple, TypeVar

from nineam.model import Scenario
from nineam.model.scenario import own_duration_of

SECOND = 1_000_000_000
CROWD_STEP_S = 0.001  # users who never think do not all connect in the same instant
RANDOM_ARRIVALS = ("poisson-arrival-rate", "sessions")

T = TypeVar("T")


class Part(NamedTuple):
    """Which lines of a schedule are ours: number `shard` of every `shards`; none when there is no such number."""

    shard: int = 0
    shards: int = 1

    def stripe(self, whole: Iterable[T]) -> Iterator[T]:
        """Take our part of a schedule."""
        return itertools.islice(whole, self.shard, None, self.shards) if self.shard < self.shards else iter(())

    def share(self, total: int) -> int:
        """How many of `total` are ours."""
        return len(range(self.shard, total, self.shards)) if self.shard < self.shards else 0

    def among(self, users: int) -> "Part":
        """Leave out the processes that would get none of so few users: work for them would be lost."""
        return Part(self.shard, min(self.shards, users))


WHOLE = Part()


class Change(NamedTuple):
    """At `offset_ns`, user number `vu` begins (`on`) or ends to take part."""

    offset_ns: int
    vu: int
    on: bool


class Slope(NamedTuple):
    """A rate that goes linearly from one value to another, per second, in so many seconds."""

    first: float
    last: float
    seconds: float


def source(seed: int, *parts: object) -> random.Random:
    """Give a random source of its own for each purpose: adding one does not shift the others."""
    return random.Random("/".join(str(part) for part in (seed, *parts)))  # noqa: S311 - a schedule, not a secret


# --- open: arrivals ----------------------------------------------------------------------------


def arrivals(scenario: Scenario, seed: int, part: Part = WHOLE) -> Iterator[int]:
    """Give the intended instants of an open scenario, ascending, within its duration; none without a rate.

    Arrival number i is where the integral of the rate passes i; Poisson arrivals, where it passes the arrivals of a
    Poisson process of rate 1 that is known to have as many as the integral says: a short phase then has the load
    it is named after, not by luck a tenth more or less.
    """
    if scenario.executor in RANDOM_ARRIVALS:
        total = float(sum(map(_area, slopes(scenario))))
        values = _unit_poisson(total, source(seed, scenario.name, "arrivals"))
        return our_arrivals(scenario, part).stripe(_passing(slopes(scenario), values))
    return our_arrivals(scenario, part).stripe(_even(slopes(scenario)))


def our_arrivals(scenario: Scenario, part: Part) -> Part:
    """Say which arrivals are ours: a process that may have no user at all has none."""
    return part.among(max(1, scenario.max_vus))


def slopes(scenario: Scenario) -> list[Slope]:
    """Give the course of the rate of an open scenario."""
    if not scenario.stages:
        return [Slope(max(0.0, scenario.rate), max(0.0, scenario.rate), scenario.duration_s)]
    rates = [scenario.start_rate, *(stage.target for stage in scenario.stages)]
    seconds = [stage.duration_s for stage in scenario.stages]
    return [Slope(*each) for each in zip(rates, rates[1:], seconds, strict=False)]


def _even(course: Sequence[Slope]) -> Iterator[int]:
    """Instants where the integral of the rate passes 0, 1, 2, ..."""
    began_s, passed, number = Fraction(0), Fraction(0), 0
    for slope in course:
        began_ns, rest = round(began_s * SECOND), float(number - passed)
        passed += _area(slope)
        for each in range(math.ceil(passed) - number):
            yield began_ns + _within(slope, each + rest)
        number = max(number, math.ceil(passed))
        began_s += _exact(slope.seconds)


def _passing(course: Sequence[Slope], values: Iterator[float]) -> Iterator[int]:
    """Instants where the integral of the rate passes each of the ascending values."""
    began_s, passed = Fraction(0), Fraction(0)
    value = next(values, math.inf)
    for slope in course:
        began_ns, before = round(began_s * SECOND), float(passed)
        passed += _area(slope)
        end = float(passed)
        while value < end:
            yield began_ns + _within(slope, max(0.0, value - before))
            value = next(values, math.inf)
        began_s += _exact(slope.seconds)


def _area(slope: Slope) -> Fraction:
    return (_exact(slope.first) + _exact(slope.last)) / 2 * _exact(slope.seconds)


def _exact(number: float) -> Fraction:
    """The number that was meant: a fifth, and not the float next to it."""
    return Fraction(number).limit_denominator(1_000_000)


def _within(slope: Slope, area: float) -> int:
    """How many nanoseconds into a slope its integral reaches `area`."""
    if slope.first == slope.last:
        return round(area * SECOND / slope.first)
    growth = (slope.last - slope.first) / slope.seconds
    root = math.sqrt(max(0.0, slope.first**2 + 2 * growth * area))
    return round(2 * area * SECOND / (slope.first + root)) if area else 0


def _unit_poisson(total: float, choice: random.Random) -> Iterator[float]:
    """Arrivals of a Poisson process of rate 1 in (0, total), given their number: uniform ones in ascending order."""
    number, left = max(1, round(total)), 1.0
    for more in range(number, 0, -1):
        # the smallest of so many uniform values in what is left
        left *= (1.0 - choice.random()) ** (1.0 / more)
        yield total * (1.0 - left)


# --- closed: users -----------------------------------------------------------------------------


def starts(scenario: Scenario, part: Part = WHOLE) -> list[int]:
    """Give the start instant of each user of a closed scenario, spread evenly over one think time."""
    vus = scenario.vus
    spread = scenario.think_s or min(vus * CROWD_STEP_S, own_duration_of(scenario) * 0.1)
    return [round(index * spread * SECOND / vus) for index in part.stripe(range(vus))]


def changes(scenario: Scenario, part: Part = WHOLE) -> Iterator[Change]:
    """Give who begins and ends when in a ramp of users, in order of time.

    User number n (from 0) begins when the ramp reaches n + 1 on its way up and ends when it reaches n on its way
    down; in the same instant the last one in is the first one out.
    """
    return (change for change in _changes(scenario) if change.vu % part.shards == part.shard)


def _changes(scenario: Scenario) -> Iterator[Change]:
    yield from (Change(0, vu, True) for vu in range(scenario.start_vus))
    began_s, now = Fraction(0), scenario.start_vus
    for stage in scenario.stages:
        target, seconds = round(stage.target), _exact(stage.duration_s)
        step = 1 if target > now else -1
        for level in range(now + step, target + step, step) if target != now else ():
            at = began_s + seconds * Fraction(level - now, target - now)
            yield Change(round(at * SECOND), level - 1 if step > 0 else level, step > 0)
        began_s, now = began_s + seconds, target


def shared_iterations(scenario: Scenario, part: Part = WHOLE) -> int:
    """How many of the iterations that all users share are for ours."""
    return part.among(scenario.vus).share(scenario.iterations)


def think_ns(mean_s: float, choice: random.Random) -> int:
    """One think time, uniform between half and one and a half of the mean."""
    return round(mean_s * SECOND * (0.5 + choice.random()))


# --- what is chosen ----------------------------------------------------------------------------


class Weighted(Generic[T]):
    """Draws items in proportion to their weights, or one after the other in turn; at least one item is needed.

    With a `part`, draws are those of the lines that are ours.
    """

    __slots__ = ("_cumulative", "_items", "_spot", "_turn")

    def __init__(self, items: Sequence[T], weights: Sequence[float], choice: random.Random, part: Part = WHOLE) -> None:
        kept = [(item, weight) for item, weight in zip(items, weights, strict=True) if weight > 0]
        self._items = [item for item, _ in kept] or list(items)
        self._cumulative = list(itertools.accumulate([weight for _, weight in kept] or [1.0] * len(items)))
        self._spot = choice.random if part.shards == 1 else _every(choice, part)
        self._turn = itertools.cycle(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def draw(self) -> T:
        """Draw the next item by weight."""
        if len(self._items) == 1:
            return self._items[0]
        spot = self._spot() * self._cumulative[-1]
        return self._items[bisect.bisect_right(self._cumulative, spot, 0, len(self._items) - 1)]

    def in_turn(self) -> T:
        """Take the next item in order, whatever its weight."""
        return next(self._turn)


def _every(choice: random.Random, part: Part) -> Callable[[], float]:
    """Give the numbers of our lines out of a source that all processes share."""
    return functools.partial(next, part.stripe(iter(choice.random, None)))
