"""A MySQL clone was used when the performance schema counts rows read from it, or a session was seen in it."""

import contextlib
from typing import Any

READ = (
    "SELECT coalesce(sum(count_read), 0) FROM performance_schema.table_io_waits_summary_by_table "
    "WHERE object_schema = %s"
)
SESSIONS = "SELECT count(*) FROM information_schema.processlist WHERE db = %s"


class MysqlWitness:
    """Reads the server's own numbers through connections to the original."""

    def __init__(self, parameters: dict[str, Any], clone: str) -> None:
        self._parameters = parameters
        self._clone = clone
        self._before: int | None = None
        self._seen = 0

    def begin(self) -> None:
        """Read the numbers before."""
        self._before = self._rows()

    def look(self) -> None:
        """Count the sessions in the clone at this moment."""
        self._seen = max(self._seen, self._number(SESSIONS) or 0)

    def tell(self) -> tuple[bool, str]:
        """Return whether it was used, and what shows it."""
        rows, before = self._rows(), self._before
        if rows is not None and before is not None and rows > before:
            return True, f"the performance schema counts {rows - before:,} rows read from it"
        if self._seen:
            return True, f"{self._seen} sessions were seen in it"
        if rows is None or before is None:
            return False, "the performance schema is off, and no session was seen in the clone"
        return False, "nobody read from the clone: does the application take its database from somewhere else?"

    def _rows(self) -> int | None:
        return self._number(READ) if self._number("SELECT @@performance_schema") else None

    def _number(self, sql: str) -> int | None:
        """Ask for one number; None when the server does not tell."""
        import pymysql

        with (
            contextlib.suppress(pymysql.err.Error),
            contextlib.closing(pymysql.connect(**self._parameters, charset="utf8mb4")) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(sql, (self._clone,) if "%s" in sql else None)
            return int(cursor.fetchone()[0])
        return None
