"""Makes up the rows of one table: keys that differ, references that lead somewhere, values within the checks."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from nineam.grow.rules import rule
from nineam.grow.schema import Column, ForeignKey, Table
from nineam.grow.values import Values, numbered

Row = dict[str, Any]
Parents = dict[ForeignKey, Sequence[tuple[Any, ...]]]
"""The keys that a reference may lead to."""
NULLS = 0.1
"""The share of values that are NULL where that is allowed."""
TRIES, MISSES, LATEST = 20, 20, 100
"""How often another key is looked for, and in vain; how many of the latest rows a row may refer to in its own table."""


class MadeUp(NamedTuple):
    """Rows for a table; `unknown` are columns of types that nineam makes no values for: the database fills them."""

    rows: list[Row]
    unknown: tuple[Column, ...]


def make_rows(table: Table, checks: str, parents: Parents, values: Values, count: int) -> MadeUp:
    """Return up to `count` rows, fewer when no more keys can be found; `checks` is the SQL of the table's checks."""
    return _Maker(table, checks, parents, values).make(count)


class _Maker:
    def __init__(self, table: Table, checks: str, parents: Parents, values: Values) -> None:
        self._table, self._parents, self._values = table, parents, values
        self._rules = {column.name: rule(checks, column.name) for column in table.stored}
        referring = {name for key in table.foreign_keys for name in key.columns}
        own = [column for column in table.stored if column.name not in referring]
        self._own = [column for column in own if values.known(column, self._rules[column.name])]
        self._unknown = tuple(column for column in own if column not in self._own)
        self._key = {name for each in table.uniques for name in each.columns}
        self._seen: list[set[tuple[Any, ...]]] = [set() for _ in table.uniques]
        self._rows: list[Row] = []

    def make(self, count: int) -> MadeUp:
        missed = 0
        for number in range(1, count + 1):
            row = next((row for row in self._tries(number) if self._new(row)), None)
            if row is not None:
                self._rows.append(row)
                continue
            missed += 1
            if missed > MISSES:
                break
        return MadeUp(self._rows, self._unknown)

    def _tries(self, number: int) -> Iterator[Row]:
        for turn in range(TRIES):
            row = self._values_of(number, again=turn > 0)
            if self._refers(row):
                yield row

    def _values_of(self, number: int, *, again: bool) -> Row:
        row: Row = {}
        for column in self._own:
            if column.nullable and column.name not in self._key and self._values.random.random() < NULLS:
                row[column.name] = None
                continue
            value = self._values.make(column, self._rules[column.name])
            row[column.name] = numbered(column, number, value) if self._has_to_differ(column, again=again) else value
        return row

    def _has_to_differ(self, column: Column, *, again: bool) -> bool:
        """Whether a column is given the row's number: it is unique alone, or the key was there already."""
        alone = any(each.columns == (column.name,) for each in self._table.uniques)
        return not self._rules[column.name].choices and (alone or (again and column.name in self._key))

    def _refers(self, row: Row) -> bool:
        """Give every reference a row to lead to, or NULL; whether that was possible."""
        for key in self._table.foreign_keys:
            optional = all(self._table.column(name).nullable for name in key.columns)
            chosen = None if optional and self._values.random.random() < NULLS else self._parent(key, row)
            if chosen is None and not optional:
                return False
            values = chosen if chosen is not None else (None,) * len(key.columns)
            row.update({name: value for name, value in zip(key.columns, values, strict=True) if row.get(name) is None})
        return True

    def _parent(self, key: ForeignKey, row: Row) -> tuple[Any, ...] | None:
        """Choose a row to refer to: some more often than others unless each only once; given columns have to agree."""
        there = self._parents.get(key, ())
        if key.parent == self._table.name:
            there = self._own_keys(key, row)
        given = [(place, row[name]) for place, name in enumerate(key.columns) if row.get(name) is not None]
        fitting = [each for each in there if all(each[place] == value for place, value in given)] if given else there
        if not fitting:
            return None
        once = any(set(each.columns) <= set(key.columns) for each in self._table.uniques)
        place = len(self._rows) if once else int(len(fitting) * self._values.random.random() ** 2)
        return fitting[place % len(fitting)]

    def _own_keys(self, key: ForeignKey, row: Row) -> list[tuple[Any, ...]]:
        """Return the keys of rows made before, and the row's own when it has to refer to something."""
        first = () if self._rows or all(self._table.column(name).nullable for name in key.columns) else (row,)
        keys = (tuple(each.get(name) for name in key.referenced) for each in (*self._rows[-LATEST:], *first))
        return [each for each in keys if None not in each]

    def _new(self, row: Row) -> bool:
        """Whether a row differs from all others in every key; it is remembered if so."""
        keys = [tuple(row.get(name) for name in each.columns) for each in self._table.uniques]
        if any(None not in key and key in seen for key, seen in zip(keys, self._seen, strict=True)):
            return False
        for key, seen in zip(keys, self._seen, strict=True):
            seen.add(key)
        return True
