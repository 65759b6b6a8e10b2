"""Reads what a MySQL database has: tables, columns, indexes, numbers of rows."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from nineam.indexes.schema import ExistingIndex, Schema, Table
from nineam.model.indexes import IndexPart

TABLES = (
    "SELECT table_name, table_rows, engine FROM information_schema.tables "
    "WHERE table_schema = database() AND table_type = 'BASE TABLE' ORDER BY table_name"
)
COLUMNS = (
    "SELECT table_name, column_name, data_type, extra LIKE '%auto_increment%' FROM information_schema.columns "
    "WHERE table_schema = database() ORDER BY table_name, ordinal_position"
)
STATISTICS = (
    "SELECT lower(column_name) FROM information_schema.columns "
    "WHERE lower(table_schema) = 'information_schema' AND lower(table_name) = 'statistics'"
)
INDEXES = (
    "SELECT table_name, index_name, non_unique, column_name, collation, sub_part, index_type, {expression} "
    "FROM information_schema.statistics WHERE table_schema = database() AND {seen} "
    "ORDER BY table_name, index_name, seq_in_index"
)
SEEN = {"is_visible": "is_visible = 'YES'", "ignored": "ignored = 'NO'"}
"""How MySQL and MariaDB say that the planner knows of an index, where they let it be hidden."""
INTRODUCER = re.compile(r"_\w+(?=')")
TRANSACTIONAL = ("innodb", "ndbcluster", "rocksdb")
Ask = Callable[[str], list[tuple[Any, ...]]]


def read_schema(ask: Ask, hidden: Iterable[str]) -> Schema:
    """Read the tables of the database that a connection is in."""
    columns: dict[str, dict[str, str]] = {}
    given: dict[str, str] = {}
    for table, name, kind, generated in ask(COLUMNS):
        columns.setdefault(table, {})[name] = kind
        if generated:
            given[table] = name
    parts: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for table, index, *part in ask(_indexes_of(ask)):
        parts.setdefault((table, index), []).append(tuple(part))
    indexes: dict[str, list[ExistingIndex]] = {}
    for (table, name), rows in parts.items():
        indexes.setdefault(table, []).append(_index(name, rows))
    return Schema(
        tables=tuple(
            Table(
                name=name,
                rows=int(rows or 0),
                columns=columns.get(name, {}),
                indexes=tuple(indexes.get(name, ())),
                generates=given.get(name, ""),
                transactional=str(engine).lower() in TRANSACTIONAL,
            )
            for name, rows, engine in ask(TABLES)
            if name not in set(hidden)
        )
    )


def _indexes_of(ask: Ask) -> str:
    """Return the question for indexes in the words of this server: not all have expressions, or hide indexes."""
    there = {name for (name,) in ask(STATISTICS)}
    seen = next((words for column, words in SEEN.items() if column in there), "true")
    return INDEXES.format(expression="expression" if "expression" in there else "NULL", seen=seen)


def _index(name: str, rows: list[tuple[Any, ...]]) -> ExistingIndex:
    """Put an index together; one over the beginnings of its columns, or a full-text one, finds some things only."""
    return ExistingIndex(
        name=name,
        parts=tuple(
            IndexPart(text=column or _written(expression), plain=column is not None, descending=order == "D")
            for _, column, order, _, _, expression in rows
        ),
        unique=not rows[0][0],
        partial=any(length is not None or kind != "BTREE" for *_, length, kind, _ in rows),
    )


def _written(expression: str | None) -> str:
    """Return an expression as somebody would write it: the server escapes its texts and names their characters."""
    return INTRODUCER.sub("", (expression or "(expression)").replace("\\'", "'"))
