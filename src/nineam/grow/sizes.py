"""The sizes between the original and a full clone, evenly spaced as factors: pure."""

from collections.abc import Collection

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


def wish_of(plan: Plan, share: float, depth: float, empty: Collection[str] = ()) -> Wish:
    """Spell one of these sizes; tables that do not grow in the full clone do not grow in this one.

    How many rows `empty` tables will be given is not known for certain, so they follow what they refer to.
    """
    known = [table for name, table in plan.tables.items() if name not in empty]
    like = {table.name: table.rows * max(1, round(table.factor**share)) for table in known if table.factor > 1}
    return Wish(like=like, keep=tuple(table.name for table in known if table.name not in like), depth=depth)


def rows_of(plan: Plan, names: Collection[str] | None = None) -> int:
    """Return the rows that all tables together will have, or those of the names."""
    return sum(table.after for name, table in plan.tables.items() if names is None or name in names)


def growing(plan: Plan) -> frozenset[str]:
    """Return the names of the tables that grow."""
    return frozenset(name for name, table in plan.tables.items() if table.factor > 1)
