"""Where a noisy pass or fail turns over: a capacity with its interval, from trials at several loads. Pure.

A trial at rate x sees a share v of its requests miss the objective. Around the capacity X, where v is the share a
that may miss, the log-odds of v are close to a line in ln x: `logit v = logit a + (ln x - ln X - e) / s`. The error e,
by how much the machine and the application were faster during that trial than usual, has Student's t distribution with
four degrees of freedom and the scale t, so that one disturbed trial does not carry the others away. A trial that saw
hardly a miss, or that fell behind, says only on which side of it the capacity lies: the likelihood of a censored
observation (Tobin, 1958). ln X, s and t go over a grid; the interval holds nine tenths of the posterior of X.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

STEEPNESS = (0.004, 0.008, 0.016, 0.032, 0.064, 0.128)
NOISE = ((0.01, 0.5), (0.02, 1.0), (0.04, 1.0), (0.08, 0.5), (0.16, 0.25))
"""Scales of the error and their prior weights: a machine that nobody else uses drifts by some 4 %."""
STEP = 0.01
BEYOND = 0.5
"""How far, in ln x, the capacity may lie outside the loads that were tried."""
TAIL = 0.05
FEW, MANY = 0.25, 0.9
"""Below the first part of the allowed share, and above the second share itself, v says nothing of how steep it is."""
CLUSTERED = 4.0
"""Misses come in clusters: this many times the variance of as many independent requests."""


class Trial(NamedTuple):
    """One load that was played: arrivals a second, requests that counted, how many missed, whether it fell behind.

    `came_out` is how many arrivals a second were answered while the load was on; None when that was not counted.
    """

    rate: float
    requests: int
    missed: float
    behind: bool = False
    came_out: float | None = None

    @property
    def share(self) -> float:
        """The share of requests that missed."""
        return self.missed / self.requests if self.requests else 0.0


class Fitted(NamedTuple):
    """The capacity in arrivals a second: nine tenths of the belief lie between `low` and `high`, half below `best`."""

    low: float
    best: float
    high: float

    @property
    def ratio(self) -> float:
        """How many times as large the upper end is as the lower."""
        return self.high / self.low


class _Seen(NamedTuple):
    """A trial in logarithms: `odds` is by how much its log-odds exceed the allowed; `side` is that of the capacity."""

    log_rate: float
    odds: float
    spread: float
    side: int


def held(trial: Trial, allowed: float) -> bool:
    """Whether a trial kept the objective, which lets the share `allowed` miss it."""
    return not trial.behind and trial.share <= allowed


def fit(trials: Sequence[Trial], allowed: float) -> Fitted:
    """Fit at least one trial; `allowed` is the share (0 to 1, both excluded) of requests that may miss."""
    seen = [_seen(trial, allowed) for trial in trials]
    first = min(each.log_rate for each in seen) - BEYOND
    last = max(each.log_rate for each in seen) + BEYOND
    grid = [first + STEP * number for number in range(int((last - first) / STEP) + 1)]
    logs = [[_log_likelihood(seen, place, *shape) for shape in _shapes()] for place in grid]
    top = max(map(max, logs))
    belief = [sum(math.exp(value - top) for value in values) for values in logs]
    return Fitted(*(math.exp(_quantile(grid, belief, part)) for part in (TAIL, 0.5, 1 - TAIL)))


def _shapes() -> Iterator[tuple[float, float, float]]:
    return ((steep, noise, weight) for steep, (noise, weight) in itertools.product(STEEPNESS, NOISE))


def _seen(trial: Trial, allowed: float) -> _Seen:
    least = max(FEW * allowed, 1 / max(1, trial.requests))
    side = 1 if trial.behind or trial.share >= MANY else -1 if trial.share <= least else 0
    # what fell behind would have missed in the end, however little of that its few seconds show
    share = (max(allowed, min(trial.share, MANY)) if side > 0 else least) if side else trial.share
    spread = math.sqrt(CLUSTERED / (max(1, trial.requests) * share * (1 - share))) if share < 1 else 1.0
    return _Seen(math.log(trial.rate), logit(min(share, MANY)) - logit(allowed), spread, side)


def _log_likelihood(seen: Sequence[_Seen], place: float, steep: float, noise: float, weight: float) -> float:
    total = math.log(weight)
    for log_rate, odds, spread, side in seen:
        scale = math.hypot(noise, steep * spread)
        error = (log_rate - steep * odds - place) / scale
        if side:
            total += math.log(max(cumulative(side * error), 1e-12))
        else:
            total += math.log(density(error) * steep / scale)
    return total


def _quantile(grid: Sequence[float], belief: Sequence[float], part: float) -> float:
    wanted = part * sum(belief)
    for place, added in zip(grid, itertools.accumulate(belief), strict=True):
        if added >= wanted:
            return place
    return grid[-1]


def logit(share: float) -> float:
    """Return the log-odds of a share between 0 and 1."""
    return math.log(share / (1 - share))


def density(value: float) -> float:
    """Return the density of Student's t distribution with four degrees of freedom."""
    return 0.375 / math.sqrt(1 + value * value / 4) ** 5


def cumulative(value: float) -> float:
    """Return its distribution function, which four degrees of freedom have in closed form."""
    squared = value * value / (1 + value * value / 4)
    return 0.5 + 0.375 * value / math.sqrt(1 + value * value / 4) * (1 - squared / 12)
