"""How much room a key has: as much as the narrowest of the columns that hold its values."""

from collections.abc import Iterator

from nineam.grow.mapping import most_copies
from nineam.grow.schema import Code, Column, Facts, Schema, Table

Place = tuple[Table, Column]


def narrowest(
    schema: Schema, table: Table, column: Column, facts: Facts, factors: dict[str, int], code: Code | None = None
) -> tuple[int, Place]:
    """Return how many copies of a key fit where they have to, and the column that is in the way; -1 when all do."""
    found: tuple[int, Place] = (-1, (table, column))
    for place in ((table, column), *_referring(schema, table.name, column.name, factors, {(table.name, column.name)})):
        most = most_copies(place[1], facts, code)
        if most is not None and not 0 <= found[0] <= most:
            found = (most, place)
    return found


def _referring(
    schema: Schema, name: str, column: str, factors: dict[str, int], seen: set[tuple[str, str]]
) -> Iterator[Place]:
    """Give the columns of growing tables that refer to a column, and those that refer to these."""
    for child in schema.tables.values():
        for key in child.foreign_keys:
            if key.parent != name or column not in key.referenced or factors[child.name] == 1:
                continue
            ours = key.columns[key.referenced.index(column)]
            if (child.name, ours) not in seen:
                seen.add((child.name, ours))
                yield child, child.column(ours)
                yield from _referring(schema, child.name, ours, factors, seen)
