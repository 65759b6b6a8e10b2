"""PostgreSQL: indexes come and go in transactions, values are put in by the client as an application's driver may."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from nineam.indexes.database import LIMIT_S, TRIED, PlanInWords, Refused, TooLong, no_clone, refusal, spelt
from nineam.indexes.hypothetical import Hypothetical
from nineam.indexes.postgres_schema import read_schema
from nineam.indexes.schema import Schema, Table
from nineam.model.indexes import IndexPart

MARK = "nineam: a clone of "
SAMPLE = 2000
QUOTE = '"'
COMMENT = "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
SETTINGS = (
    f"statement_timeout = {int(LIMIT_S * 1000)}",
    "max_parallel_workers_per_gather = 0",  # under load there are none left, and they make times uneven
    "maintenance_work_mem = '256MB'",
)


class PostgresDatabase:
    """A clone behind a connection of psycopg in autocommit mode."""

    kind = "postgresql"
    marker = "%s"
    reversible = True

    def __init__(self, connection: Any) -> None:
        """Take a connection whose cursors put values in by themselves; raises UsageError when it leads to no clone."""
        self._connection = connection
        name, comment = connection.execute(COMMENT).fetchone()
        if not (comment or "").startswith(MARK):
            raise no_clone(name)
        for setting in SETTINGS:
            connection.execute(f"SET {setting}")
        self._schema = ""
        self._hypothetical = Hypothetical(connection)
        for (schema,) in connection.execute(
            "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relname = %s", (TRIED,)
        ).fetchall():
            connection.execute(f"DROP INDEX {_quoted(schema)}.{TRIED}")

    def schema(self) -> Schema:
        """Read tables, columns, indexes and numbers of rows."""
        return read_schema(self._connection)

    def sample(self, table: Table, expressions: Sequence[str], seed: int) -> list[tuple[Any, ...]]:
        """Return expressions over about 2,000 rows."""
        percent = min(100.0, 100.0 * SAMPLE / max(1, table.rows))
        return self._fetched(
            f"SELECT {', '.join(expressions)} FROM {_place(table)} "
            f"TABLESAMPLE BERNOULLI ({percent:.6f}) REPEATABLE ({seed})".replace("%", "%%"),
            (),
        )

    def run(self, sql: str, values: Sequence[Any]) -> None:
        """Execute a statement and fetch everything."""
        self._fetched(sql, values)

    def _fetched(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._answered(values):
            cursor = self._connection.execute(sql, tuple(values))
            return cursor.fetchall() if cursor.description else []

    @contextlib.contextmanager
    def _answered(self, values: Sequence[Any] = ()) -> Iterator[None]:
        import psycopg

        try:
            yield
        except psycopg.errors.QueryCanceled:
            raise TooLong from None
        except psycopg.Error as error:
            if self._connection.closed:
                raise
            raise refusal(error, values) from None

    def plan(self, sql: str, values: Sequence[Any]) -> PlanInWords:
        """Ask for the plan of a statement."""
        ((answer,),) = self._fetched(f"EXPLAIN (FORMAT JSON) {sql}", values)
        document = json.loads(answer) if isinstance(answer, str) else answer
        nodes = list(_nodes(document[0]["Plan"]))
        return PlanInWords(
            text=" < ".join(_words(node) for node in nodes),
            indexes=frozenset(node["Index Name"] for node in nodes if "Index Name" in node),
        )

    def would_use(
        self, table: Table, parts: Iterable[IndexPart], asked: Iterable[tuple[str, Sequence[Any]]]
    ) -> bool | None:
        """Ask hypopg; not of expressions, whose values nobody has counted before they are built."""
        parts = tuple(parts)
        if not all(each.plain for each in parts):
            return None
        create = f"CREATE INDEX ON {_place(table)} ({spelt(parts, QUOTE)})"
        try:
            with self.undone():
                return self._hypothetical.would_use(create, lambda: (self.plan(*each).indexes for each in asked))
        except (Refused, TooLong):
            return None

    def build(self, table: Table, parts: Iterable[IndexPart]) -> None:
        """Build an index; one over an expression is analysed, as the planner knows nothing of its values else."""
        parts = tuple(parts)
        self._schema = table.schema
        self.write(f"CREATE INDEX {TRIED} ON {_place(table)} ({spelt(parts, QUOTE)})")
        if not all(each.plain for each in parts):
            self.write(f"ANALYZE {_place(table)}")

    def drop(self) -> None:
        """Drop the index."""
        self._connection.execute(f"DROP INDEX IF EXISTS {_quoted(self._schema or 'public')}.{TRIED}")

    @contextlib.contextmanager
    def without(self) -> Iterator[None]:
        """Drop the index in a transaction that is rolled back."""
        with self.undone():
            self.drop()
            yield

    @contextlib.contextmanager
    def undone(self) -> Iterator[None]:
        """Roll back what is done inside; inside another one, only what is done in this one."""
        inner = self._connection.info.transaction_status.name != "IDLE"
        self._connection.execute("SAVEPOINT nineam" if inner else "BEGIN")
        try:
            yield
        finally:
            if not self._connection.closed:
                self._connection.execute("ROLLBACK TO SAVEPOINT nineam" if inner else "ROLLBACK")

    def tidy(self, table: Table) -> None:
        """Give back the room of rows whose writing was taken back, which every later statement would read over."""
        self.write(f"VACUUM {_place(table)}")

    def size(self, table: Table) -> int:
        """Return the bytes of the index."""
        place = f"{_quoted(table.schema)}.{TRIED}"
        return int(self._connection.execute("SELECT pg_relation_size(%s::regclass)", (place,)).fetchone()[0])

    def write(self, sql: str) -> None:
        """Execute a statement that writes, however long it takes to build an index or to tidy up."""
        unlimited = sql.startswith(("CREATE", "VACUUM"))
        with self._answered():
            self._connection.execute("SET statement_timeout = 0" if unlimited else "SELECT 1")
            try:
                self._connection.execute(sql)
            finally:
                if unlimited:
                    self._connection.execute(f"SET {SETTINGS[0]}")


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from _nodes(each)


def _words(node: dict[str, Any]) -> str:
    where = node.get("Index Name") or node.get("Relation Name")
    return f"{node['Node Type']} on {where}" if where else str(node["Node Type"])


def _place(table: Table) -> str:
    return f"{_quoted(table.schema)}.{_quoted(table.name)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
