"""The questions nineam asks PostgreSQL's catalog, by name; they stand in `postgres_catalog.sql`."""

import re
from functools import cache
from importlib.resources import files
from typing import Any

NAMED = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@cache
def _questions() -> dict[str, str]:
    parts = NAMED.split(files("nineam.grow").joinpath("postgres_catalog.sql").read_text("utf-8"))
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def question(name: str) -> str:
    """Return the statement of a question; raises KeyError."""
    return _questions()[name]


def ask(connection: Any, name: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    """Ask one of the questions; every row of the answer. Raises psycopg.Error and KeyError."""
    rows = connection.execute(question(name), parameters if parameters is not None else {})
    return list(rows.fetchall())
