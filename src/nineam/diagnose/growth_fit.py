"""How a duration grows with the number of rows: y = a + b * rows ** k, and how well k is known. Pure.

Logarithms of both sides would give k as a slope, but not while a, which no data changes, is most of y. So a and b are
fitted for each k of a grid, and the best k is fitted again to many drawings of the points, each within its own error:
the interval holds 95 % of what came out. Where no curve fits as well as those errors say, they are taken for larger.
"""

import math
from collections.abc import Sequence
from random import Random
from statistics import fmean
from typing import NamedTuple

from nineam.model.growth import Shape

DRAWINGS = 150
GRID = tuple(step / 20 for step in range(61))
"""Exponents from 0, which stands for the logarithm, to 3."""
COARSE = 5
"""One in so many exponents is tried first, then those around the best of them."""
UNSTEADY = 0.04
"""A point is off by this part of itself, whatever its requests say: one start of an application is not like another."""
SAME = 1.3
"""What takes at most this many times as long with all rows counts as constant."""
CLASSES: tuple[tuple[float, float, Shape], ...] = ((0.0, 0.2, "log"), (1.0, 0.1, "linear"), (2.0, 0.0, "quadratic"))
"""What the interval has to reach for a word, and by how much its lower end may be above: a logarithm beside it."""
BELOW = 0.3
"""Nor is it the word when the best exponent is more than this below it, however far the interval goes."""
WIDEST = 1.0
FEWEST_POINTS = 3


FITTED = 3
"""Numbers that are fitted: a, b and k."""
Curve = tuple[float, list[float]]


class Point(NamedTuple):
    """A duration with its standard error, in any unit, at a number of rows."""

    rows: float
    mean: float
    error: float


class Fit(NamedTuple):
    """What came of it; `exponent` and its interval are None where nothing grows, or nobody can tell."""

    shape: Shape
    exponent: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""


def fit(points: Sequence[Point], seed: int = 1) -> Fit:
    """Classify the growth; `points` are of ascending rows."""
    if len(points) < FEWEST_POINTS:
        return Fit("cannot-tell", reason=f"it was measured at {len(points)} sizes only, which may lie on any curve")
    if _times(_drawings(points, 1.0, seed))[1] <= SAME:
        return Fit("constant")
    curves = _curves([point.rows for point in points])
    drawn = _drawings(points, _apart(points, curves), seed)
    low, high = _times(drawn)
    if low <= 1.0:
        return Fit("cannot-tell", reason=f"with all rows it takes {low:.2g} to {high:.2g} times as long: too unsteady")
    exponents = [exponent_of(curves, values) for values in drawn]
    return _classified(exponent_of(curves, [point.mean for point in points]), *_middle(exponents))


def _classified(exponent: float, low: float, high: float) -> Fit:
    reached = [(exact, shape) for exact, above, shape in CLASSES if low - above <= exact <= high]
    if high - low > WIDEST or len(reached) > 1:
        reason = f"the exponent lies anywhere from {low:.2g} to {high:.2g}"
        return Fit("cannot-tell", exponent, low, high, reason)
    found = next((shape for exact, shape in reached if exponent >= exact - BELOW), None)
    return Fit(found or "power", exponent, low, high)


def _times(drawn: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Return between what the last of the points lies, in times the first."""
    return _middle([values[-1] / values[0] for values in drawn])


def _drawings(points: Sequence[Point], apart: float, seed: int) -> list[list[float]]:
    return [_drawn(points, apart, Random(seed + number)) for number in range(DRAWINGS)]  # noqa: S311


def _drawn(points: Sequence[Point], apart: float, chance: Random) -> list[float]:
    """Draw every point anew, within `apart` times its error."""
    values = []
    for point in points:
        drawn = point.mean + chance.gauss(0.0, apart) * point.error
        values.append(max(drawn, point.mean * 0.1) * math.exp(chance.gauss(0.0, apart * UNSTEADY)))
    return values


def _apart(points: Sequence[Point], curves: Sequence[Curve]) -> float:
    """Return how much farther points lie from their curve than their errors let expect, 1 when they do not.

    What no curve fits was disturbed by more than is known: a busy machine, data that stopped fitting into memory.
    """
    free = len(points) - FITTED
    if free < 1:
        return 1.0
    means = [point.mean for point in points]
    exponent = exponent_of(curves, means)
    errors = [math.hypot(point.error / point.mean, UNSTEADY) for point in points]
    missed = _distance(next(curve for known, curve in curves if known == exponent), means)
    return max(1.0, math.sqrt(missed / free) / fmean(errors))


def _middle(values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of the middle 95 %."""
    ranked = sorted(values)
    cut = round(len(ranked) * 0.025)
    return ranked[cut], ranked[-1 - cut]


def _curves(rows: Sequence[float]) -> tuple[Curve, ...]:
    """Return for each exponent what grows with it, from 0 at the first size to 1 at the last."""
    made = []
    for exponent in GRID:
        values = [math.log(count) if not exponent else count**exponent for count in (max(1.0, each) for each in rows)]
        span = values[-1] - values[0] or 1.0
        made.append((exponent, [(value - values[0]) / span for value in values]))
    return tuple(made)


def exponent_of(curves: Sequence[Curve], values: Sequence[float]) -> float:
    """Return the exponent whose curve lies nearest to the values, by parts of each value."""
    near = min(range(0, len(curves), COARSE), key=lambda number: _distance(curves[number][1], values))
    fine = curves[max(0, near - COARSE + 1) : near + COARSE]
    return min(fine, key=lambda curve: _distance(curve[1], values))[0]


def _distance(curve: Sequence[float], values: Sequence[float]) -> float:
    """Fit a + b * curve with weights 1 / value ** 2, b not below zero; return the sum of the squared parts missed."""
    weights = [1.0 / (value * value) for value in values]
    total = sum(weights)
    middle_x = sum(w * x for w, x in zip(weights, curve, strict=True)) / total
    middle_y = sum(w * y for w, y in zip(weights, values, strict=True)) / total
    spread = sum(w * (x - middle_x) ** 2 for w, x in zip(weights, curve, strict=True))
    both = sum(w * (x - middle_x) * (y - middle_y) for w, x, y in zip(weights, curve, values, strict=True))
    slope = max(0.0, both / spread) if spread else 0.0
    return sum(w * (y - middle_y - slope * (x - middle_x)) ** 2 for w, x, y in zip(weights, curve, values, strict=True))
