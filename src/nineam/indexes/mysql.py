"""MySQL and MariaDB: an index cannot go in a transaction there, so it is hidden from the planner instead."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
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
from nineam.indexes.mysql_schema import read_schema
from nineam.indexes.schema import Schema, Table
from nineam.model.indexes import IndexPart

MARK = "nineam_clone"
SAMPLE = 2000
QUOTE = "`"
STOPPED = (1969, 3024)
"""What MariaDB and MySQL answer when a statement was stopped by its time limit."""


class MysqlDatabase(WithoutForesight):
    """A clone behind a connection of PyMySQL in autocommit mode."""

    kind = "mysql"
    marker = "%s"
    reversible = False

    def __init__(self, connection: Any) -> None:
        """Take a connection; raises UsageError when it leads to no clone."""
        self._connection = connection
        tables = {row[0] for row in self._ask("SHOW TABLES")}
        if MARK not in tables:
            raise no_clone(str(self._ask("SELECT database()")[0][0]))
        self._maria = "MariaDB" in self._ask("SELECT version()")[0][0]
        limit = f"max_statement_time = {LIMIT_S}" if self._maria else f"max_execution_time = {int(LIMIT_S * 1000)}"
        self._ask(f"SET SESSION {limit}")
        if not self._maria:
            self._ask("SET SESSION information_schema_stats_expiry = 0")  # else it repeats yesterday's numbers of rows
        self._table = ""
        for (table,) in self._ask(
            "SELECT DISTINCT table_name FROM information_schema.statistics "
            f"WHERE table_schema = database() AND index_name = '{TRIED}'"
        ):
            self._ask(f"DROP INDEX {TRIED} ON {_quoted(table)}")

    def _ask(self, sql: str, values: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    def schema(self) -> Schema:
        """Read tables, columns, indexes and numbers of rows."""
        return read_schema(self._ask, hidden=(MARK,))

    def sample(self, table: Table, expressions: Sequence[str], seed: int) -> list[tuple[Any, ...]]:
        """Return expressions over about 2,000 rows."""
        share = min(1.0, SAMPLE / max(1, table.rows))
        chosen = f"WHERE rand({seed}) <= {share:.9f} LIMIT {2 * SAMPLE}"
        return self._fetched(f"SELECT {', '.join(expressions)} FROM {_quoted(table.name)} {chosen}", None)

    def run(self, sql: str, values: Sequence[Any]) -> None:
        """Execute a statement and fetch everything."""
        self._fetched(sql, values)

    def _fetched(self, sql: str, values: Sequence[Any] | None) -> list[tuple[Any, ...]]:
        from pymysql import err

        try:
            return self._ask(sql, values)
        except err.Error as error:
            if error.args and error.args[0] in STOPPED:
                raise TooLong from None
            raise refusal(error, values) from None

    def plan(self, sql: str, values: Sequence[Any]) -> PlanInWords:
        """Ask for the plan of a statement."""
        tabular = "" if self._maria else "FORMAT=TRADITIONAL "  # MySQL's explain_format may say otherwise
        rows = self._fetched(f"EXPLAIN {tabular}{sql}", values)
        words, used = [], set()
        for row in rows:
            *_, table, kind, _, key, _, _, _, extra = row if len(row) == 10 else (*row[:3], *row[4:10], row[-1])
            used.add(key)
            words.append(f"{kind} on {table}" + (f" by {key}" if key else "") + (f" ({extra})" if extra else ""))
        return PlanInWords(text="; ".join(words), indexes=frozenset(str(each) for each in used if each))

    def build(self, table: Table, parts: Iterable[IndexPart]) -> None:
        """Build an index and let the server count what is in it."""
        self._table = table.name
        parts = tuple(parts)
        if any(each.nulls for each in parts) or (self._maria and not all(each.plain for each in parts)):
            raise Refused("this server has no such indexes")
        self.write(f"CREATE INDEX {TRIED} ON {_quoted(table.name)} ({spelt(parts, QUOTE)})")
        self._ask(f"ANALYZE TABLE {_quoted(table.name)}")

    def drop(self) -> None:
        """Drop the index."""
        from pymysql import err

        with contextlib.suppress(err.Error):
            self._ask(f"DROP INDEX {TRIED} ON {_quoted(self._table)}")

    @contextlib.contextmanager
    def without(self) -> Iterator[None]:
        """Hide the index from the planner."""
        hidden, back = ("IGNORED", "NOT IGNORED") if self._maria else ("INVISIBLE", "VISIBLE")
        self._ask(f"ALTER TABLE {_quoted(self._table)} ALTER INDEX {TRIED} {hidden}")
        try:
            yield
        finally:
            self._ask(f"ALTER TABLE {_quoted(self._table)} ALTER INDEX {TRIED} {back}")

    @contextlib.contextmanager
    def undone(self) -> Iterator[None]:
        """Roll back what is written inside."""
        self._ask("START TRANSACTION")
        try:
            yield
        finally:
            self._ask("ROLLBACK")

    def tidy(self, table: Table) -> None:
        """Do nothing: what is taken back leaves nothing here."""

    def size(self, table: Table) -> int:
        """Return the bytes of the index, as the server's statistics have it; 0 where they may not be read."""
        from pymysql import err

        try:
            rows = self._ask(
                "SELECT stat_value * @@innodb_page_size FROM mysql.innodb_index_stats WHERE stat_name = 'size' "
                f"AND database_name = database() AND table_name = %s AND index_name = '{TRIED}'",
                (table.name,),
            )
        except err.Error:
            return 0
        return int(rows[0][0]) if rows else 0

    def write(self, sql: str) -> None:
        """Execute a statement that writes."""
        self._fetched(sql, None)


def _quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"
