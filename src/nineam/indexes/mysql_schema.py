"""Reads what a MySQL database has: tables, columns, indexes, numbers of rows."""

from collections.abc import Callable, Iterable
from typing import Any

from nineam.indexes.schema import ExistingIndex, Schema, Table
from nineam.model.indexes import IndexPart

TABLES = (
    "SELECT table_name, table_rows FROM information_schema.tables "
    "WHERE table_schema = database() AND table_type = 'BASE TABLE' ORDER BY table_name"
)
COLUMNS = (
    "SELECT table_name, column_name, data_type, extra LIKE '%auto_increment%' FROM information_schema.columns "
    "WHERE table_schema = database() ORDER BY table_name, ordinal_position"
)
INDEXES = (
    "SELECT table_name, index_name, non_unique, column_name, collation, sub_part, index_type "
    "FROM information_schema.statistics WHERE table_schema = database() ORDER BY table_name, index_name, seq_in_index"
)
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
    for table, index, *part in ask(INDEXES):
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
            )
            for name, rows in ask(TABLES)
            if name not in set(hidden)
        )
    )


def _index(name: str, rows: list[tuple[Any, ...]]) -> ExistingIndex:
    """Put an index together; one over the beginnings of its columns, or a full-text one, finds some things only."""
    return ExistingIndex(
        name=name,
        parts=tuple(
            IndexPart(text=column or "(expression)", plain=column is not None, descending=order == "D")
            for _, column, order, _, _ in rows
        ),
        unique=not rows[0][0],
        partial=any(length is not None or kind != "BTREE" for *_, length, kind in rows),
    )
