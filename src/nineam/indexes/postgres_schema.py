"""Reads what a PostgreSQL database has: tables, columns, indexes, numbers of rows."""

from typing import Any

from nineam.indexes.schema import ExistingIndex, Schema, Table
from nineam.model.indexes import IndexPart

TABLES = """
SELECT c.oid, n.nspname, c.relname, c.reltuples::bigint, pg_table_is_visible(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
ORDER BY n.nspname, c.relname
"""
COLUMNS = """
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod),
  a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%%', false)
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = ANY(%s) ORDER BY a.attrelid, a.attnum
"""
INDEXES = """
SELECT i.indrelid, c.relname, i.indisunique, i.indpred IS NOT NULL OR m.amname <> 'btree', i.indisprimary,
  array(SELECT coalesce(a.attname::text, '') FROM generate_series(0, i.indnkeyatts - 1) k LEFT JOIN pg_attribute a
    ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k] AND i.indkey[k] <> 0 ORDER BY k),
  array(SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnkeyatts) k ORDER BY k),
  array(SELECT i.indoption[k]::int FROM generate_series(0, i.indnkeyatts - 1) k ORDER BY k)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
WHERE i.indisvalid AND i.indrelid = ANY(%s) ORDER BY c.relname
"""
DESCENDING, NULLS_FIRST = 1, 2


def read_schema(connection: Any) -> Schema:
    """Read every table."""
    tables = connection.execute(TABLES).fetchall()
    numbers = [row[0] for row in tables]
    columns: dict[int, dict[str, str]] = {}
    given: dict[int, list[str]] = {}
    for table, name, kind, generated in connection.execute(COLUMNS, (numbers,)).fetchall():
        columns.setdefault(table, {})[name] = kind
        given.setdefault(table, []).extend([name] if generated else [])
    indexes: dict[int, list[ExistingIndex]] = {}
    keys: dict[int, list[str]] = {}
    for table, name, unique, partial, primary, names, texts, options in connection.execute(INDEXES, (numbers,)):
        parts = tuple(_part(*each) for each in zip(names, texts, options, strict=True))
        indexes.setdefault(table, []).append(ExistingIndex(name=name, parts=parts, unique=unique, partial=partial))
        if primary:
            keys[table] = names
    return Schema(
        tables=tuple(
            Table(
                name=name,
                schema=schema,
                visible=visible,
                rows=rows if rows >= 0 else _count(connection, schema, name),
                columns=columns.get(table, {}),
                indexes=tuple(indexes.get(table, ())),
                generates=keys[table][0] if keys.get(table, [""]) == given.get(table, []) else "",
            )
            for table, schema, name, rows, visible in tables
        )
    )


def _part(name: str, text: str, options: int) -> IndexPart:
    descending, first = bool(options & DESCENDING), bool(options & NULLS_FIRST)
    nulls = "" if descending == first else "first" if first else "last"
    return IndexPart(text=name or text, plain=bool(name), descending=descending, nulls=nulls)  # type: ignore[arg-type]


def _count(connection: Any, schema: str, name: str) -> int:
    place = ".".join('"' + each.replace('"', '""') + '"' for each in (schema, name))
    return int(connection.execute(f"SELECT count(*) FROM {place}").fetchone()[0])
