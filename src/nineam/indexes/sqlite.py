"""SQLite: executing is next to nothing there and the work is in fetching, so everything is fetched."""

import contextlib
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from nineam.indexes.database import (
    LIMIT_S,
    TRIED,
    PlanInWords,
    Refused,
    TooLong,
    WithoutForesight,
    no_clone,
    refusal,
    spelt,
)
from nineam.indexes.schema import Schema, Table
from nineam.indexes.sqlite_schema import read_schema
from nineam.model.indexes import IndexPart

MARK = "nineam_clone"
OPERATIONS = 100_000
"""Steps of SQLite's virtual machine between two looks at the clock."""
SAMPLE = 2000
QUOTE = '"'
MODULUS, GOLDEN = 2**31 - 1, 1327217885
"""Numbers that spread rowids evenly, whatever distance they have."""
USED = re.compile(r"USING (?:COVERING )?INDEX (\S+)")


class SqliteDatabase(WithoutForesight):
    """A clone in a file; `now` is a clock in seconds."""

    kind = "sqlite"
    marker = "?"
    reversible = True

    def __init__(self, connection: sqlite3.Connection, now: Callable[[], float]) -> None:
        """Take a connection in autocommit mode; raises UsageError when it leads to no clone."""
        self._connection = connection
        self._now = now
        self._until = float("inf")
        self._plans = 0
        if not connection.execute("SELECT count(*) FROM sqlite_master WHERE name = ?", (MARK,)).fetchone()[0]:
            raise no_clone("this database")
        connection.execute("PRAGMA cache_spill = OFF")  # what is rolled back need not go to the disk
        connection.execute("PRAGMA synchronous = OFF")
        connection.set_progress_handler(self._over, OPERATIONS)
        self.drop()

    def _over(self) -> int:
        return int(self._now() > self._until)

    def schema(self) -> Schema:
        """Read tables, columns, indexes and numbers of rows."""
        return read_schema(self._connection, hidden=(MARK,))

    def sample(self, table: Table, expressions: Sequence[str], seed: int) -> list[tuple[Any, ...]]:
        """Return expressions over rows from all over the table; of tables without rowid the first ones."""
        share = min(1.0, SAMPLE / max(1, table.rows))
        spread = f"((rowid % {MODULUS} * {GOLDEN} + {seed % MODULUS}) % {MODULUS})"
        chosen = f"WHERE {spread} <= {int(share * MODULUS)}"
        wanted = f"SELECT {', '.join(expressions)} FROM {_quoted(table.name)}"
        try:
            return self._fetched(f"{wanted} {chosen} LIMIT {2 * SAMPLE}", ())
        except Refused:
            return self._fetched(f"{wanted} LIMIT {SAMPLE}", ())

    def run(self, sql: str, values: Sequence[Any]) -> None:
        """Execute a statement and fetch everything."""
        self._fetched(sql, values)

    def _fetched(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        self._until = self._now() + LIMIT_S
        try:
            return self._connection.execute(sql, values).fetchall()
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise self._answer(error, values) from None
        finally:
            self._until = float("inf")

    def _answer(self, error: Exception, values: Sequence[Any] = ()) -> Exception:
        if "interrupted" in str(error):
            return TooLong() if self._over() else KeyboardInterrupt()  # type: ignore[return-value]
        return refusal(error, values)

    def plan(self, sql: str, values: Sequence[Any]) -> PlanInWords:
        """Ask for the plan of a statement."""
        self._plans += 1  # the same text again would be answered as it was before an index came or went
        found = self._fetched(f"EXPLAIN QUERY PLAN {sql} -- {self._plans}", values)
        words = "; ".join(row[3] for row in found)
        return PlanInWords(text=words, indexes=frozenset(USED.findall(words)))

    def build(self, table: Table, parts: Iterable[IndexPart]) -> None:
        """Build an index and count what is in it."""
        parts = tuple(parts)
        if any(each.nulls for each in parts):
            raise Refused("SQLite's indexes keep NULL at one end only")
        self.write(f"CREATE INDEX {TRIED} ON {_quoted(table.name)} ({spelt(parts, QUOTE)})")
        self.write(f"ANALYZE {TRIED}")

    def drop(self) -> None:
        """Drop the index."""
        self._connection.execute(f"DROP INDEX IF EXISTS {TRIED}")

    @contextlib.contextmanager
    def without(self) -> Iterator[None]:
        """Drop the index in a transaction that is rolled back."""
        with self.undone():
            self._connection.execute(f"DROP INDEX IF EXISTS {TRIED}")
            yield

    @contextlib.contextmanager
    def undone(self) -> Iterator[None]:
        """Roll back what is done inside; inside another one, only what is done in this one."""
        inner = self._connection.in_transaction
        self._connection.execute("SAVEPOINT nineam" if inner else "BEGIN")
        try:
            yield
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK TO nineam" if inner else "ROLLBACK")

    def tidy(self, table: Table) -> None:
        """Do nothing: what is taken back leaves nothing here."""

    def size(self, table: Table) -> int:  # noqa: ARG002 - the interface's
        """Return the bytes of the pages that are free once the index is dropped."""
        (page,) = self._connection.execute("PRAGMA page_size").fetchone()
        (before,) = self._connection.execute("PRAGMA freelist_count").fetchone()
        with self.without():
            (after,) = self._connection.execute("PRAGMA freelist_count").fetchone()
        return int((after - before) * page)

    def write(self, sql: str) -> None:
        """Execute a statement that writes."""
        try:
            self._connection.execute(sql)
        except sqlite3.Error as error:
            raise self._answer(error) from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
