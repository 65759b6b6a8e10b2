"""The sizes between the original and a full clone, evenly spaced as factors: pure."""

from collections.abc import Sequence

from nineam.grow.plan import Plan
from nineam.grow.wish import Wish

BETWEEN = 2
"""Sizes between the original and the full clone: with both ends four points, one more than a curve needs."""
LEAST_STEP = 2.0


def shares(plan: Plan) -> tuple[float, ...]:
    """Return the exponents of the sizes to be made, the last 1.0: a table grows `factor ** share` times."""
    highest = max(plan.factors.values(), default=1)
    for between in range(BETWEEN, 0, -1):
        if highest ** (1 / (between + 1)) >= LEAST_STEP:
            return tuple((number + 1) / (between + 1) for number in range(between + 1))
    return (1.0,)


def wish_of(plan: Plan, share: float, depth: float) -> Wish:
    """Spell one of these sizes; tables that do not grow in the full clone do not grow in this one."""
    like = {
        name: table.rows * max(1, round(table.factor**share)) for name, table in plan.tables.items() if table.factor > 1
    }
    return Wish(like=like, keep=tuple(name for name in plan.tables if name not in like), depth=depth)


def rows_of(plans: Sequence[Plan]) -> tuple[int, ...]:
    """Return the rows of all tables together, of the original and of each clone."""
    first = sum(table.rows for table in plans[0].tables.values())
    return (first, *(sum(table.after for table in plan.tables.values()) for plan in plans))
