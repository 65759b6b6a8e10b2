"""Times a statement with and without an index, in turn."""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

from nineam.indexes.database import LIMIT_S, Database, TooLong
from nineam.indexes.intervals import median_interval
from nineam.indexes.prepared import Prepared
from nineam.model.record import Record

BUDGET_S = 2.0
BRIEF_S = 0.05
"""Seconds below which a few executions tell little on a busy machine, and more of them cost nothing."""
LONG_S = 0.5
"""Seconds of all sets of values from which a statement is long: then a few executions tell enough."""
FEWEST, MOST, IN_DOUBT = 6, 15, 45
"""Pairs; those in doubt are what a busy machine may need to settle a brief statement."""
SMALLEST_RATIO = 1.5
"""What the lower end of a ratio's interval has to reach."""
HOPELESS, ENOUGH = 1.15, 3
"""A ratio of the best times below which so many pairs are enough to give up."""
Clock = Callable[[], float]


class Trial(Record, frozen=True, kw_only=True):
    """Seconds of all sets of values together, pair by pair; `stopped` when without the index it takes too long."""

    before: tuple[float, ...]
    after: tuple[float, ...]
    stopped: bool = False

    @property
    def ratio(self) -> tuple[float, float, float]:
        """The median of before / after, and its interval."""
        return median_interval([one / max(other, 1e-9) for one, other in zip(self.before, self.after, strict=True)])


def once(database: Database, prepared: Prepared, now: Clock) -> float:
    """Execute a statement with each of its sets of values; seconds. What it writes is taken back, which takes no time.

    Raises Refused, TooLong.
    """
    return sum(_executed(database, prepared, sql, values, now) for sql, values in prepared.sets)


def _executed(database: Database, prepared: Prepared, sql: str, values: Sequence[Any], now: Clock) -> float:
    with database.undone() if prepared.query.writes else contextlib.nullcontext():
        began = now()
        database.run(sql, values)
        return now() - began


def alone(database: Database, prepared: Prepared, now: Clock) -> float:
    """Return the least seconds that all sets take, the first execution left out unless it is very long."""
    try:
        first = once(database, prepared, now)
        again = 0 if first > LIMIT_S / 2 else 1 if first > LONG_S else 3
        return min((once(database, prepared, now) for _ in range(again)), default=first)
    except TooLong:
        return LIMIT_S * len(prepared.sets)


def trial(database: Database, prepared: Prepared, baseline: float, now: Clock) -> Trial:
    """Time pairs with and without the index that is there now, which goes first changing from pair to pair."""
    if baseline > LONG_S:
        return _long_trial(database, prepared, baseline, now)
    repeats, brief = int(min(MOST, max(FEWEST, BUDGET_S / max(baseline, 1e-6)))), baseline <= BRIEF_S
    before: list[float] = []
    after: list[float] = []
    for number in range(IN_DOUBT):
        for without in (True, False) if number % 2 else (False, True):
            if without:
                before.append(_without(database, prepared, now))
            else:
                after.append(_settled(database, prepared, now))
        if number + 1 == (FEWEST if brief else ENOUGH) and min(before) < HOPELESS * min(after):
            break
        if number + 1 >= repeats and not (brief and _in_doubt(before, after)):
            break
    return Trial(before=tuple(before), after=tuple(after))


def _in_doubt(before: list[float], after: list[float]) -> bool:
    """Whether it looks faster by enough, and may not be."""
    middle, low, _ = Trial(before=tuple(before), after=tuple(after)).ratio
    return low < SMALLEST_RATIO <= middle


def _long_trial(database: Database, prepared: Prepared, baseline: float, now: Clock) -> Trial:
    """Time a long statement three times with the index, and without it once more unless that had to be stopped."""
    after = [_settled(database, prepared, now)]
    if baseline < HOPELESS * after[0]:
        return Trial(before=(baseline,), after=(after[0],))
    stopped = baseline >= LIMIT_S
    before = (baseline, baseline if stopped else _without(database, prepared, now), baseline)
    after += [_settled(database, prepared, now) for _ in range(2)]
    return Trial(before=before, after=tuple(after), stopped=stopped)


def _without(database: Database, prepared: Prepared, now: Clock) -> float:
    with database.without():
        return _settled(database, prepared, now)


def _settled(database: Database, prepared: Prepared, now: Clock) -> float:
    """Let the database read its catalogue again before it is timed."""
    for sql, values in prepared.sets:
        database.plan(sql, values)
    try:
        return once(database, prepared, now)
    except TooLong:
        return LIMIT_S * len(prepared.sets)
