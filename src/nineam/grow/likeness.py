"""How alike a clone and its original are: rows, shares of NULL, commonest values, fan-out, and every definition."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from nineam.grow.dialect import Dialect
from nineam.grow.mapping import route
from nineam.grow.plan import Plan
from nineam.grow.schema import Column, ForeignKey, Schema, Table
from nineam.grow.statements import hot_edges
from nineam.model.record import Record

CLOSE = 0.05
"""How far apart two numbers may be, as a share of the larger one."""
STEPS = 10
"""Quantiles of fan-out are compared at 0, 1/10 ... 1."""
What = Literal["rows", "nulls", "commonest value", "fan-out"]
Ask = Callable[[str], Sequence[tuple[Any, ...]]]


class Compared(Record, frozen=True, kw_only=True):
    """One number of the clone beside what the original's, scaled, lets expect; `place` is the table and column."""

    what: What
    place: str
    expected: float
    found: float

    @property
    def apart(self) -> float:
        """The difference as a share of the larger of both."""
        return abs(self.expected - self.found) / max(abs(self.expected), abs(self.found), 1e-12)


class Likeness(Record, frozen=True, kw_only=True):
    """What was compared; `definitions` are constraints, indexes and triggers.

    `lost` are those that the clone lacks, `broken` is what the database finds wrong with it.
    """

    compared: tuple[Compared, ...]
    definitions: int
    lost: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()

    @property
    def different(self) -> tuple[Compared, ...]:
        """Numbers that are too far apart, the farthest first."""
        return tuple(sorted((each for each in self.compared if each.apart > CLOSE), key=lambda each: -each.apart))

    def largest(self, what: What) -> float:
        """Return the largest difference of one kind, as a share."""
        return max((each.apart for each in self.compared if each.what == what), default=0.0)


def compare(original: Ask, clone: Ask, schema: Schema, plan: Plan, dialect: Dialect) -> Likeness:
    """Compare a clone with its original, whose `schema` was grown by `plan`. Raises the driver's errors."""
    compared = [
        each
        for table in schema.tables.values()
        if table.rows and not table.fixed
        for each in _compared(original, clone, schema, table, plan, dialect)
    ]
    before, after = ({tuple(map(str, row)) for row in ask(dialect.definitions)} for ask in (original, clone))
    lost = tuple(sorted(" ".join(row) for row in before - after))
    broken = tuple(str(row[0]) for row in clone(dialect.broken)) if dialect.broken else ()
    return Likeness(compared=tuple(compared), definitions=len(before), lost=lost, broken=broken)


def _compared(
    original: Ask, clone: Ask, schema: Schema, table: Table, plan: Plan, dialect: Dialect
) -> Iterator[Compared]:
    asked = _counts(table, dialect)
    (rows, *before), (found, *after) = original(asked)[0], clone(asked)[0]
    yield Compared(what="rows", place=table.name, expected=rows * plan.factors[table.name], found=found)
    for column, ours, theirs in zip(table.stored, before, after, strict=True):
        place = f"{table.name}.{column.name}"
        all_rows = rows * plan.factors[table.name] if place in plan.unlike[0] else rows
        yield Compared(what="nulls", place=place, expected=1 - ours / all_rows, found=1 - theirs / max(found, 1))
    if plan.factors[table.name] == 1:
        return
    for column in _copied(schema, table, plan):
        asked = _commonest(table, column, dialect)
        most, most_found = original(asked)[0][0] or 0, clone(asked)[0][0] or 0
        place = f"{table.name}.{column.name}"
        yield Compared(what="commonest value", place=place, expected=most / rows, found=most_found / max(found, 1))
    for key in _edges(schema, table, plan):
        yield from _fan_out(original, clone, schema, table, key, plan, dialect)


def _counts(table: Table, dialect: Dialect) -> str:
    counted = "".join(f", count({dialect.quote(column.name)})" for column in table.stored)
    return f"SELECT count(*){counted} FROM {_place(table, dialect)}"


def _place(table: Table, dialect: Dialect) -> str:
    return ".".join(dialect.quote(each) for each in (table.schema, table.relation) if each)


def _copied(schema: Schema, table: Table, plan: Plan) -> tuple[Column, ...]:
    """Return the columns whose copies have the original's value."""
    hot = hot_edges(schema, table, plan)
    return tuple(
        column
        for column in table.stored
        if column.name not in hot and route(schema, table, column.name, plan.keys, plan.factors) is None
    )


def _commonest(table: Table, column: Column, dialect: Dialect) -> str:
    name = dialect.comparable(column)
    place = _place(table, dialect)
    return f"SELECT max(n) FROM (SELECT count(*) AS n FROM {place} WHERE {name} IS NOT NULL GROUP BY {name}) s"


def _edges(schema: Schema, table: Table, plan: Plan) -> tuple[ForeignKey, ...]:
    """Return the references of which nothing goes to hot parents."""
    hot = hot_edges(schema, table, plan)
    return tuple(key for key in table.foreign_keys if key.columns[0] not in hot and schema.tables[key.parent].rows)


def _fan_out(
    original: Ask, clone: Ask, schema: Schema, table: Table, key: ForeignKey, plan: Plan, dialect: Dialect
) -> Iterator[Compared]:
    """Compare how many children parents have; the mean alone where copies are dealt out unevenly, or to few parents."""
    names = ", ".join(dialect.quote(column) for column in key.columns)
    there = " AND ".join(f"{dialect.quote(column)} IS NOT NULL" for column in key.columns)
    groups = f"SELECT count(*) AS n FROM {_place(table, dialect)} WHERE {there} GROUP BY {names}"
    asked = f"SELECT n, count(*) FROM ({groups}) s GROUP BY n"
    own, parent = plan.factors[table.name], plan.factors[key.parent]
    parents = schema.tables[key.parent].rows
    before, after = _histogram(original(asked), parents), _histogram(clone(asked), parents * parent)
    place = f"{table.name}.{', '.join(key.columns)}"
    mean = _mean(before) * own / parent
    yield Compared(what="fan-out", place=f"{place} on average", expected=mean, found=_mean(after))
    for step in range(STEPS + 1) if own % parent == 0 else ():
        expected = _quantile(before, step / STEPS) * own / parent
        found = _quantile(after, step / STEPS)
        yield Compared(what="fan-out", place=f"{place} at {step / STEPS:.0%}", expected=expected, found=found)


Histogram = list[tuple[int, int]]
"""Numbers of children, rising, each with how many parents have it."""


def _histogram(rows: Sequence[tuple[Any, ...]], parents: int) -> Histogram:
    counted = sorted((int(children), int(count)) for children, count in rows)
    childless = parents - sum(count for _, count in counted)
    return [(0, childless), *counted] if childless > 0 else counted


def _mean(histogram: Histogram) -> float:
    return sum(children * count for children, count in histogram) / max(1, sum(count for _, count in histogram))


def _quantile(histogram: Histogram, share: float) -> int:
    wanted, seen = share * sum(count for _, count in histogram), 0
    for children, count in histogram:
        seen += count
        if seen >= wanted and seen:
            return children
    return histogram[-1][0] if histogram else 0
