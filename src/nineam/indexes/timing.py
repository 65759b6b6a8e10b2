"""Times a statement with and without an index, in turn."""

from collections.abc import Callable
from statistics import median

from nineam.indexes.database import LIMIT_S, Database, TooLong
from nineam.indexes.intervals import median_interval
from nineam.indexes.prepared import Prepared
from nineam.model.record import Record

BUDGET_S = 2.0
FEWEST, MOST = 6, 15
HOPELESS = 1.15
"""A ratio below which two repeats are enough to give up."""
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
    """Execute a statement with each of its sets of values; seconds. Raises Refused, TooLong."""
    began = now()
    for sql, values in prepared.sets:
        database.run(sql, values)
    return now() - began


def alone(database: Database, prepared: Prepared, now: Clock) -> float:
    """Return the seconds that all sets take, the first execution left out unless it is long; LIMIT_S when stopped."""
    try:
        first = once(database, prepared, now)
        return first if first > BUDGET_S / 4 else median(once(database, prepared, now) for _ in range(3))
    except TooLong:
        return LIMIT_S * len(prepared.sets)


def trial(database: Database, prepared: Prepared, baseline: float, now: Clock) -> Trial:
    """Time pairs with and without the index that is there now, which goes first changing from pair to pair."""
    stopped = baseline >= LIMIT_S
    repeats = int(min(MOST, max(FEWEST, BUDGET_S / max(baseline, 1e-6))))
    before: list[float] = []
    after: list[float] = []
    for number in range(repeats):
        for without in (True, False) if number % 2 else (False, True):
            if without:
                before.append(baseline if stopped else _without(database, prepared, now))
            else:
                after.append(_settled(database, prepared, now))
        if number == 1 and sum(before) < HOPELESS * sum(after):
            break
    return Trial(before=tuple(before), after=tuple(after), stopped=stopped)


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
