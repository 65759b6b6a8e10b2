"""Columns that nothing says are unique, though all their values differ: API keys with an index, slugs, tokens.

An application asks for the one row with such a value; copies that share it would answer with many.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from nineam.grow.mapping import reference
from nineam.grow.schema import Column, Schema, Table

Ask = Callable[[str], Sequence[Sequence[Any]]]
LEAST = 20
"""Values that have to differ: of fewer it may be chance."""
SAMPLE, SEEN = 500, 100
"""Values that are looked at first, and the characters of each."""
LONGEST = 64
LETTER = re.compile("[A-Za-z]")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}([T ]|$)")
WORD = re.compile(r"[\w-]+|[\w.+-]+@[\w.-]+", re.ASCII)


def candidates(table: Table) -> Iterator[Column]:
    """Give the columns to look at: texts and UUIDs that refer to nothing, and are not unique on their own already."""
    alone = {unique.columns[0] for unique in table.uniques if len(unique.columns) == 1}
    for column in table.stored if table.rows >= LEAST else ():
        if column.kind in ("text", "uuid") and column.name not in alone and reference(table, column.name) is None:
            yield column


def unique_in_fact(table: Table, leading: Collection[str], ask: Ask, place: str, text: Callable[[str], str]) -> Table:
    """Return the table with the columns noted whose values all differ, empty texts and NULL apart.

    `leading` are columns that an index begins with. `place` is the table in SQL, `text` gives a column as a text.
    """
    found = [
        column.name
        for column in candidates(table)
        if _all_differ(ask, place, text(column.name), leads=column.name in leading)
    ]
    return replace(table, in_fact=tuple(found)) if found else table


def repeating(schema: Schema, table: Table) -> Schema:
    """Return the schema with a table whose copies repeat what is unique in fact only."""
    return replace(schema, tables=schema.tables | {table.name: replace(table, in_fact=())})


def _all_differ(ask: Ask, place: str, text: str, *, leads: bool) -> bool:
    there = f"FROM {place} WHERE {text} <> ''"
    seen = [row[0] for row in ask(f"SELECT substr({text}, 1, {SEEN}) {there} LIMIT {SAMPLE}")]
    if len(seen) < LEAST or len(set(seen)) < len(seen) or not all(_identifies(value, leads=leads) for value in seen):
        return False
    count, different = ask(f"SELECT count(*), count(DISTINCT {text}) {there}")[0]
    return bool(count == different)


def _identifies(value: Any, *, leads: bool) -> bool:
    """Whether a value may be a name of its row, and no number, date, or document that is kept as a text.

    Where no index says that it is looked for, only what looks like a code, a name or an address.
    """
    if not isinstance(value, str) or not LETTER.search(value) or DAY.match(value):
        return False
    return leads or (len(value) <= LONGEST and WORD.fullmatch(value) is not None)
