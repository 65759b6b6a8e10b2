"""Fills the empty tables of a clone with rows that were made up, so that there is something to copy."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

from msgspec.structs import replace

from nineam.grow.database import Clone, Refused
from nineam.grow.implied import with_implied
from nineam.grow.keys import parents_first
from nineam.grow.made_up import MadeUp, make_rows
from nineam.grow.promises import IN_VAIN, promised, prune
from nineam.grow.reference_tables import FRAMEWORKS
from nineam.grow.schema import Facts, Schema, Table
from nineam.grow.values import Values
from nineam.grow.wish import Wish
from nineam.grow.words import Words
from nineam.model.record import Record

MOST_PARENTS = 1000
NOTHING = "it is empty, and no rows could be made up: "
DAYS = 738_000
"""A day in our time, counted from 0001-01-01."""
ASSUMED = {
    "date": Facts(form="days", low=DAYS, high=DAYS + 730),
    "text": Facts(form="plain", longest=10, tag="-"),
    "uuid": Facts(form="uuid", longest=36, tag="00000"),
}


class Filling(Record, frozen=True, kw_only=True):
    """How many rows an empty table gets, where texts come from, the last day of dates, and a seed: same rows again."""

    rows: int
    words: Words
    today: date
    seed: int = 1


class Filled(Record, frozen=True, kw_only=True):
    """What came of it: rows by table, the columns that were left to the database, and why a table got none."""

    rows: dict[str, int] = {}
    left: tuple[str, ...] = ()
    failed: dict[str, str] = {}


def assumed(schema: Schema, wish: Wish, filling: Filling) -> Schema:
    """Return the schema as if its empty tables were filled already, to plan with."""
    tables, facts = dict(schema.tables), dict(schema.facts)
    for table in _fillable(schema, wish):
        size = filling.rows * 100
        tables[table.name] = replace(table, rows=filling.rows, size=size)
        numbers = Facts(low=1, high=filling.rows)
        facts[table.name] = {column.name: ASSUMED.get(column.kind, numbers) for column in table.columns}
    return Schema(tables=tables, facts=facts)


def _fillable(schema: Schema, wish: Wish) -> list[Table]:
    """Return the tables to fill, those that others refer to first."""
    return [
        table
        for table in parents_first(schema)
        if not (table.rows or table.fixed or table.relation in FRAMEWORKS or table.name in wish.keep)
        and (not wish.like or table.name in wish.like)
    ]


def fill(clone: Clone, schema: Schema, wish: Wish, filling: Filling) -> tuple[Schema, Filled]:
    """Fill what is empty; the schema as it is then, and what came of it. Raises ApplicationError."""
    tables = _fillable(schema, wish)
    values = Values(filling.words, Random(filling.seed), filling.today)  # noqa: S311 - rows, no secrets
    waiting = {table.name for table in tables}
    rows: dict[str, int] = {}
    failed: dict[str, str] = {}
    left: dict[str, list[str]] = {}
    clone.loosen(tables)
    for empty in tables:
        table = _with_suggested(schema, empty)
        waiting.discard(table.name)
        parents = dict(_parents(clone, schema, table)) | promised(schema, table, waiting, filling.rows)
        made = make_rows(table, clone.checks(table), parents, values, filling.rows)
        count, why = _add(clone, table, made)
        rows[table.name], failed[table.name] = count, NOTHING + (why or _nothing(schema, table))
        left[table.name] = [f"{table.name}.{column.name} ({column.type})" for column in made.unknown]
        schema = _with(schema, replace(table, rows=count), {})
    for name, count in prune(clone, schema, rows).items():
        if count:
            schema = _with(schema, *clone.measured(schema.tables[name]))
        else:
            schema = _with(schema, replace(schema.tables[name], rows=0), {})
            failed[name] = IN_VAIN if rows[name] else failed[name]
    named = {name: table.rows for name, table in schema.tables.items() if name in rows and table.rows}
    unknown = tuple(each for name in named for each in left[name])
    return schema, Filled(
        rows=named, left=unknown, failed={name: why for name, why in failed.items() if name not in named}
    )


def _with(schema: Schema, table: Table, facts: dict[str, Facts]) -> Schema:
    return Schema(tables=schema.tables | {table.name: table}, facts=schema.facts | {table.name: facts})


def _with_suggested(schema: Schema, table: Table) -> Table:
    """Add the references that names suggest: whatever is made up can follow them."""
    others = {name: each for name, each in schema.tables.items() if name != table.name}
    seeming = with_implied({**others, table.name: replace(table, rows=1)}, lambda *_: True)
    return replace(seeming[table.name], rows=0)


def _parents(clone: Clone, schema: Schema, table: Table) -> Iterator[tuple[Any, Any]]:
    for key in table.foreign_keys:
        parent = schema.tables[key.parent]
        if parent.rows:
            columns = ", ".join(clone.dialect.quote(name) for name in key.referenced)
            there = " AND ".join(f"{clone.dialect.quote(name)} IS NOT NULL" for name in key.referenced)
            place = ".".join(clone.dialect.quote(each) for each in (parent.schema, parent.relation) if each)
            yield (
                key,
                clone.ask(f"SELECT DISTINCT {columns} FROM {place} WHERE {there} ORDER BY 1 LIMIT {MOST_PARENTS}"),
            )


def _add(clone: Clone, table: Table, made: MadeUp) -> tuple[int, str]:
    """Add all rows, or one by one those that the table takes; how many, and why not the first that it did not take."""
    if not made.rows:
        return 0, ""
    try:
        clone.add(table, made.rows)
    except Refused as reason:
        refusals = [refusal for row in made.rows if (refusal := _refusal(clone, table, row))]
        unknown = [f"{each.name} is of the type {each.type}, which nineam knows no values for" for each in made.unknown]
        commonest = Counter(refusals or [str(reason)]).most_common(1)[0][0]
        return len(made.rows) - len(refusals), "; ".join([*unknown, commonest])
    return len(made.rows), ""


def _refusal(clone: Clone, table: Table, row: dict[str, Any]) -> str:
    """Add one row; why the table does not take it, or an empty string."""
    try:
        clone.add(table, [row])
    except Refused as reason:
        return str(reason)
    return ""


def _nothing(schema: Schema, table: Table) -> str:
    empty = sorted({key.parent for key in table.foreign_keys if not schema.tables[key.parent].rows} - {table.name})
    return f"it refers to {', '.join(empty)}, where nothing is" if empty else "its keys leave no room"
