"""How a copy's value follows from the original's: keys become new keys, and references follow them."""

from collections.abc import Iterator
from typing import Literal

from nineam.grow.schema import Code, Column, Facts, ForeignKey, Schema, Table
from nineam.model.record import Record

Method = Literal["stretch", "suffix", "address", "uuid", "hexadecimal", "days", "shift", "code", "null"]


class Remap(Record, frozen=True, kw_only=True):
    """How the values of a key column differ in the copies 1 to `copies`: injective, and never an original's value.

    A stretched integer becomes `high + (value - low) * copies + copy`: keys of later rows stay the larger ones, so a
    column that rises with the key still does. Of a column that is unique
    `in_fact` only, empty texts stay empty where it `keeps_empty`.
    """

    table: str
    column: str
    method: Method
    copies: int
    low: int = 0
    high: int = 0
    tag: str = ""
    type: str = ""
    code: Code | None = None
    in_fact: bool = False
    keeps_empty: bool = False


class Route(Record, frozen=True, kw_only=True):
    """The way from a column to the key it comes from: None when copies keep the value.

    The copy of the key is the row's copy number, reduced by each of `moduli` in turn; 0 is the original.
    """

    remap: Remap
    moduli: tuple[int, ...] = ()


Keys = dict[str, dict[str, Remap]]
"""The columns that are remapped on their own account, by table."""


def remaps(table: Table, column: Column, facts: Facts, copies: int) -> Iterator[Remap]:
    """Give the ways in which a column's values can be made different, the best first."""
    methods: tuple[Method | None, ...] = (_method(column, facts), "code" if facts.code else None)
    for method in methods:
        if method is not None:
            yield Remap(
                table=table.name,
                column=column.name,
                method=method,
                copies=copies,
                low=facts.low or 0,
                high=facts.high or 0,
                tag=facts.tag,
                type=column.type,
                code=facts.code if method == "code" else None,
                in_fact=column.name in table.in_fact,
                keeps_empty=column.name in table.in_fact and column.kind == "text",
            )


def nothing(table: Table, column: Column, copies: int) -> Remap:
    """Return the way of last resort: NULL in every copy, which is unlike any other NULL."""
    return Remap(table=table.name, column=column.name, method="null", copies=copies, type=column.type)


def _method(column: Column, facts: Facts) -> Method | None:
    if column.kind in ("text", "uuid") and facts.form in ("uuid", "hexadecimal") and facts.tag:
        return "uuid" if facts.form == "uuid" else "hexadecimal"
    if column.kind == "text" and facts.tag:
        return "address" if facts.form == "address" else "suffix"
    if facts.low is None:
        return None
    methods: dict[str, Method] = {"integer": "stretch", "date": "days", "number": "shift"}
    return methods.get(column.kind)


def most_copies(column: Column, facts: Facts, code: Code | None = None) -> int | None:
    """Return how many copies a key column has room for, None when there is no end to it."""
    if code is not None:
        return int(10**code.digits) - 1
    if column.kind == "integer" and column.largest is not None and facts.low is not None and facts.high is not None:
        return max(0, (column.largest - facts.high) // (facts.high - facts.low + 1))
    if column.kind == "text" and column.longest is not None and facts.form in ("plain", "address"):
        return int(10 ** max(0, column.longest - facts.longest - len(facts.tag))) - 1
    if column.kind == "date" and facts.low is not None and facts.high is not None:
        return facts.low // (facts.high - facts.low + 1)
    return None


def route(schema: Schema, table: Table, column: str, keys: Keys, factors: dict[str, int]) -> Route | None:
    """Find the key that a column's values come from; None when copies keep the value."""
    return _walk(schema, table, column, keys, factors, (), frozenset())


def _walk(
    schema: Schema,
    table: Table,
    column: str,
    keys: Keys,
    factors: dict[str, int],
    moduli: tuple[int, ...],
    seen: frozenset[tuple[str, str]],
) -> Route | None:
    step = reference(table, column)
    if step is None or (table.name, column) in seen:
        own = keys.get(table.name, {}).get(column)
        return None if own is None else Route(remap=own, moduli=moduli)
    parent, referenced = step
    bound = moduli[-1] if moduli else factors[table.name]
    if factors[parent] == 1:
        return None
    onward = moduli if factors[parent] >= bound else (*moduli, factors[parent])
    return _walk(schema, schema.tables[parent], referenced, keys, factors, onward, seen | {(table.name, column)})


def reference(table: Table, column: str) -> tuple[str, str] | None:
    """Return the table and column that a column refers to, None when it refers to nothing but itself."""
    for key in references(table, column):
        pair = key.parent, key.referenced[key.columns.index(column)]
        if pair != (table.name, column):
            return pair
    return None


def references(table: Table, column: str) -> tuple[ForeignKey, ...]:
    """Return the foreign keys that a column is part of."""
    return tuple(key for key in table.foreign_keys if column in key.columns)
