"""Reads a PostgreSQL database's schema: tables, keys, references, numbers of rows, facts of key columns."""

import re
from collections import defaultdict
from functools import partial
from typing import Any

from msgspec.structs import replace

from nineam.grow.codes import with_code
from nineam.grow.dialect import HEXADECIMAL_KEPT, UUID_KEPT, literal, quoted
from nineam.grow.implied import with_implied
from nineam.grow.in_fact import unique_in_fact
from nineam.grow.postgres_catalog import ask
from nineam.grow.schema import Column, Facts, ForeignKey, Kind, Schema, Table, UniqueSet, key_columns
from nineam.grow.tags import ADDRESS_TAGS, TAGS, UUID_TAGS
from nineam.grow.text_facts import text_facts

LARGEST = {"int2": 2**15 - 1, "int4": 2**31 - 1, "int8": 2**63 - 1}
KINDS: dict[str, Kind] = {
    **dict.fromkeys(LARGEST, "integer"),
    **dict.fromkeys(("text", "varchar", "bpchar", "citext"), "text"),
    **dict.fromkeys(("date", "timestamp", "timestamptz"), "date"),
    "uuid": "uuid",
    "numeric": "number",
}
MODIFIER = 4
"""What a length is stored larger by in a type modifier."""
ROW_BYTES, ENTRY_BYTES = 4, 40
"""What a row costs beside its values, and what an index costs for each, half empty pages included."""
FIXED = {"f": "a foreign table: its rows are elsewhere"}
RULE = "a rule rewrites what is inserted into it"
NAME = re.compile(r"\w+")
EPOCH = "date '0001-01-01'"


def read_schema(connection: Any) -> Schema:
    """Read the schema of the connection's database; raises psycopg.Error."""
    found = ask(connection, "tables")
    names = {oid: relation if schema == "public" else f"{schema}.{relation}" for oid, schema, relation, *_ in found}
    columns = _columns(connection, list(names))
    uniques = _uniques(connection, columns)
    references = _references(connection, names)
    tables = {}
    for oid, schema, relation, kind, ruled in found:
        table = Table(
            name=names[oid],
            schema=schema,
            relation=relation,
            columns=tuple(columns[oid]),
            uniques=tuple(uniques[oid]),
            foreign_keys=tuple(references[oid]),
            fixed=RULE if ruled else FIXED.get(kind, ""),
        )
        tables[table.name] = table if table.fixed else _measured(connection, table, kind)
    tables = with_implied(tables, partial(_included, connection))
    leading = _leading(connection, names)
    tables = {name: _noted(connection, table, leading[name]) for name, table in tables.items()}
    facts = {name: _table_facts(connection, table) for name, table in tables.items() if table.rows}
    return Schema(tables=tables, facts=facts)


def _leading(connection: Any, names: dict[int, str]) -> dict[str, set[str]]:
    """Return the columns that an index begins with, by table."""
    leading: dict[str, set[str]] = defaultdict(set)
    for oid, column in ask(connection, "leading", (list(names),)):
        leading[names[oid]].add(column)
    return leading


def _noted(connection: Any, table: Table, leading: set[str]) -> Table:
    if table.fixed:
        return table
    return unique_in_fact(table, leading, partial(_rows, connection), place(table), as_text)


def _rows(connection: Any, sql: str) -> list[tuple[Any, ...]]:
    return list(connection.execute(sql).fetchall())


def as_text(name: str) -> str:
    """Return a column as a text."""
    return f"{quoted(name)}::text"


def measured(connection: Any, table: Table) -> tuple[Table, dict[str, Facts]]:
    """Look at a table again that had no rows when the schema was read; raises psycopg.Error."""
    (kind,) = connection.execute(
        "SELECT relkind::text FROM pg_class WHERE oid = %s::regclass", (place(table),)
    ).fetchone()
    table = _measured(connection, table, kind)
    return table, _table_facts(connection, table)


def _included(connection: Any, child: Table, column: str, parent: Table, key: str) -> bool:
    (lost,) = connection.execute(
        f"SELECT EXISTS (SELECT FROM {place(child)} c WHERE c.{quoted(column)} IS NOT NULL AND "
        f"NOT EXISTS (SELECT FROM {place(parent)} p WHERE p.{quoted(key)} = c.{quoted(column)}))"
    ).fetchone()
    return not lost


def source(table: Table, kind: str = "r") -> str:
    """Return how a table's own rows are named in SQL: without those of tables that inherit from it."""
    return ("" if kind == "p" else "ONLY ") + place(table)


def place(table: Table) -> str:
    """Return a table's name in SQL."""
    return f"{quoted(table.schema)}.{quoted(table.relation)}"


def _measured(connection: Any, table: Table, kind: str) -> Table:
    """Count a table's rows, and estimate what they and their entries in indexes take."""
    rows, data = connection.execute(
        f"SELECT count(*), coalesce(sum(pg_column_size(t)), 0) FROM {source(table, kind)} t"
    ).fetchone()
    return replace(table, rows=rows, size=int(data) + rows * (ROW_BYTES + ENTRY_BYTES * (1 + len(table.uniques))))


def _columns(connection: Any, oids: list[int]) -> dict[int, list[Column]]:
    columns: dict[int, list[Column]] = defaultdict(list)
    for oid, name, shown, base, modifier, nullable, generated in ask(connection, "columns", (oids,)):
        kind = KINDS.get(base, "other")
        columns[oid].append(
            Column(
                name=name,
                type=shown,
                kind=kind,
                nullable=nullable,
                generated=generated,
                largest=LARGEST.get(base),
                longest=modifier - MODIFIER if kind == "text" and modifier > MODIFIER else None,
            )
        )
    return columns


def _uniques(connection: Any, columns: dict[int, list[Column]]) -> dict[int, list[UniqueSet]]:
    uniques: dict[int, list[UniqueSet]] = defaultdict(list)
    for oid, index, primary, parts in ask(connection, "uniques", (list(columns),)):
        there = {column.name for column in columns[oid]}
        named = [name for part in parts for name in _named(part, there)]
        uniques[oid].append(UniqueSet(name="primary key" if primary else index, columns=tuple(dict.fromkeys(named))))
    return uniques


def _named(part: str, there: set[str]) -> list[str]:
    """Return the column that an index's part is, or the columns that its expression mentions."""
    plain = part[1:-1].replace('""', '"') if part.startswith('"') and part.endswith('"') else part
    return [plain] if plain in there else [name for name in NAME.findall(part) if name in there]


def _references(connection: Any, names: dict[int, str]) -> dict[int, list[ForeignKey]]:
    references: dict[int, list[ForeignKey]] = defaultdict(list)
    for child, parent, columns, referenced in ask(connection, "references"):
        key = ForeignKey(columns=tuple(columns), parent=names.get(parent, ""), referenced=tuple(referenced))
        if key.parent and key not in references[child]:
            references[child].append(key)
    return references


def _table_facts(connection: Any, table: Table) -> dict[str, Facts]:
    columns = (*key_columns(table), *(table.column(name) for name in table.in_fact))
    found = {column.name: _facts(connection, table, column) for column in columns}
    return {name: facts for name, facts in found.items() if facts is not None}


def _facts(connection: Any, table: Table, column: Column) -> Facts | None:
    """Look at a key column's values; None when nineam cannot change them."""
    name, where = quoted(column.name), place(table)
    match column.kind:
        case "integer":
            low, high = connection.execute(f"SELECT min({name}), max({name}) FROM {where}").fetchone()
            return Facts(low=low, high=high)
        case "number":
            low, high = connection.execute(f"SELECT floor(min({name})), ceil(max({name})) FROM {where}").fetchone()
            return Facts() if low is None else Facts(low=int(low), high=int(high))
        case "date":
            day = f"({name}::date - {EPOCH})"
            low, high = connection.execute(
                f"SELECT min({day}), max({day}) FROM {where} WHERE isfinite({name})"
            ).fetchone()
            return Facts() if low is None else Facts(low=low, high=high, form="days")
        case "uuid" | "text":
            return _with_code(connection, table, column)
    return None


def _with_code(connection: Any, table: Table, column: Column) -> Facts | None:
    text = as_text(column.name)
    there = f"{place(table)} WHERE {text} <> ''" if column.name in table.in_fact else place(table)
    facts = _text_facts(connection, text, there)
    return with_code(facts, column, partial(_rows, connection), text, place(table))


def _text_facts(connection: Any, text: str, where: str) -> Facts | None:
    marks = ", ".join(
        f"max(CASE WHEN substr({text}, {kept + 1}, 5) = '{tag}' THEN 1 ELSE 0 END)"
        for kept in (UUID_KEPT, HEXADECIMAL_KEPT)
        for tag in UUID_TAGS
    )
    tags = ", ".join(f"max(strpos({text}, {literal(tag)}))" for tag in (*TAGS, *ADDRESS_TAGS))
    row = connection.execute(
        f"SELECT max(length({text})), "
        f"bool_and({text} ~ '^[0-9a-fA-F]{{8}}(-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}$'), "
        f"bool_and({text} ~ '^[0-9a-fA-F]{{32}}$'), "
        f"count(DISTINCT left({text}, {UUID_KEPT})) = count(DISTINCT {text}), "
        f"count(DISTINCT left({text}, {HEXADECIMAL_KEPT})) = count(DISTINCT {text}), "
        f"bool_and({text} ~ '^[^@]+@[^@]+$'), {tags}, {marks} FROM {where}"
    ).fetchone()
    return text_facts(row)
