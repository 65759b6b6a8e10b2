"""A growing copy of an SQLite file."""

import contextlib
import math
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nineam.errors import ApplicationError
from nineam.grow.database import Made, Refused
from nineam.grow.dialect import Dialect, Sqlite, literal, quoted
from nineam.grow.half_made import HalfMade
from nineam.grow.plan import Plan
from nineam.grow.schema import Facts, Schema, Table
from nineam.grow.sqlite_schema import measured
from nineam.grow.statements import BASE, COPY, HOT, ROW, expressions, hot_edges, referred

MARK = "nineam_clone"
"""The table by which a clone is known: of what it is one."""
SERIES = "nineam_series"
OPERATIONS = 200_000
"""Steps of SQLite's virtual machine between two looks at whether Ctrl-C was pressed."""
SPEED = ("journal_mode = MEMORY", "synchronous = OFF", "cache_size = -200000", "temp_store = MEMORY")
HOTTEST = 1000


def interruptible(connection: sqlite3.Connection) -> None:
    """Let Ctrl-C end a long statement."""
    connection.set_progress_handler(lambda: 0, OPERATIONS)


def with_mathematics(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that some builds of SQLite leave out."""
    try:
        connection.execute("SELECT power(2, 2), floor(1.5)")
    except sqlite3.OperationalError:
        connection.create_function("power", 2, math.pow, deterministic=True)
        connection.create_function("floor", 1, math.floor, deterministic=True)


class SqliteClone:
    """Grows in a half-made file, which gets its name at the end."""

    def __init__(self, half: HalfMade, target: Path, *, wal: bool, source: str) -> None:
        self._half = half
        self._target = target
        self._wal = wal
        self.dialect: Dialect = Sqlite()
        self._aside: list[str] = []
        self._sql = ""
        self._connection = sqlite3.connect(half.path, isolation_level=None)
        interruptible(self._connection)
        with_mathematics(self._connection)
        self._grown: dict[str, int] = {}
        with self._translated("cannot be opened"):
            for setting in (*SPEED, "foreign_keys = OFF"):
                self._connection.execute(f"PRAGMA {setting}")
            self._broken = self._violations()
            self._connection.execute(f"CREATE TABLE {MARK} (source TEXT NOT NULL)")
            self._connection.execute(f"INSERT INTO {MARK} VALUES (?)", (source,))
            self._connection.execute("BEGIN")

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a question."""
        with self._translated("cannot be read"):
            return self._connection.execute(sql).fetchall()

    def loosen(self, tables: Iterable[Table]) -> None:
        """Put aside the triggers of these tables."""
        self._put_aside("trigger", tables)

    def checks(self, table: Table) -> str:
        """Return the statement that made the table."""
        found = self.ask(f"SELECT sql FROM sqlite_master WHERE type = 'table' AND name = {literal(table.relation)}")
        return str(found[0][0])

    def add(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows, or none."""
        names = ", ".join(quoted(name) for name in rows[0])
        marks = ", ".join("?" * len(rows[0]))
        self._connection.execute("SAVEPOINT nineam_add")
        try:
            with self._refusing(table):
                sql = f"INSERT INTO main.{quoted(table.relation)} ({names}) VALUES ({marks})"
                self._connection.executemany(sql, [tuple(row.values()) for row in rows])
        except BaseException:
            self._connection.execute("ROLLBACK TO nineam_add")
            raise
        finally:
            self._connection.execute("RELEASE nineam_add")

    def remove(self, table: Table, condition: str) -> int:
        """Remove rows for which a condition holds; how many."""
        with self._translated(f"{table.name} cannot be filled"):
            return self._connection.execute(f"DELETE FROM main.{quoted(table.relation)} WHERE {condition}").rowcount

    def measured(self, table: Table) -> tuple[Table, dict[str, Facts]]:
        """Look at a table again that had no rows when the schema was read."""
        with self._translated(f"{table.name} cannot be read"):
            return measured(self._connection, table)

    def thin(self, tables: Iterable[Table]) -> None:
        """Put aside the indexes of these tables that are no constraints."""
        self._put_aside("index", tables)

    def _put_aside(self, kind: str, tables: Iterable[Table]) -> None:
        for table in tables:
            found = self._connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = ? AND tbl_name = ? AND sql IS NOT NULL",
                (kind, table.relation),
            ).fetchall()
            for name, sql in found:
                self._connection.execute(f"DROP {kind} {quoted(name)}")
                self._aside.append(sql)

    def stage(self, schema: Schema, table: Table, plan: Plan) -> None:
        """Set a table's rows aside as the originals of its copies."""
        names = ", ".join(quoted(column.name) for column in table.stored)
        copies = plan.tables[table.name].factor - 1
        with self._translated(f"{table.name} cannot be read"):
            for each in (BASE, SERIES):
                self._connection.execute(f"DROP TABLE IF EXISTS temp.{each}")
            self._connection.execute(f"CREATE TABLE temp.{BASE} ({ROW} INTEGER PRIMARY KEY, {names})")
            self._connection.execute(
                f"INSERT INTO temp.{BASE} ({names}) SELECT {names} FROM main.{quoted(table.relation)} NOT INDEXED"
            )
            self._connection.execute(f"CREATE TABLE temp.{SERIES} ({COPY} INTEGER PRIMARY KEY)")
            self._connection.execute(
                f"INSERT INTO temp.{SERIES} WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                f"WHERE i < {copies}) SELECT i FROM n"
            )
            for number, column in enumerate(hot_edges(schema, table, plan)):
                self._find_hot(number, column, *referred(schema, table, column))
        values = ", ".join(expressions(schema, table, plan, self.dialect))
        self._grown[table.name] = copies + 1
        self._sql = (
            f"INSERT INTO main.{quoted(table.relation)} ({names}) SELECT {values} "
            f"FROM temp.{BASE} b CROSS JOIN temp.{SERIES} k "
            f"WHERE b.{ROW} BETWEEN ? AND ? AND k.{COPY} BETWEEN ? AND ?"
        )

    def _find_hot(self, number: int, column: str, parent: Table, key: str) -> None:
        """Rank the parents with the most children already."""
        self._connection.execute(f"DROP TABLE IF EXISTS temp.{HOT}{number}")
        self._connection.execute(f"CREATE TABLE temp.{HOT}{number} (place INTEGER PRIMARY KEY, parent)")
        self._connection.execute(
            f"INSERT INTO temp.{HOT}{number} (parent) SELECT {quoted(column)} FROM temp.{BASE} "
            f"WHERE {quoted(column)} IN (SELECT {quoted(key)} FROM main.{quoted(parent.relation)}) "
            f"GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {HOTTEST}"
        )

    def insert(self, schema: Schema, table: Table, plan: Plan, part: tuple[int, int, int, int]) -> int:  # noqa: ARG002
        """Add the copies of a part of the staged table; how many rows it added."""
        with self._refusing(table):
            return self._connection.execute(self._sql, part).rowcount

    @contextlib.contextmanager
    def _refusing(self, table: Table) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise Refused(f"its copies break a constraint: {error}") from None
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                raise KeyboardInterrupt from None
            raise ApplicationError(
                f"{table.name} cannot grow: {error}", hint="is there room on the disk for the clone?"
            ) from None

    def attempt(self, schema: Schema, table: Table, plan: Plan) -> None:
        """Add the first and the last copy and take them back."""
        self.stage(schema, table, plan)
        last = plan.tables[table.name].factor - 1
        self._connection.execute("SAVEPOINT nineam_attempt")
        try:
            for copy in dict.fromkeys((1, last)):
                self.insert(schema, table, plan, (1, table.rows, copy, copy))
        finally:
            self._connection.execute("ROLLBACK TO nineam_attempt")
            self._connection.execute("RELEASE nineam_attempt")

    def tighten(self) -> None:
        """Bring back indexes and triggers, and look at every reference."""
        with self._translated("what was put aside does not come back"):
            for sql in self._aside:
                self._connection.execute(sql)
            self._connection.execute("COMMIT")
        found, before = self._violations(), self._broken
        for table, count in found.items():
            if count > before[table] * self._grown.get(table, 1):
                raise ApplicationError(
                    f"{count} rows of {table} refer to nothing, {before[table]} did before", hint="please report this"
                )

    def _violations(self) -> Counter[str]:
        """Count by table the rows whose reference leads nowhere; what SQLite itself cannot check counts as nothing."""
        try:
            return Counter(row[0] for row in self._connection.execute("PRAGMA foreign_key_check"))
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                raise KeyboardInterrupt from None
            return Counter()

    def finish(self, schema: Schema) -> None:
        """Rebuild full-text indexes over grown tables, and tell the planner what there is now."""
        with self._translated("cannot be analysed"):
            for table in schema.tables.values():
                if table.fixed:
                    self._rebuild(table)
            self._connection.execute("ANALYZE main")

    def _rebuild(self, table: Table) -> None:
        with contextlib.suppress(sqlite3.OperationalError):  # it is no full-text index, or one that keeps its own text
            name = quoted(table.relation)
            self._connection.execute(f"INSERT INTO {name} ({name}) VALUES ('rebuild')")

    def publish(self) -> Made:
        """Give the file its name, and close."""
        with self._translated("cannot be finished"):
            self._connection.execute(f"PRAGMA journal_mode = {'WAL' if self._wal else 'DELETE'}")
            self._connection.close()
        self._half.publish(self._target)
        return Made(name=str(self._target), address=f"sqlite:///{self._target.absolute()}")

    def discard(self) -> None:
        """Remove the file, and close."""
        self._connection.close()
        self._half.remove()

    @contextlib.contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if "interrupted" in str(error):
                raise KeyboardInterrupt from None
            raise ApplicationError(f"the clone {self._target}: {what}: {error}", hint="is the disk full?") from None
