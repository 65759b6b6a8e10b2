"""The statement that adds an index in production, and what the index is called. Pure."""

import re

from nineam.indexes.database import spelt
from nineam.indexes.schema import Table
from nineam.model.indexes import IndexPart

LONGEST_NAME = 30
"""Django takes no longer ones, so nobody is given one."""
SIMPLE = re.compile(r"[a-z_][a-z0-9_]*")
WORD = re.compile(r"\w+")
RESERVED = frozenset(
    (
        *("all", "and", "any", "as", "asc", "between", "by", "case", "check", "column", "create", "cross", "current"),
        *("default", "delete", "desc", "distinct", "else", "end", "except", "for", "foreign", "from", "full", "grant"),
        *("group", "groups", "having", "in", "index", "inner", "insert", "intersect", "into", "is", "join", "key"),
        *("left", "like", "limit", "natural", "not", "null", "offset", "on", "or", "order", "outer", "primary"),
        *("rank", "references", "right", "row", "rows", "select", "set", "table", "then", "to", "trigger", "union"),
        *("unique", "update", "user", "using", "values", "when", "where", "window", "with"),
    )
)
"""Words that at least one of the databases does not take for a name."""


def index_name(table: str, parts: tuple[IndexPart, ...]) -> str:
    """Return a name in the manner of `ix_orders_status_created_at`, cut to what every framework takes."""
    words = [word for part in parts for word in ([part.text] if part.plain else WORD.findall(part.text))]
    return re.sub(r"\W", "_", "_".join(["ix", table, *words])).lower()[:LONGEST_NAME].rstrip("_")


def create_index(kind: str, table: Table, parts: tuple[IndexPart, ...], name: str) -> str:
    """Return the statement; PostgreSQL builds it beside those who write."""
    quote = "`" if kind == "mysql" else '"'
    place = (
        f"{_plain(table.schema, quote)}.{_plain(table.name, quote)}" if not table.visible else _plain(table.name, quote)
    )
    inside = ", ".join(_part(each, quote) for each in parts)
    how = "CREATE INDEX CONCURRENTLY" if kind == "postgresql" else "CREATE INDEX"
    return f"{how} {name} ON {place} ({inside})"


def _part(part: IndexPart, quote: str) -> str:
    written = spelt((part,), quote)
    quoted = f"{quote}{part.text}{quote}"
    return written.replace(quoted, _plain(part.text, quote), 1) if part.plain else written


def _plain(name: str, quote: str) -> str:
    """Quote a name only where it needs it."""
    if SIMPLE.fullmatch(name) and name not in RESERVED:
        return name
    return f"{quote}{name.replace(quote, quote * 2)}{quote}"
