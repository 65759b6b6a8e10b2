"""Reads the schema of a MySQL or MariaDB database: tables, keys, references, numbers of rows, facts of key columns."""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any

from msgspec.structs import replace

from nineam.grow.codes import with_code
from nineam.grow.dialect import HEXADECIMAL_KEPT, UUID_KEPT
from nineam.grow.dialect_mysql import backquoted, text
from nineam.grow.implied import with_implied
from nineam.grow.in_fact import unique_in_fact
from nineam.grow.schema import Column, Facts, ForeignKey, Kind, Schema, Table, UniqueSet, key_columns
from nineam.grow.tags import ADDRESS_TAGS, TAGS, UUID_TAGS
from nineam.grow.text_facts import text_facts

SIGNED = {"tinyint": 7, "smallint": 15, "mediumint": 23, "int": 31, "bigint": 63}
"""Bits of the largest value."""
KINDS: dict[str, Kind] = {
    **dict.fromkeys(SIGNED, "integer"),
    **dict.fromkeys(("char", "varchar", "text", "tinytext", "mediumtext", "longtext"), "text"),
    **dict.fromkeys(("date", "datetime", "timestamp"), "date"),
    "decimal": "number",
}
QUOTED = re.compile(r"`([^`]+)`")
DAYS_TO_0001 = 366
"""What TO_DAYS says of 0001-01-01."""
ROW_BYTES, ENTRY_BYTES, USUAL_WIDTH = 40, 40, 100
TABLES = """SELECT table_name, coalesce(avg_row_length, 0) FROM information_schema.tables
WHERE table_schema = database() AND table_type = 'BASE TABLE' ORDER BY table_name"""
COLUMNS = """SELECT table_name, column_name, data_type, column_type, is_nullable, character_maximum_length, extra
FROM information_schema.columns WHERE table_schema = database() ORDER BY table_name, ordinal_position"""
EXPRESSIONS = """SELECT count(*) FROM information_schema.columns WHERE lower(table_schema) = 'information_schema'
AND lower(table_name) = 'statistics' AND lower(column_name) = 'expression'"""
UNIQUES = """SELECT table_name, index_name, column_name, {expression} FROM information_schema.statistics
WHERE table_schema = database() AND non_unique = 0 ORDER BY table_name, index_name, seq_in_index"""
LEADING = """SELECT table_name, column_name FROM information_schema.statistics
WHERE table_schema = database() AND seq_in_index = 1 AND index_type IN ('BTREE', 'HASH') AND column_name IS NOT NULL"""
REFERENCES = """SELECT table_name, constraint_name, column_name, referenced_table_name, referenced_column_name
FROM information_schema.key_column_usage
WHERE table_schema = database() AND referenced_table_schema = database()
ORDER BY table_name, constraint_name, ordinal_position"""


def ask(connection: Any, sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    """Execute a statement; every row of its answer. Raises pymysql.err.Error."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def read_schema(connection: Any) -> Schema:
    """Read the schema of the connection's database; raises pymysql.err.Error."""
    columns, uniques, references = _columns(connection), _uniques(connection), _references(connection)
    tables = {}
    for name, width in ask(connection, TABLES):
        table = Table(
            name=name,
            schema="",
            relation=name,
            columns=tuple(columns[name]),
            uniques=tuple(uniques[name]),
            foreign_keys=tuple(references[name]),
        )
        tables[name] = _counted(connection, table, int(width))
    tables = with_implied(tables, partial(_included, connection))
    leading = ask(connection, LEADING)
    tables = {name: _noted(connection, table, {b for a, b in leading if a == name}) for name, table in tables.items()}
    facts = {name: _table_facts(connection, table) for name, table in tables.items() if table.rows}
    return Schema(tables=tables, facts=facts)


def _noted(connection: Any, table: Table, leading: set[str]) -> Table:
    return unique_in_fact(table, leading, partial(ask, connection), backquoted(table.relation), backquoted)


def _counted(connection: Any, table: Table, width: int) -> Table:
    ((rows,),) = ask(connection, f"SELECT count(*) FROM {backquoted(table.relation)}")
    size = rows * (min(width, 10_000) + ROW_BYTES + ENTRY_BYTES * len(table.uniques))
    return replace(table, rows=rows, size=size)


def measured(connection: Any, table: Table) -> tuple[Table, dict[str, Facts]]:
    """Look at a table again that had no rows when the schema was read; raises pymysql.err.Error."""
    table = _counted(connection, table, USUAL_WIDTH)
    return table, _table_facts(connection, table)


def _columns(connection: Any) -> dict[str, list[Column]]:
    columns: dict[str, list[Column]] = defaultdict(list)
    for table, name, kind, shown, nullable, longest, extra in ask(connection, COLUMNS):
        bits = SIGNED.get(kind)
        columns[table].append(
            Column(
                name=name,
                type=shown,
                kind=KINDS.get(kind, "other"),
                nullable=nullable == "YES",
                generated="GENERATED" in extra.upper() and "DEFAULT_GENERATED" not in extra.upper(),
                largest=None if bits is None else 2 ** (bits + ("unsigned" in shown)) - 1,
                longest=longest,
            )
        )
    return columns


def _uniques(connection: Any) -> dict[str, list[UniqueSet]]:
    """Read unique sets; of an expression, which MySQL only has, the columns that it mentions."""
    parts: dict[tuple[str, str], list[str]] = defaultdict(list)
    expression = "expression" if ask(connection, EXPRESSIONS)[0][0] else "NULL"
    for table, index, column, text_of in ask(connection, UNIQUES.format(expression=expression)):
        parts[table, index] += [column] if column else QUOTED.findall(text_of or "")
    uniques: dict[str, list[UniqueSet]] = defaultdict(list)
    for (table, index), named in parts.items():
        uniques[table].append(
            UniqueSet(name="primary key" if index == "PRIMARY" else index, columns=tuple(dict.fromkeys(named)))
        )
    return uniques


def _references(connection: Any) -> dict[str, list[ForeignKey]]:
    parts: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    for table, name, column, parent, referenced in ask(connection, REFERENCES):
        parts[table, name, parent].append((column, referenced))
    references: dict[str, list[ForeignKey]] = defaultdict(list)
    for (table, _, parent), pairs in parts.items():
        columns, referenced_columns = zip(*pairs, strict=True)
        references[table].append(ForeignKey(columns=columns, parent=parent, referenced=referenced_columns))
    return references


def _included(connection: Any, child: Table, column: str, parent: Table, key: str) -> bool:
    lost = ask(
        connection,
        f"SELECT EXISTS (SELECT 1 FROM {backquoted(child.relation)} c WHERE c.{backquoted(column)} IS NOT NULL AND NOT "
        f"EXISTS (SELECT 1 FROM {backquoted(parent.relation)} p WHERE p.{backquoted(key)} = c.{backquoted(column)}))",
    )
    return not lost[0][0]


def _table_facts(connection: Any, table: Table) -> dict[str, Facts]:
    columns = (*key_columns(table), *(table.column(name) for name in table.in_fact))
    found = {column.name: _facts(connection, table, column) for column in columns}
    return {name: facts for name, facts in found.items() if facts is not None}


def _facts(connection: Any, table: Table, column: Column) -> Facts | None:
    name, where = backquoted(column.name), backquoted(table.relation)
    bounds = {"integer": "min({0}), max({0})", "number": "floor(min({0})), ceiling(max({0}))"}
    bounds["date"] = f"min(to_days({{0}})) - {DAYS_TO_0001}, max(to_days({{0}})) - {DAYS_TO_0001}"
    if column.kind in bounds:
        ((low, high),) = ask(connection, f"SELECT {bounds[column.kind].format(name)} FROM {where}")
        form = "days" if column.kind == "date" else ""
        return Facts() if low is None else Facts(low=int(low), high=int(high), form=form)  # type: ignore[arg-type]
    there = f"{where} WHERE {name} <> ''" if column.name in table.in_fact else where
    facts = _text_facts(connection, name, there)
    return with_code(facts, column, partial(ask, connection), name, where)


def _text_facts(connection: Any, name: str, where: str) -> Facts | None:
    marks = [
        f"max(substr({name}, {kept + 1}, 5) = '{tag}')" for kept in (UUID_KEPT, HEXADECIMAL_KEPT) for tag in UUID_TAGS
    ]
    tags = [f"max(locate({text(tag)}, {name}))" for tag in (*TAGS, *ADDRESS_TAGS)]
    (row,) = ask(
        connection,
        f"SELECT max(char_length({name})), "
        f"min({name} REGEXP '^[0-9a-fA-F]{{8}}(-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}$'), "
        f"min({name} REGEXP '^[0-9a-fA-F]{{32}}$'), "
        f"count(DISTINCT left({name}, {UUID_KEPT})) = count(DISTINCT {name}), "
        f"count(DISTINCT left({name}, {HEXADECIMAL_KEPT})) = count(DISTINCT {name}), "
        f"min({name} REGEXP '^[^@]+@[^@]+$'), {', '.join([*tags, *marks])} FROM {where}",
    )
    return text_facts(row)
