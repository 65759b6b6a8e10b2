"""Reads what an SQLite database has: tables, columns, indexes, numbers of rows."""

import sqlite3
from collections.abc import Iterable, Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from nineam.indexes.schema import ExistingIndex, Schema, Table
from nineam.model.indexes import IndexPart

EXPRESSION = -2
"""The number that SQLite gives to a part of an index that is no column."""


def read_schema(connection: sqlite3.Connection, hidden: Iterable[str]) -> Schema:
    """Read the main database's ordinary tables."""
    rows = connection.execute(
        "SELECT name, sql LIKE '%WITHOUT ROWID%' FROM sqlite_master WHERE type = 'table' "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
    ).fetchall()
    return Schema(tables=tuple(_table(connection, name, bool(bare)) for name, bare in rows if name not in set(hidden)))


def _table(connection: sqlite3.Connection, name: str, without_rowid: bool) -> Table:
    columns = connection.execute("SELECT name, type, pk FROM pragma_table_xinfo(?)", (name,)).fetchall()
    keys = [(column, kind) for column, kind, pk in columns if pk]
    rowid = len(keys) == 1 and keys[0][1].upper() == "INTEGER" and not without_rowid
    found = list(_indexes(connection, name))
    if rowid:
        found.append(ExistingIndex(name="rowid", parts=(IndexPart(text=keys[0][0]),), unique=True))
    quoted = name.replace('"', '""')
    return Table(
        name=name,
        rows=connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0],
        columns={column: kind for column, kind, _ in columns},
        indexes=tuple(found),
        generates=keys[0][0] if rowid else "",
    )


def _indexes(connection: sqlite3.Connection, table: str) -> Iterator[ExistingIndex]:
    listed = connection.execute('SELECT name, "unique", partial FROM pragma_index_list(?)', (table,)).fetchall()
    for name, unique, partial in listed:
        rows = connection.execute(
            'SELECT cid, name, "desc" FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno', (name,)
        ).fetchall()
        texts = _texts(connection, name) if any(cid == EXPRESSION for cid, _, _ in rows) else []
        parts = tuple(
            IndexPart(
                text=column or (texts[at] if at < len(texts) else "?"), plain=cid != EXPRESSION, descending=bool(down)
            )
            for at, (cid, column, down) in enumerate(rows)
        )
        yield ExistingIndex(name=name, parts=parts, unique=bool(unique), partial=bool(partial))


def _texts(connection: sqlite3.Connection, index: str) -> list[str]:
    """Return the parts of an index as it was written."""
    (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (index,)).fetchone()
    try:
        parameters = sqlglot.parse_one(sql, dialect="sqlite").find(exp.IndexParameters)
    except SqlglotError:
        return []
    columns = parameters.args.get("columns") or [] if parameters is not None else []
    return [(each.this if isinstance(each, exp.Ordered) else each).unnest().sql(dialect="sqlite") for each in columns]
