"""The capacity of a run that played trials: narrower than the stairs of its climb leave it."""

import msgspec

from nineam.diagnose.capacity import click_seconds, doubt
from nineam.diagnose.capacity_bounds import Bounds, Objective, bounds, trial_of
from nineam.diagnose.capacity_fit import Trial
from nineam.diagnose.picture import Picture
from nineam.model import Capacity, Interval
from nineam.store.records import StoredPhase


def narrowed(picture: Picture, climbed: Capacity) -> Capacity:
    """Return the capacity by the trials, or as the climb left it where there are none."""
    played = [phase for phase in picture.phases if phase.kind == "capacity" and phase.end_ns]
    if not played:
        return climbed
    doubts = {phase.id: doubt(picture, phase) for phase in played}
    believed = [phase for phase in played if not doubts[phase.id]]
    if 2 * len(believed) <= len(played):
        return _unknown(climbed, climbed.rate, climbed.users, next(filter(None, doubts.values())))
    trials = [_trial(picture, phase) for phase in believed]
    found = bounds(trials, _fact(picture, "allowed", 0.05))
    return _as_capacity(picture, climbed, found, believed)


def _as_capacity(picture: Picture, climbed: Capacity, found: Bounds, played: list[StoredPhase]) -> Capacity:
    """Give the bounds, which are of arrivals, in requests a second and in people."""
    if not found.best:
        return _unknown(climbed, climbed.rate, climbed.users, found.unknown)
    each_asks, thinks_s = _requests_per_arrival(picture, played), click_seconds(picture)
    rate = Interval(low=round(found.low * each_asks, 1), high=round(found.high * each_asks, 1))
    users = Interval(low=max(1, round(found.low * thinks_s)), high=max(1, round(found.high * thinks_s)))
    if found.unknown:
        return _unknown(climbed, _hull(rate, climbed.rate), _hull(users, climbed.users), found.unknown)
    return msgspec.structs.replace(
        climbed,
        rate=rate,
        users=users,
        kind="measured" if found.confirmed else "estimate",
        trials=len(played),
        reason="" if found.confirmed else "there was no time to confirm both ends",
    )


def _unknown(climbed: Capacity, rate: Interval, users: Interval, reason: str) -> Capacity:
    return msgspec.structs.replace(climbed, rate=rate, users=users, kind="cannot-tell", reason=reason)


def _hull(one: Interval, other: Interval) -> Interval:
    highs = [high for high in (one.high, other.high) if high is not None]
    return Interval(low=min(one.low, other.low), high=max(highs) if highs else None)


def _trial(picture: Picture, phase: StoredPhase) -> Trial:
    objective = Objective(picture.objective_ms, _fact(picture, "allowed", 0.05), picture.run.meta.get("exempt", ()))
    return trial_of(phase.rate, picture.run.load.get(phase.id, ()), _fact(picture, "seconds", phase.seconds), objective)


def _fact(picture: Picture, name: str, default: float) -> float:
    return float(picture.run.meta.get("capacity", {}).get(name, default))


def _requests_per_arrival(picture: Picture, played: list[StoredPhase]) -> float:
    """How many requests an arrival sends: one, unless arrivals are iterations of journeys."""
    stats = [picture.stats(phase) for phase in played] if picture.arrivals_are_journeys else []
    begun = sum(each.generator.slip.count for each in stats)
    return sum(endpoint.requests for each in stats for endpoint in each.endpoints) / begun if begun else 1.0
