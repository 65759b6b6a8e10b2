"""The trials that find the capacity: which loads are played, in which order, and when they are enough.

The loads come in random order, so that a drift of the machine or of the application is told from the load.
"""

from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import NamedTuple

from nineam.diagnose.capacity_bounds import EDGE, LATE_S, Bounds, bounds
from nineam.diagnose.capacity_fit import Trial
from nineam.endpoints import judged
from nineam.model import LoadStats

LEVELS = (0.85, 0.95, 1.05, 1.15)
"""The first trials, around the estimate of the climb."""
FEWEST, MOST = 6, 20
SHARE = 0.125
"""One trial is this part of the time there is for all of them."""
SHORTEST_S, LONGEST_S = 1.0, 15.0
BESIDE = 1.03
"""While the interval is wide, the next trial is this factor above or below what is likeliest: there it tells most."""

Play = Callable[[float, float], Awaitable[Trial | None]]


class Climbed(NamedTuple):
    """A stair of the climb: its rate, whether it held, and arrivals a second that were answered while it lasted."""

    rate: float
    held: bool
    answered: float


def climbed(rate: float, ticks: Sequence[LoadStats], seconds: float, *, held: bool) -> Climbed:
    """Sum up a stair of `seconds`; of journeys, what was answered is given in iterations."""
    answered = requests = begun = 0
    at_s = 0.0
    for tick in ticks:
        at_s += tick.generator.wall_s
        seen = judged(tick.endpoints)
        requests += sum(each.requests for each in seen)
        begun += tick.generator.slip.count
        answered += sum(each.requests - each.failed for each in seen) if at_s <= seconds + LATE_S else 0
    each_asks = requests / begun if begun and requests else 1.0
    return Climbed(rate, held, answered / max(0.1, seconds) / each_asks)


def estimate(climb: Sequence[Climbed]) -> float:
    """Return about what is carried, in arrivals a second, from a climb that broke; 0.0 when it did not.

    The utilisation law, U = X D: where the load is more than what comes out, the bottleneck is always busy, U = 1, and
    what comes out is X = 1 / D, all that it can do. When the load did come out, the middle between the stairs.
    """
    below = max((stair.rate for stair in climb if stair.held), default=0.0)
    above = [stair for stair in climb if not stair.held and stair.rate > below]
    if not above:
        return 0.0
    broken, came_out = min(stair.rate for stair in above), max(stair.answered for stair in above)
    lowest = below or broken / 4
    return min(max(came_out, lowest), broken) if came_out < 0.95 * broken else (lowest * broken) ** 0.5


def seconds_each(budget_s: float) -> float:
    """Return how long one trial lasts when all may take `budget_s` seconds."""
    return min(max(budget_s * SHARE, SHORTEST_S), LONGEST_S)


async def seek(
    around: float, budget_s: float, allowed: float, play: Play, now: Callable[[], float], chance: Random
) -> None:
    """Play trials around an estimate until the interval is narrow and confirmed, or the time is over.

    `play(rate, seconds)` plays one, and returns nothing when there shall be no more; `now()` is a clock in seconds.
    """
    began, seconds, trials = now(), seconds_each(budget_s), list[Trial]()
    levels = [around * level for level in chance.sample(LEVELS, len(LEVELS))]
    while len(trials) < MOST and now() - began + seconds <= budget_s:
        rate = levels.pop() if levels else following(trials, allowed, chance)
        trial = await play(round(rate, 2), seconds) if rate else None
        if trial is None:
            return
        trials.append(trial)


def following(trials: Sequence[Trial], allowed: float, chance: Random) -> float:
    """Return the rate of the next trial; 0.0 when there are enough."""
    found = bounds(trials, allowed)
    if len(trials) >= FEWEST and found.confirmed and is_narrow(found) and not found.suspicious:
        return 0.0
    if found.suspicious:
        return found.low
    if not is_narrow(found):
        return found.best * chance.choice((BESIDE, 1 / BESIDE))
    ends = [end for end, known in ((found.low, found.confirmed_low), (found.high, found.confirmed_high)) if not known]
    return chance.choice(ends or [found.low, found.high])


def is_narrow(found: Bounds) -> bool:
    """Whether the interval is as narrow as it can be confirmed."""
    return found.high / found.low <= EDGE * EDGE * 1.02
