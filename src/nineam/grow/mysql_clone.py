"""A growing copy of a MySQL or MariaDB database."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from nineam.errors import ApplicationError
from nineam.grow.database import Made, Refused
from nineam.grow.dialect import Dialect
from nineam.grow.dialect_mysql import Mysql, backquoted
from nineam.grow.mysql_schema import ask, measured
from nineam.grow.plan import Plan
from nineam.grow.schema import Facts, ForeignKey, Schema, Table
from nineam.grow.statements import BASE, COPY, HOT, ROW, expressions, hot_edges, referred

SERIES, ATTEMPT = "nineam_series", "nineam_attempt"
REFUSALS = (3819, 4025, 1526)
"""A check does not hold (MySQL, MariaDB), and no partition takes a row: no IntegrityErrors, by the driver's table."""
HOTTEST, BATCH = 1000, 5000


class MysqlClone:
    """Grows in a database that is marked as half made; `triggers` come back at the end."""

    def __init__(self, connection: Any, triggers: Iterable[str], finish: Callable[[], Made], drop: Callable[[], None]):
        self._connection = connection
        self._triggers = tuple(triggers)
        self._marked = finish
        self._drop = drop
        self.dialect: Dialect = Mysql()
        self._sql = ""
        self._series = 0
        self._lost: dict[tuple[str, ForeignKey], int] = {}
        self._grown: dict[str, int] = {}
        self._ours = [BASE, SERIES]

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a question."""
        with self._translated("it cannot be read"):
            return ask(self._connection, sql)

    def loosen(self, tables: Iterable[Table]) -> None:
        """Count the references that lead nowhere already; triggers are not there yet, and nothing is checked."""
        for table in tables:
            for key in table.foreign_keys:
                self._lost[table.name, key] = self._lead_nowhere(table, key)

    def checks(self, table: Table) -> str:
        """Return the statement that makes the table."""
        return str(self.ask(f"SHOW CREATE TABLE {backquoted(table.relation)}")[0][1])

    def add(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows, or none."""
        names, marks = ", ".join(map(backquoted, rows[0])), ", ".join(["%s"] * len(rows[0]))
        sql = f"INSERT INTO {backquoted(table.relation)} ({names})".replace("%", "%%") + f" VALUES ({marks})"
        self._connection.begin()
        try:
            with self._refusing(table), self._connection.cursor() as cursor:
                cursor.executemany(sql, [tuple(row.values()) for row in rows])
            self._connection.commit()
        except Refused:
            self._connection.rollback()
            raise

    def remove(self, table: Table, condition: str) -> int:
        """Remove rows for which a condition holds; how many."""
        with self._translated(f"{table.name} cannot be filled"), self._connection.cursor() as cursor:
            return int(cursor.execute(f"DELETE FROM {backquoted(table.relation)} WHERE {condition}"))

    def measured(self, table: Table) -> tuple[Table, dict[str, Facts]]:
        """Look at a table again that had no rows when the schema was read."""
        with self._translated(f"{table.name} cannot be read"):
            return measured(self._connection, table)

    def thin(self, tables: Iterable[Table]) -> None:
        """Leave the indexes: rows arrive in the order of their keys."""

    def stage(self, schema: Schema, table: Table, plan: Plan) -> None:
        """Set a table's rows aside as the originals of its copies."""
        names = ", ".join(backquoted(column.name) for column in table.stored)
        copies = plan.tables[table.name].factor - 1
        self._grown[table.name] = copies + 1
        with self._translated(f"{table.name} cannot be read"):
            self._execute(f"DROP TABLE IF EXISTS {BASE}")
            self._execute(
                f"CREATE TABLE {BASE} (PRIMARY KEY ({ROW})) AS "
                f"SELECT row_number() OVER () AS {ROW}, {names} FROM {backquoted(table.relation)}"
            )
            self._count_to(copies)
            for number, column in enumerate(hot_edges(schema, table, plan)):
                self._find_hot(number, column, *referred(schema, table, column))
        values = ", ".join(expressions(schema, table, plan, self.dialect))
        self._sql = (
            f"INSERT INTO {{}} ({names}) SELECT {values} ".replace("%", "%%")
            + f"FROM {BASE} b STRAIGHT_JOIN {SERIES} k "
            f"WHERE b.{ROW} BETWEEN %s AND %s AND k.{COPY} BETWEEN %s AND %s"
        )

    def _count_to(self, copies: int) -> None:
        """Have the numbers up to `copies` in a table."""
        if self._series == 0:
            self._execute(f"CREATE TABLE {SERIES} ({COPY} integer PRIMARY KEY)")
        for first in range(self._series + 1, copies + 1, BATCH):
            last = min(first + BATCH - 1, copies)
            self._execute(f"INSERT INTO {SERIES} VALUES {', '.join(f'({n})' for n in range(first, last + 1))}")
        self._series = max(self._series, copies)

    def _find_hot(self, number: int, column: str, owner: Table, key: str) -> None:
        """Rank the parents with the most children already."""
        name, hot = backquoted(column), f"{HOT}{number}"
        self._ours = list(dict.fromkeys([*self._ours, hot]))
        self._execute(f"DROP TABLE IF EXISTS {hot}")
        self._execute(
            f"CREATE TABLE {hot} (PRIMARY KEY (place)) AS "
            f"SELECT row_number() OVER (ORDER BY count(*) DESC, {name}) AS place, {name} AS parent FROM {BASE} "
            f"WHERE {name} IN (SELECT {backquoted(key)} FROM {backquoted(owner.relation)}) "
            f"GROUP BY {name} ORDER BY 1 LIMIT {HOTTEST}"
        )

    def insert(self, schema: Schema, table: Table, plan: Plan, part: tuple[int, int, int, int]) -> int:  # noqa: ARG002
        """Add the copies of a part of the staged table; how many rows it added."""
        return self._insert(table, backquoted(table.relation), part)

    def _insert(self, table: Table, into: str, part: tuple[int, int, int, int]) -> int:
        with self._refusing(table), self._connection.cursor() as cursor:
            return int(cursor.execute(self._sql.replace("{}", into, 1), part))

    @contextlib.contextmanager
    def _refusing(self, table: Table) -> Iterator[None]:
        from pymysql import err

        try:
            yield
        except (err.IntegrityError, err.DataError) as error:
            raise Refused(f"its copies are refused: {words(error)}") from None
        except err.OperationalError as error:
            if error.args and error.args[0] in REFUSALS:
                raise Refused(f"its copies are refused: {words(error)}") from None
            raise self._gave_up(table.name, error) from None
        except err.Error as error:
            raise self._gave_up(table.name, error) from None

    def attempt(self, schema: Schema, table: Table, plan: Plan) -> None:
        """Add the first and the last copy to an empty table of the same kind that has the originals too."""
        self.stage(schema, table, plan)
        names = ", ".join(backquoted(column.name) for column in table.stored)
        last = plan.tables[table.name].factor - 1
        with self._translated(f"{table.name} cannot be tried"):
            self._execute(f"CREATE TABLE {ATTEMPT} LIKE {backquoted(table.relation)}")
            try:
                self._execute(f"INSERT INTO {ATTEMPT} ({names}) SELECT {names} FROM {BASE}")
                for copy in dict.fromkeys((1, last)):
                    self._insert(table, ATTEMPT, (1, table.rows, copy, copy))
            finally:
                if self._connection.open:
                    self._execute(f"DROP TABLE {ATTEMPT}")

    def tighten(self) -> None:
        """Look at every reference, and bring the triggers back. Raises ApplicationError when one leads nowhere."""
        with self._translated("what was put aside does not come back"):
            for name in self._ours:
                self._execute(f"DROP TABLE IF EXISTS {name}")
            for trigger in self._triggers:
                self._execute(trigger)

    def _lead_nowhere(self, table: Table, key: ForeignKey) -> int:
        pairs = list(zip(key.columns, key.referenced, strict=True))
        same = " AND ".join(f"p.{backquoted(theirs)} = c.{backquoted(ours)}" for ours, theirs in pairs)
        there = " AND ".join(f"c.{backquoted(ours)} IS NOT NULL" for ours, _ in pairs)
        ((count,),) = ask(
            self._connection,
            f"SELECT count(*) FROM {backquoted(table.relation)} c WHERE {there} AND NOT EXISTS "
            f"(SELECT 1 FROM {backquoted(key.parent)} p WHERE {same})",
        )
        return int(count)

    def finish(self, schema: Schema) -> None:
        """Compare the references that lead nowhere, and tell the planner what there is now."""
        with self._translated("cannot be analysed"):
            for (name, key), before in self._lost.items():
                found = self._lead_nowhere(schema.tables[name], key)
                if found > before * self._grown.get(name, 1):
                    raise ApplicationError(
                        f"{found} rows of {name} refer to nothing, {before} did before", hint="please report this"
                    )
            for table in schema.tables.values():
                ask(self._connection, f"ANALYZE TABLE {backquoted(table.relation)}")

    def publish(self) -> Made:
        """Mark it as made, and close."""
        self._connection.close()
        return self._marked()

    def discard(self) -> None:
        """Remove the database, and close."""
        with contextlib.suppress(Exception):  # it may be in the middle of an answer; the server ends it below
            self._connection.close()
        self._drop()

    def _execute(self, sql: str) -> None:
        ask(self._connection, sql)

    @contextlib.contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        from pymysql import err

        try:
            yield
        except err.Error as error:
            raise self._gave_up(what, error) from None

    def _gave_up(self, what: str, error: Exception) -> ApplicationError:
        hint = "" if self._connection.open else "is the server still there, and room on its disk?"
        return ApplicationError(f"the clone: {what}: {words(error)}", hint=hint)


def words(error: Exception) -> str:
    """Return what the server said, without its number."""
    return str(error.args[-1]) if error.args else type(error).__name__
