"""A growing copy of a PostgreSQL database."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from nineam.errors import ApplicationError, UsageError
from nineam.grow.database import Made, Refused
from nineam.grow.dialect import Dialect, Postgres, literal, quoted
from nineam.grow.plan import Plan
from nineam.grow.postgres_aside import Aside
from nineam.grow.postgres_catalog import ask
from nineam.grow.postgres_schema import measured, place
from nineam.grow.schema import Facts, Schema, Table
from nineam.grow.statements import BASE, COPY, HOT, ROW, expressions, hot_edges, referred

SPEED = ("synchronous_commit = off", "maintenance_work_mem = '256MB'", "work_mem = '64MB'", "temp_buffers = '64MB'")
HOTTEST = 1000


class PostgresClone:
    """Grows in a database called `_part`, which gets its name at the end; `drop` and `rename` know how."""

    def __init__(self, connection: Any, name: str, finish: Callable[[], Made], drop: Callable[[], None]) -> None:
        self._connection = connection
        self._name = name
        self._rename = finish
        self._drop = drop
        self.dialect: Dialect = Postgres()
        self._sql = ""
        for setting in SPEED:
            connection.execute(f"SET {setting}")
        connection.execute("BEGIN")
        self._aside = Aside(connection)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a question."""
        with self._translated("it cannot be read"):
            return list(self._connection.execute(sql).fetchall())

    def loosen(self, tables: Iterable[Table]) -> None:
        """Put aside references and triggers."""
        with self._translated("its constraints cannot be put aside"):
            self._aside.references_and_triggers(tables)

    def checks(self, table: Table) -> str:
        """Return the table's checks, those of its domains, and what its enums may be."""
        with self._translated(f"{table.name} cannot be read"):
            return "\n".join(row[0] for row in ask(self._connection, "checks", {"table": place(table)}))

    def add(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows, or none."""
        names = ", ".join(quoted(name) for name in rows[0]).replace("%", "%%")
        where, marks = place(table).replace("%", "%%"), ", ".join(["%s"] * len(rows[0]))
        with self._refusing(table), self._connection.transaction(), self._connection.cursor() as cursor:
            sql = f"INSERT INTO {where} ({names}) OVERRIDING SYSTEM VALUE VALUES ({marks})"
            cursor.executemany(sql, [tuple(row.values()) for row in rows])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def remove(self, table: Table, condition: str) -> int:
        """Remove rows for which a condition holds; how many."""
        with self._translated(f"{table.name} cannot be filled"):
            return int(self._connection.execute(f"DELETE FROM {place(table)} WHERE {condition}").rowcount)

    def measured(self, table: Table) -> tuple[Table, dict[str, Facts]]:
        """Look at a table again that had no rows when the schema was read."""
        with self._translated(f"{table.name} cannot be read"):
            return measured(self._connection, table)

    def thin(self, tables: Iterable[Table]) -> None:
        """Put aside keys and indexes."""
        with self._translated("its indexes cannot be put aside"):
            self._aside.keys_and_indexes(tables)

    def stage(self, schema: Schema, table: Table, plan: Plan) -> None:
        """Set a table's rows aside as the originals of its copies."""
        names = ", ".join(quoted(column.name) for column in table.stored)
        with self._translated(f"{table.name} cannot be read"):
            self._execute(f"DROP TABLE IF EXISTS pg_temp.{BASE}")
            self._execute(
                f"CREATE TEMPORARY TABLE {BASE} AS SELECT row_number() OVER (ORDER BY tableoid, ctid) AS {ROW}, "
                f"{names} FROM {self._own(table)}"
            )
            for number, column in enumerate(hot_edges(schema, table, plan)):
                self._find_hot(number, column, *referred(schema, table, column))
            self._execute(f"ANALYZE pg_temp.{BASE}")
        # the last copy depends on the row, in words only: so rows are the outer loop, and copies arrive in their order
        values = ", ".join(expressions(schema, table, plan, self.dialect))
        self._sql = (
            f"INSERT INTO {place(table)} ({names}) OVERRIDING SYSTEM VALUE SELECT {values} ".replace("%", "%%")
            + f"FROM (SELECT * FROM pg_temp.{BASE} WHERE {ROW} BETWEEN %s AND %s ORDER BY {ROW}) b "
            f"CROSS JOIN LATERAL generate_series(%s::integer, (%s + 0 * b.{ROW})::integer) AS k ({COPY})"
        )

    def _own(self, table: Table) -> str:
        kind = self._connection.execute(
            "SELECT relkind::text FROM pg_class WHERE oid = %s::regclass", (place(table),)
        ).fetchone()
        return place(table) if kind[0] == "p" else f"ONLY {place(table)}"

    def _find_hot(self, number: int, column: str, owner: Table, key: str) -> None:
        """Rank the parents with the most children already."""
        self._execute(f"DROP TABLE IF EXISTS pg_temp.{HOT}{number}")
        parent = quoted(column)
        self._execute(
            f"CREATE TEMPORARY TABLE {HOT}{number} AS "
            f"SELECT row_number() OVER (ORDER BY count(*) DESC, {parent})::integer AS place, {parent} AS parent "
            f"FROM pg_temp.{BASE} WHERE {parent} IN (SELECT {quoted(key)} FROM {place(owner)}) "
            f"GROUP BY {parent} ORDER BY 1 LIMIT {HOTTEST}"
        )
        self._execute(f"CREATE UNIQUE INDEX ON pg_temp.{HOT}{number} (place)")

    def insert(self, schema: Schema, table: Table, plan: Plan, part: tuple[int, int, int, int]) -> int:  # noqa: ARG002
        """Add the copies of a part of the staged table; how many rows it added."""
        with self._refusing(table):
            return int(self._connection.execute(self._sql, part).rowcount)

    def attempt(self, schema: Schema, table: Table, plan: Plan) -> None:
        """Add the first and the last copy and take them back."""
        self.stage(schema, table, plan)
        last = plan.tables[table.name].factor - 1
        self._execute("SAVEPOINT nineam_attempt")
        try:
            for copy in dict.fromkeys((1, last)):
                self.insert(schema, table, plan, (1, table.rows, copy, copy))
            with self._refusing(table):
                self._execute("SET CONSTRAINTS ALL IMMEDIATE")
        finally:
            if not self._connection.closed:
                self._execute("ROLLBACK TO nineam_attempt")

    @contextlib.contextmanager
    def _refusing(self, table: Table) -> Iterator[None]:
        import psycopg

        try:
            yield
        except (psycopg.IntegrityError, psycopg.DataError) as error:
            raise Refused(f"its copies are refused: {first_line(error)}") from None
        except psycopg.Error as error:
            raise self._gave_up(table.name, error) from None

    def tighten(self) -> None:
        """Bring everything back, which validates it."""
        with self._translated("a constraint does not hold"):
            self._execute(f"DROP TABLE IF EXISTS pg_temp.{BASE}")
            self._execute("SET CONSTRAINTS ALL IMMEDIATE")
            for statement in self._aside.back():
                self._execute(statement)
            self._execute("COMMIT")

    def finish(self, schema: Schema) -> None:  # noqa: ARG002 - the interface's
        """Move sequences on, bring materialized views up to date, and tell the planner what there is now."""
        with self._translated("cannot be analysed"):
            largest: dict[str, int] = {}
            for sequence, table, column in ask(self._connection, "sequences"):
                (found,) = self._connection.execute(f"SELECT max({quoted(column)}) FROM {table}").fetchone()
                largest[sequence] = max(largest.get(sequence, 0), int(found or 0))
            for sequence, value in largest.items():
                if value:
                    self._execute(
                        f"SELECT setval({literal(sequence)}, greatest({value}, (SELECT last_value FROM {sequence})))"
                    )
            for (view,) in ask(self._connection, "views"):
                self._execute(f"REFRESH MATERIALIZED VIEW {view}")
            self._execute("VACUUM (ANALYZE)")

    def publish(self) -> Made:
        """Give the database its name, and close."""
        self._connection.close()
        return self._rename()

    def discard(self) -> None:
        """Remove the database, and close."""
        self._connection.close()
        self._drop()

    def _execute(self, sql: str) -> None:
        self._connection.execute(sql)

    @contextlib.contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        import psycopg

        try:
            yield
        except psycopg.errors.InsufficientPrivilege as error:
            raise UsageError(
                f"{what}: {first_line(error)}", hint="grow as the owner of the tables, or as a superuser"
            ) from None
        except psycopg.Error as error:
            raise self._gave_up(what, error) from None

    def _gave_up(self, what: str, error: Exception) -> ApplicationError:
        hint = "is the server still there, and room on its disk?" if self._connection.closed else ""
        return ApplicationError(f"the clone {self._name}: {what}: {first_line(error)}", hint=hint)


def first_line(error: Exception) -> str:
    """Return what the server says first, and the detail beneath it when there is one."""
    diagnosis = getattr(error, "diag", None)
    primary = getattr(diagnosis, "message_primary", None) or (str(error).splitlines() or [type(error).__name__])[0]
    detail = getattr(diagnosis, "message_detail", None)
    return f"{primary} ({detail})" if detail else primary
