"""Reads an SQLite database's schema: tables, keys, references, numbers of rows, facts of key columns."""

import re
import sqlite3
from collections.abc import Iterator
from functools import partial
from typing import Any

from msgspec.structs import replace

from nineam.grow.dialect import HEXADECIMAL_KEPT, UUID_KEPT, literal, quoted
from nineam.grow.implied import with_implied
from nineam.grow.in_fact import unique_in_fact
from nineam.grow.schema import Column, Facts, ForeignKey, Kind, Schema, Table, UniqueSet, key_columns
from nineam.grow.tags import ADDRESS_TAGS, TAGS, UUID_TAGS
from nineam.grow.text_facts import text_facts

ENTRY_BYTES = 20
"""What a row costs beside its values, and what an index costs for each."""
INTEGER_MAX = 2**63 - 1
VIRTUAL = "a virtual table: nineam copies rows of ordinary tables only"
HIDDEN, GENERATED = 1, (2, 3)
DATE = re.compile(r"date|time", re.IGNORECASE)
NAME = re.compile(r"\w+")
DAYS_TO_0001 = 1721425.5
"""The Julian day of 0001-01-01."""


def read_schema(connection: sqlite3.Connection) -> Schema:
    """Read the schema of the main database; raises sqlite3.Error."""
    virtual = _virtual(connection)
    names = [name for name in _tables(connection) if not _shadow(name, virtual)]
    tables = {name: _table(connection, name, fixed=VIRTUAL if name in virtual else "") for name in names}
    tables = {name: _known_references(table, tables) for name, table in tables.items()}
    tables = with_implied(tables, partial(_included, connection))
    tables = {name: _noted(connection, table) for name, table in tables.items()}
    facts = {name: _table_facts(connection, table) for name, table in tables.items() if table.rows}
    kinds = {name: _with_kinds(table, facts[name]) if table.rows else table for name, table in tables.items()}
    return Schema(tables=kinds, facts=facts)


def measured(connection: sqlite3.Connection, table: Table) -> tuple[Table, dict[str, Facts]]:
    """Look at a table again that had no rows when the schema was read; raises sqlite3.Error."""
    table = _measured(connection, table)
    facts = _table_facts(connection, table)
    return _with_kinds(table, facts), facts


def _table_facts(connection: sqlite3.Connection, table: Table) -> dict[str, Facts]:
    columns = (*key_columns(table), *(table.column(name) for name in table.in_fact))
    return {column.name: fact for column in columns if (fact := _facts(connection, table, column))}


def _noted(connection: sqlite3.Connection, table: Table) -> Table:
    if table.fixed:
        return table
    leading = set()
    for _, index, *_ in connection.execute(f"PRAGMA index_list({quoted(table.relation)})").fetchall():
        leading |= {row[2] for row in connection.execute(f"PRAGMA index_info({quoted(index)})").fetchall()[:1]}
    ask = partial(_rows, connection)
    return unique_in_fact(table, leading, ask, quoted(table.relation), quoted)


def _rows(connection: sqlite3.Connection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


def _included(connection: sqlite3.Connection, child: Table, column: str, parent: Table, key: str) -> bool:
    (lost,) = connection.execute(
        f"SELECT EXISTS (SELECT 1 FROM {quoted(child.relation)} c WHERE c.{quoted(column)} IS NOT NULL AND "
        f"NOT EXISTS (SELECT 1 FROM {quoted(parent.relation)} p WHERE p.{quoted(key)} = c.{quoted(column)}))"
    ).fetchone()
    return not lost


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in rows if not name.startswith("sqlite_")]


def _virtual(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'")
    return {name for (name,) in rows}


def _shadow(name: str, virtual: set[str]) -> bool:
    """Whether a table holds the insides of a virtual one, which are called after it."""
    return any(name.startswith(f"{each}_") for each in virtual)


def _table(connection: sqlite3.Connection, name: str, *, fixed: str) -> Table:
    columns = tuple(_columns(connection, name))
    table = Table(name=name, schema="main", relation=name, columns=columns, fixed=fixed)
    if fixed:
        return table
    uniques, references = tuple(_uniques(connection, name, columns)), tuple(_foreign_keys(connection, name))
    return _measured(connection, replace(table, uniques=uniques, foreign_keys=references))


def _measured(connection: sqlite3.Connection, table: Table) -> Table:
    """Count a table's rows, and estimate what they and their entries in indexes take."""
    values = " + ".join(f"coalesce(length(CAST({quoted(column.name)} AS BLOB)), 0)" for column in table.stored)
    rows, data = connection.execute(
        f"SELECT count(*), coalesce(sum({values}), 0) FROM {quoted(table.relation)}"
    ).fetchone()
    entries = len(connection.execute(f"PRAGMA index_list({quoted(table.relation)})").fetchall())
    return replace(table, rows=rows, size=data + rows * ENTRY_BYTES * (1 + entries))


def _columns(connection: sqlite3.Connection, table: str) -> Iterator[Column]:
    for _, name, declared, not_null, _, _, hidden in connection.execute(f"PRAGMA table_xinfo({quoted(table)})"):
        if hidden != HIDDEN:
            yield Column(
                name=name,
                type=declared or "any",
                kind=_kind(declared or ""),
                nullable=not not_null,
                generated=hidden in GENERATED,
                largest=INTEGER_MAX,
            )


def _kind(declared: str) -> Kind:
    """Return what a column probably holds; what it really holds is looked at when it matters."""
    if DATE.search(declared):
        return "date"
    upper = declared.upper()
    if "INT" in upper:
        return "integer"
    if any(word in upper for word in ("CHAR", "TEXT", "CLOB", "UUID", "STRING")):
        return "text"
    return "number" if any(word in upper for word in ("REAL", "FLOA", "DOUB", "NUM", "DEC")) else "text"


def _uniques(connection: sqlite3.Connection, table: str, columns: tuple[Column, ...]) -> Iterator[UniqueSet]:
    info = connection.execute(f"PRAGMA table_xinfo({quoted(table)})").fetchall()
    if key := [row[1] for row in sorted(info, key=lambda row: row[5]) if row[5]]:
        yield UniqueSet(name="primary key", columns=tuple(key))
    for _, name, unique, *_ in connection.execute(f"PRAGMA index_list({quoted(table)})").fetchall():
        if not unique:
            continue
        parts = connection.execute(f"PRAGMA index_xinfo({quoted(name)})").fetchall()
        named = [row[2] for row in parts if row[5] and row[2]]
        if any(row[5] and row[2] is None for row in parts):
            named += _in_expression(connection, name, columns)
        yield UniqueSet(name=name, columns=tuple(dict.fromkeys(named)))


def _in_expression(connection: sqlite3.Connection, index: str, columns: tuple[Column, ...]) -> list[str]:
    (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (index,)).fetchone()
    words = {word.lower() for word in NAME.findall(sql.partition("(")[2])}
    return [column.name for column in columns if column.name.lower() in words]


def _foreign_keys(connection: sqlite3.Connection, table: str) -> Iterator[ForeignKey]:
    grouped: dict[int, list[Any]] = {}
    for row in connection.execute(f"PRAGMA foreign_key_list({quoted(table)})").fetchall():
        grouped.setdefault(row[0], []).append(row)
    for rows in reversed(grouped.values()):
        ordered = sorted(rows, key=lambda row: row[1])
        yield ForeignKey(
            columns=tuple(row[3] for row in ordered),
            parent=ordered[0][2],
            referenced=tuple(row[4] or "" for row in ordered),
        )


def _known_references(table: Table, tables: dict[str, Table]) -> Table:
    """Spell references as tables and columns are spelt, with the key where none is named; drop those to nowhere."""
    by_name = {name.lower(): name for name in tables}
    found = []
    for key in table.foreign_keys:
        parent = tables.get(by_name.get(key.parent.lower(), ""))
        if parent is None or parent.fixed:
            continue
        keys = next((unique.columns for unique in parent.uniques if unique.name == "primary key"), ())
        referenced = key.referenced if all(key.referenced) else keys
        spelt = _spelt(parent, referenced)
        if len(spelt) == len(key.columns):
            found.append(ForeignKey(columns=_spelt(table, key.columns), parent=parent.name, referenced=spelt))
    return replace(table, foreign_keys=tuple(found))


def _spelt(table: Table, names: tuple[str, ...]) -> tuple[str, ...]:
    there = {column.name.lower(): column.name for column in table.columns}
    return tuple(there[name.lower()] for name in names if name.lower() in there)


def _facts(connection: sqlite3.Connection, table: Table, column: Column) -> Facts | None:
    """Look at a key column's values; None when they are of several types, or of one nineam cannot change."""
    name, source = quoted(column.name), quoted(table.relation)
    there = f"{name} <> ''" if column.name in table.in_fact else f"{name} IS NOT NULL"
    low, high = connection.execute(
        f"SELECT min(typeof({name})), max(typeof({name})) FROM {source} WHERE {there}"
    ).fetchone()
    if low is None:
        return Facts()
    if low != high:
        return None
    if low == "integer":
        lowest, highest = connection.execute(f"SELECT min({name}), max({name}) FROM {source}").fetchone()
        return Facts(low=lowest, high=highest)
    if low != "text":
        return None
    if column.kind == "date":
        return _days(connection, name, source)
    return _text_facts(connection, name, f"{source} WHERE {there}")


def _text_facts(connection: sqlite3.Connection, name: str, source: str) -> Facts | None:
    marks = ", ".join(
        f"max(CASE WHEN substr({name}, {kept + 1}, 5) = '{tag}' THEN 1 ELSE 0 END)"
        for kept in (UUID_KEPT, HEXADECIMAL_KEPT)
        for tag in UUID_TAGS
    )
    tags = ", ".join(f"max(instr({name}, {literal(tag)}))" for tag in (*TAGS, *ADDRESS_TAGS))
    hexadecimal = f"{name} NOT GLOB '*[^0-9a-fA-F]*' AND length({name}) = 32"
    dashed = f"{name} GLOB '????????-????-????-????-????????????' AND {name} NOT GLOB '*[^0-9a-fA-F-]*'"
    row = connection.execute(
        f"SELECT max(length({name})), min({dashed}), min({hexadecimal}), "
        f"count(DISTINCT substr({name}, 1, {UUID_KEPT})) = count(DISTINCT {name}), "
        f"count(DISTINCT substr({name}, 1, {HEXADECIMAL_KEPT})) = count(DISTINCT {name}), "
        f"min({name} LIKE '%_@_%' AND {name} NOT LIKE '%@%@%'), {tags}, {marks} FROM {source}"
    ).fetchone()
    return text_facts(row)


def _days(connection: sqlite3.Connection, name: str, source: str) -> Facts | None:
    day = f"CAST(julianday(substr({name}, 1, 10)) - {DAYS_TO_0001} AS integer)"
    low, high, wrong = connection.execute(
        f"SELECT min({day}), max({day}), sum({day} IS NULL) FROM {source} WHERE {name} IS NOT NULL"
    ).fetchone()
    return None if wrong else Facts(low=low, high=high, form="days")


def _with_kinds(table: Table, facts: dict[str, Facts]) -> Table:
    """Correct what key columns hold by what was found in them; SQLite's types are promises at best."""
    columns = tuple(_corrected(column, facts, table) for column in table.columns)
    return replace(table, columns=columns)


def _corrected(column: Column, facts: dict[str, Facts], table: Table) -> Column:
    if column not in key_columns(table):
        return column
    fact = facts.get(column.name)
    kinds: dict[str, Kind] = {"": "integer", "days": "date"}
    return replace(column, kind="other" if fact is None else kinds.get(fact.form, "text"))
