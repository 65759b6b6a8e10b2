"""Tables that refer to each other in a circle are filled too: keys are promised, and what was promised in vain goes."""

from nineam.grow.database import Clone
from nineam.grow.schema import ForeignKey, Schema, Table

IN_VAIN = "it is empty, and what it has to refer to could not be made up"


def promised(schema: Schema, table: Table, waiting: set[str], count: int) -> dict[ForeignKey, list[tuple[int, ...]]]:
    """Return the keys that tables still `waiting` will have, for references that must lead somewhere.

    A table's own integer key is the number of the row, as `values.numbered` gives it.
    """
    return {
        key: [(number,) for number in range(1, count + 1)]
        for key in table.foreign_keys
        if key.parent in waiting
        and not all(table.column(name).nullable for name in key.columns)
        and _is_numbered(schema.tables[key.parent], key.referenced)
    }


def _is_numbered(table: Table, columns: tuple[str, ...]) -> bool:
    referring = {name for key in table.foreign_keys for name in key.columns}
    alone = len(columns) == 1 and any(unique.columns == columns for unique in table.uniques)
    return alone and columns[0] not in referring and table.column(columns[0]).kind == "integer"


def prune(clone: Clone, schema: Schema, filled: dict[str, int]) -> dict[str, int]:
    """Remove rows that refer to what did not come to be, and those that referred to them; how many stay, by table."""
    left = dict(filled)
    while True:
        lost = {name: _pruned(clone, schema, schema.tables[name]) for name, rows in left.items() if rows}
        if not any(lost.values()):
            return left
        left |= {name: left[name] - count for name, count in lost.items()}


def _pruned(clone: Clone, schema: Schema, table: Table) -> int:
    return sum(clone.remove(table, _leads_nowhere(clone, schema, key)) for key in table.foreign_keys)


def _leads_nowhere(clone: Clone, schema: Schema, key: ForeignKey) -> str:
    """Return the condition of rows whose reference leads nowhere; DISTINCT lets MySQL read what it removes from."""
    quote, parent = clone.dialect.quote, schema.tables[key.parent]
    place = ".".join(quote(each) for each in (parent.schema, parent.relation) if each)
    ours, theirs = (", ".join(map(quote, names)) for names in (key.columns, key.referenced))
    given = " AND ".join(f"{quote(name)} IS NOT NULL" for name in key.columns)
    there = " AND ".join(f"{quote(name)} IS NOT NULL" for name in key.referenced)
    keys = f"SELECT DISTINCT {theirs} FROM {place} WHERE {there}"
    return f"{given} AND ({ours}) NOT IN (SELECT {theirs} FROM ({keys}) d)"
