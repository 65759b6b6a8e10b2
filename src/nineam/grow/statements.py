"""The SQL that adds copies of a table's rows: pure text."""

from nineam.grow.codes import overwritten
from nineam.grow.dialect import Dialect
from nineam.grow.mapping import Remap, Route, references, route
from nineam.grow.plan import Plan
from nineam.grow.schema import Schema, Table

ROW, COPY, BASE, HOT = "nineam_row", "nineam_copy", "nineam_base", "nineam_hot"
"""Names of our own: a row's place in its table, a copy's number, and the temporary tables."""
CHANCE, PLACE = (69621, 40692, 1_000_003), (48271, 16807, 999_983)
"""Two unrelated ways to spread row and copy numbers over 0..1: multipliers of known generators, prime moduli."""


def expressions(schema: Schema, table: Table, plan: Plan, dialect: Dialect) -> tuple[str, ...]:
    """Return the expression of each stored column of a copy, over the base row `b` and the copy's number."""
    return tuple(_expression(schema, table, column.name, plan, dialect) for column in table.stored)


def _expression(schema: Schema, table: Table, column: str, plan: Plan, dialect: Dialect) -> str:
    value = f"b.{dialect.quote(column)}"
    found = route(schema, table, column, plan.keys, plan.factors)
    followed = value if found is None else _followed(found, value, dialect)
    edge = hot_edges(schema, table, plan)
    return _or_hot(followed, value, plan.depth, edge.index(column), dialect) if column in edge else followed


def _followed(found: Route, value: str, dialect: Dialect) -> str:
    copy = f"k.{COPY}"
    for modulus in found.moduli:
        copy = f"({copy} % {modulus})"
    made = _made(found.remap, value, copy, dialect)
    made = f"CASE WHEN {value} = '' THEN {value} ELSE {made} END" if found.remap.keeps_empty else made
    return f"CASE WHEN {copy} = 0 THEN {value} ELSE {made} END" if found.moduli else made


def _made(remap: Remap, value: str, copy: str, dialect: Dialect) -> str:
    if remap.method == "null":
        return "NULL"
    if remap.code is None:
        return dialect.remapped(remap, value, copy)
    return dialect.joined(overwritten(remap.code, value, dialect.padded(copy, remap.code.digits)))


def hot_edges(schema: Schema, table: Table, plan: Plan) -> tuple[str, ...]:
    """Return the references of which a share goes to hot parents: alone in their key, and free to repeat."""
    if not plan.depth or plan.tables[table.name].factor == 1:
        return ()
    unique = {name for each in table.uniques for name in each.columns}
    return tuple(
        key.columns[0]
        for key in table.foreign_keys
        if len(key.columns) == 1
        and key.parent != table.name
        and key.columns[0] not in unique
        and len(references(table, key.columns[0])) == 1
        and plan.factors[key.parent] > 1
        and not _referenced(schema, table, key.columns[0])
    )


def referred(schema: Schema, table: Table, column: str) -> tuple[Table, str]:
    """Return the table and the column that a hot edge leads to."""
    key = references(table, column)[0]
    return schema.tables[key.parent], key.referenced[0]


def _referenced(schema: Schema, table: Table, column: str) -> bool:
    return any(
        key.parent == table.name and column in key.referenced
        for other in schema.tables.values()
        for key in other.foreign_keys
    )


def _or_hot(followed: str, value: str, depth: float, edge: int, dialect: Dialect) -> str:
    """Hand a share of the copies to a hot parent, rank r with a weight of 1/r (Zipf's law, its inverse)."""
    parents = dialect.real(f"(SELECT max(place) FROM {HOT}{edge})")
    rank = dialect.whole(f"floor(power({parents}, {_spread(PLACE, edge, dialect)}))")
    hot = f"(SELECT h.parent FROM {HOT}{edge} h WHERE h.place = {rank})"
    handed = f"{value} IS NOT NULL AND {_spread(CHANCE, edge, dialect)} < {depth!r}"
    return f"CASE WHEN {handed} THEN coalesce({hot}, {followed}) ELSE {followed} END"


def _spread(way: tuple[int, int, int], edge: int, dialect: Dialect) -> str:
    row, copy, modulus = way
    mixed = f"({dialect.whole(f'b.{ROW}')} * {row} + {dialect.whole(f'k.{COPY}')} * {copy} + {edge * 7919})"
    return f"({dialect.real(f'{mixed} % {modulus}')} / {modulus})"


def chunks(rows: int, copies: int, size: int) -> list[tuple[int, int, int, int]]:
    """Cut `rows` times `copies` into rectangles of about `size`: first row, last row, first copy, last copy."""
    if not rows or not copies:
        return []
    wide = min(copies, size)
    tall = max(1, size // wide)
    return [
        (row, min(row + tall - 1, rows), copy, min(copy + wide - 1, copies))
        for row in range(1, rows + 1, tall)
        for copy in range(1, copies + 1, wide)
    ]
