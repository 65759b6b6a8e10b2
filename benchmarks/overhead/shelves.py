"""The tables that the applications read: 20 authors with 5 books each; lazily loaded, 21 queries and 120 rows."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

AUTHORS, BOOKS_EACH = 20, 5
QUERIES, ROWS = 1 + AUTHORS, AUTHORS * (1 + BOOKS_EACH)
CREATE = """
create table nineam_bench_author (id integer primary key, name text not null);
create table nineam_bench_book (
  id integer primary key,
  author_id integer not null references nineam_bench_author (id),
  title text not null,
  pages integer not null
);
create index nineam_bench_book_author on nineam_bench_book (author_id);
"""


def fill() -> str:
    """Give the statements that fill both tables."""
    authors = ", ".join(f"({number}, 'author {number}')" for number in range(AUTHORS))
    books = ", ".join(
        f"({number}, {number % AUTHORS}, 'book {number}', {100 + number})" for number in range(AUTHORS * BOOKS_EACH)
    )
    return f"insert into nineam_bench_author values {authors}; insert into nineam_bench_book values {books};"


def make_file(path: Path) -> None:
    """Make a SQLite file with both tables."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(CREATE + fill())


@contextlib.contextmanager
def in_postgres(url: str, schema: str) -> Iterator[None]:
    """Make both tables in a schema of a PostgreSQL database until the end of the block. Raises what psycopg raises."""
    import psycopg  # noqa: PLC0415 - only who asks for PostgreSQL needs it

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"create schema {schema}; set search_path to {schema}")
        try:
            connection.execute(CREATE + fill())
            connection.execute("analyze nineam_bench_author, nineam_bench_book")
            yield
        finally:
            connection.execute(f"drop schema {schema} cascade")
