"""What trials of a capacity say: what each one saw, whether they confirm the interval, whether they agree. Pure.

The two ends are confirmed as lower and upper bounds are in RFC 9971: more trials speak for a bound than against it. A
trial that holds speaks for every load below its own, one that breaks for every load above.
"""

from collections.abc import Container, Sequence
from statistics import median
from typing import NamedTuple

from nineam.diagnose.capacity_fit import Fitted, Trial, fit, held
from nineam.endpoints import judged
from nineam.histogram import middle_of
from nineam.merging import merge
from nineam.model import EndpointStats, LoadStats

WARM = 0.25
"""The first part of a trial, which is not counted: the load has to build up first."""
FAILED_ALLOWED = 0.01
ENOUGH = 30
"""Requests below which an endpoint's share says nothing; then all endpoints together are looked at."""
BEHIND = 0.025
BEHIND_REQUESTS = 12
"""A trial fell behind when so much of what it sent, and so many requests at least, were added to those in flight."""
EDGE = 1.06
"""The interval is at least this factor wide on either side: nearer to the capacity a trial is a toss of a coin."""
NEAR = 1.03
"""A trial within this factor of an end stands for it."""
LATE_S = 0.1
"""A tick may end so much after the load it belongs to."""
LEAST = 4
"""Trials below which nothing is concluded."""
APART = 1.15
"""What came out is less than the lower end when it is this factor below."""
FEWEST_BUSY = 2
"""Trials that fell behind, from which what comes out at most is taken."""
WIDEST = 1.6
"""An interval wider than this factor tells nobody anything."""


class Bounds(NamedTuple):
    """A capacity in arrivals a second. `unknown` says why it cannot be told; empty when it can.

    It is `suspicious` when less came out lately than the lower end: another trial there shows whether it still holds.
    """

    low: float
    best: float
    high: float
    confirmed_low: bool = False
    confirmed_high: bool = False
    unknown: str = ""
    suspicious: bool = False

    @property
    def confirmed(self) -> bool:
        """Whether trials confirm both ends."""
        return self.confirmed_low and self.confirmed_high


class Objective(NamedTuple):
    """What a trial is judged by: milliseconds, the share (0 to 1) that may take longer, endpoints left aside."""

    limit_ms: float
    allowed: float
    exempt: Container[str] = frozenset()


def allowed_of(percent: float) -> float:
    """Return the share of requests that an objective for a percentile lets miss; never quite none."""
    return min(0.5, max(0.001, 1 - percent / 100))


def trial_of(rate: float, ticks: Sequence[LoadStats], seconds: float, objective: Objective) -> Trial:
    """Sum up a trial of `seconds` from what was counted in it, tick by tick, with the answers that came after it."""
    warm, load, after = _parts(ticks, seconds)
    stats = LoadStats()
    for tick in load + after:
        stats = merge(stats, tick)
    share, requests = _worst(stats, objective)
    begun = warm[-1].generator.in_flight if warm else 0
    grown = (load[-1].generator.in_flight if load else 0) - begun
    sent = sum(endpoint.requests for tick in load for endpoint in tick.endpoints) + max(0, grown)
    behind = grown > max(BEHIND_REQUESTS, BEHIND * sent)
    return Trial(rate, requests, share * requests, behind, rate * (1 - max(0, grown) / sent) if sent else None)


def _parts(ticks: Sequence[LoadStats], seconds: float) -> tuple[list[LoadStats], list[LoadStats], list[LoadStats]]:
    """Cut the ticks of a trial: while it warmed up, while the load was on, and while the rest was answered."""
    parts: tuple[list[LoadStats], list[LoadStats], list[LoadStats]] = ([], [], [])
    at_s = 0.0
    for tick in ticks:
        at_s += tick.generator.wall_s
        parts[0 if at_s <= WARM * seconds else 1 if at_s <= seconds + LATE_S else 2].append(tick)
    return parts


def _worst(stats: LoadStats, objective: Objective) -> tuple[float, int]:
    """Return the share that missed, and of how many requests, for the endpoint that misses most."""
    seen = [each for each in judged(stats.endpoints) if each.name not in objective.exempt]
    enough = [each for each in seen if each.requests >= ENOUGH]
    shares = [_share([each], objective) for each in enough] or [_share(seen, objective)]
    dropped = stats.generator.dropped_iterations
    if dropped:
        requests = sum(each.requests for each in seen) + dropped
        shares.append((min(1.0, dropped / requests / FAILED_ALLOWED * objective.allowed), requests))
    return max(shares)


def _share(endpoints: Sequence[EndpointStats], objective: Objective) -> tuple[float, int]:
    """Return the share of some endpoints' requests that missed. Failures are allowed less, and count for more."""
    requests = sum(each.requests for each in endpoints)
    if not requests:
        return 0.0, 0
    failed = sum(each.failed for each in endpoints)
    late = sum(_late(each, objective.limit_ms) for each in endpoints)
    failing = failed / requests / FAILED_ALLOWED * objective.allowed if failed > 1 else 0.0
    return min(1.0, max((late + failed) / requests, failing)), requests


def _late(endpoint: EndpointStats, limit_ms: float) -> int:
    """Count the answers that took longer; a failed request counts once, whenever it failed."""
    late = sum(count for bucket, count in endpoint.response.counts.items() if middle_of(bucket) > limit_ms * 1000)
    return min(late, max(0, endpoint.requests - endpoint.failed))


def bounds(trials: Sequence[Trial], allowed: float) -> Bounds:
    """Say between which loads the capacity lies, from trials in the order in which they were played."""
    if len(trials) < LEAST:
        return Bounds(0.0, 0.0, 0.0, unknown=f"only {len(trials)} trials were played")
    fitted = fit(trials, allowed)
    fitted = fitted._replace(best=min(fitted.best, _all_it_can(trials, allowed)))
    low, high = min(fitted.low, fitted.best / EDGE), max(fitted.high, fitted.best * EDGE)
    less = _came_out_less(trials, allowed, low)
    unknown = _disagreement(trials, allowed) or less or _vagueness(fitted)
    return Bounds(
        low,
        fitted.best,
        high,
        confirmed_low=_is_lower(trials, allowed, low),
        confirmed_high=_is_upper(trials, allowed, high),
        unknown=unknown,
        suspicious=bool(less),
    )


def _all_it_can(trials: Sequence[Trial], allowed: float) -> float:
    """Return what came out where more went in: nobody carries more for long, however well a short trial went.

    It is at least what came out of a trial that held, because overload may cost something by itself.
    """
    busy = [trial.came_out for trial in trials if trial.behind and trial.came_out is not None]
    calm = [trial.came_out for trial in trials if held(trial, allowed) and trial.came_out is not None]
    return max([median(busy), *calm]) if len(busy) >= FEWEST_BUSY else float("inf")


def _is_lower(trials: Sequence[Trial], allowed: float, rate: float) -> bool:
    speak_for = sum(held(trial, allowed) and trial.rate >= rate / NEAR for trial in trials)
    against = sum(not held(trial, allowed) and trial.rate <= rate * NEAR for trial in trials)
    return speak_for > against


def _is_upper(trials: Sequence[Trial], allowed: float, rate: float) -> bool:
    speak_for = sum(not held(trial, allowed) and trial.rate <= rate * NEAR for trial in trials)
    against = sum(held(trial, allowed) and trial.rate >= rate / NEAR for trial in trials)
    return speak_for > against


def _came_out_less(trials: Sequence[Trial], allowed: float, low: float) -> str:
    """Say that what fell behind did much less than the lower end, and that no more than that has held since.

    Overload alone may cost that much; then a trial at the lower end holds again.
    """
    most_since = 0.0
    for trial in reversed(trials):
        if held(trial, allowed):
            most_since = max(most_since, trial.rate)
        less = trial.came_out if trial.behind and trial.came_out is not None else low
        if less * APART < low and most_since < less * APART:
            return f"it changed meanwhile: of {trial.rate:.3g} a second {less:.3g} came out, and no more has held since"
    return ""


def _disagreement(trials: Sequence[Trial], allowed: float) -> str:
    """Say that the capacity changed while it was measured; the loads come in random order, so time is what is left."""
    middle = len(trials) // 2
    early, late = _seen_by(trials[:middle], allowed), _seen_by(trials[middle:], allowed)
    if max(early.low, late.low) <= min(early.high, late.high) * EDGE:
        return ""
    return f"it changed meanwhile: {_spelt(early)} in the first half of the trials, {_spelt(late)} in the second"


def _seen_by(trials: Sequence[Trial], allowed: float) -> Fitted:
    """Fit some trials, but claim nothing beyond the loads that were played: all that held say little about the rest."""
    found = fit(trials, allowed)
    most = max((trial.rate for trial in trials if held(trial, allowed)), default=found.low)
    least = min((trial.rate for trial in trials if not held(trial, allowed)), default=found.high)
    return found._replace(low=min(found.low, most), high=max(found.high, least))


def _spelt(fitted: Fitted) -> str:
    return f"{fitted.low:.3g} to {fitted.high:.3g} a second"


def _vagueness(fitted: Fitted) -> str:
    return f"the trials leave {_spelt(fitted)} open" if fitted.ratio > WIDEST else ""
