"""Which indexes are kept: as few as give every statement what another one would not improve on. Pure."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from nineam.indexes.candidates import Parts, begins
from nineam.indexes.intervals import median_interval
from nineam.indexes.prepared import Prepared
from nineam.indexes.timing import SMALLEST_RATIO, Trial

SMALLEST_GAIN_MS = 0.5
NEARLY = 1.25
TOLERANCE_MS = 0.1
"""How much longer than with its best index a statement may take with one that does nearly as well."""
AS_GOOD = 0.9
"""The part of the most that may be saved, from which on the smaller index is as good."""


class Tried(NamedTuple):
    """A statement with an index that was built for it; `trial` is None when the planner did not take it.

    One that the planner would not take is not `built`. It is the statement's `own` when it was made for it, not for
    another one.
    """

    prepared: Prepared
    parts: Parts
    trial: Trial | None
    plan_before: str = ""
    plan_after: str = ""
    build_s: float = 0.0
    bytes: int = 0
    taken_before: frozenset[str] = frozenset()
    built: bool = True
    own: bool = True

    @property
    def before_ms(self) -> float:
        """Milliseconds per execution without it."""
        return 0.0 if self.trial is None else median(self.trial.before) / len(self.prepared.sets) * 1000

    @property
    def after_ms(self) -> float:
        """Milliseconds per execution with it."""
        return 0.0 if self.trial is None else median(self.trial.after) / len(self.prepared.sets) * 1000

    @property
    def least_ms(self) -> tuple[float, float]:
        """The least milliseconds per execution without it and with it, which a busy machine disturbs least."""
        assert self.trial is not None
        times = 1000 / len(self.prepared.sets)
        return min(self.trial.before) * times, min(self.trial.after) * times

    @property
    def helps(self) -> bool:
        """Whether it is faster beyond doubt, by enough to matter."""
        return (
            self.trial is not None
            and self.trial.ratio[1] >= SMALLEST_RATIO
            and self.before_ms - self.after_ms >= SMALLEST_GAIN_MS
        )

    @property
    def saves(self) -> float:
        """Milliseconds saved in the whole run."""
        return (self.before_ms - self.after_ms) * self.prepared.asked.executions

    def improves_on(self, kept: "Tried | None") -> bool:
        """Whether it is faster than with another index beyond doubt, by enough to matter; than with none it is."""
        if self.trial is None or kept is None or kept.trial is None:
            return True
        lowest, highest = median_interval(kept.trial.after)[1], median_interval(self.trial.after)[2]
        return lowest >= SMALLEST_RATIO * highest and kept.after_ms - self.after_ms >= SMALLEST_GAIN_MS


def choose(tried: Sequence[Tried]) -> list[list[Tried]]:
    """Return the indexes to keep, each as the statements it is kept for, those that save most first."""
    kept: list[Parts] = []
    while group := _next(tried, kept):
        kept.append(group[0].parts)
    needed = [parts for parts in kept if not _is_left_end(parts, kept, tried)]
    served = _best([each for each in tried if each.helps and each.parts in needed])
    groups = [sorted((each for each in served if each.parts == parts), key=lambda o: -o.saves) for parts in needed]
    return sorted((group for group in groups if group), key=lambda group: -sum(each.saves for each in group))


def _next(tried: Sequence[Tried], kept: Sequence[Parts]) -> list[Tried]:
    """Return the index that is worth most beside those that are kept, as the statements that it is for; or none."""
    standing = {id(each.prepared): each for each in _best([each for each in tried if each.parts in kept])}
    needed = [each for each in tried if each.helps and each.improves_on(standing.get(id(each.prepared)))]
    best = {id(each.prepared): each.least_ms[1] for each in _best(needed)}
    groups: dict[Parts, list[Tried]] = {}
    for each in needed:
        if each.least_ms[1] <= NEARLY * best[id(each.prepared)] + TOLERANCE_MS:
            groups.setdefault(each.parts, []).append(each)
    most = max((len(group) for group in groups.values()), default=0)
    widest = [group for group in groups.values() if len(group) == most]
    saved = {id(group): _saved(group, tried) for group in widest}
    as_good = [group for group in widest if saved[id(group)] >= AS_GOOD * max(saved.values())]
    return min(as_good, key=lambda group: (len(group[0].parts), group[0].bytes), default=[])


def _saved(group: Sequence[Tried], tried: Sequence[Tried]) -> float:
    """Return what an index saves in the whole run, where each statement takes one time without, whatever was tried."""
    saved = 0.0
    for each in group:
        same = [other for other in tried if other.prepared is each.prepared and other.trial is not None]
        before = min(other.least_ms[0] for other in same)
        saved += (before - each.least_ms[1]) * each.prepared.asked.executions
    return saved


def _best(tried: Sequence[Tried]) -> list[Tried]:
    """Return of each statement what is fastest, where the planner takes any."""
    found: dict[int, Tried] = {}
    for each in sorted((each for each in tried if each.trial is not None), key=lambda each: each.least_ms[1]):
        found.setdefault(id(each.prepared), each)
    return list(found.values())


def _is_left_end(parts: Parts, kept: Sequence[Parts], tried: Sequence[Tried]) -> bool:
    """Whether another index that is kept begins with these parts, and helps the statements that they help."""
    own = {id(each.prepared) for each in tried if each.helps and each.parts == parts}
    longer = [other for other in kept if len(other) > len(parts) and begins(other, parts)]
    return any(own <= {id(each.prepared) for each in tried if each.helps and each.parts == other} for other in longer)
