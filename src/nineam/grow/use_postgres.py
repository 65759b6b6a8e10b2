"""A PostgreSQL clone was used when its row of `pg_stat_database` says so, and the original's does not."""

import contextlib
import time
from typing import Any, NamedTuple

SETTLE_S = 2.0
"""How long the numbers of connections that have just ended may take to arrive."""
SESSIONS_SINCE = 140000
OF_A_LOOK = 4
"""Transactions of the original that one look of ours makes at most: connecting, and asking."""
FEW = 20
"""Transactions that the server's own housekeeping may have made; only looked at where sessions are not counted."""


class Counts(NamedTuple):
    """What a database has seen since ever; `sessions` are of clients, None where the server does not count them."""

    sessions: int | None
    transactions: int
    rows: int


class PostgresWitness:
    """Reads the statistics of a clone and of its original through connections to the original."""

    def __init__(self, parameters: dict[str, Any], clone: str) -> None:
        self._parameters = parameters
        self._clone = clone
        self._original = ""
        self._before: dict[str, Counts] = {}
        self._looks = 0

    def begin(self) -> None:
        """Read the numbers before."""
        self._before = self._read()

    def look(self) -> None:
        """Nothing: the server keeps count by itself."""

    def tell(self) -> tuple[bool, str]:
        """Return whether the clone was used, and the numbers."""
        if self._clone not in self._before:
            return False, "the server's statistics could not be read"
        after = self._settled()
        used, elsewhere = self._since(after, self._clone), self._since(after, self._original)
        strangers = max(0, elsewhere.transactions - OF_A_LOOK * self._looks)
        words = _words(used) + (f"; the original saw {strangers:,} transactions meanwhile" if strangers else "")
        if not used.rows or not (used.sessions or (used.sessions is None and used.transactions > FEW)):
            return False, f"the clone saw no session of a client{words and ': '}{words}"
        if strangers > used.transactions:
            return False, f"most of it went elsewhere: {words}"
        return True, words

    def _settled(self) -> dict[str, Counts]:
        """Read until the numbers stand still, for a while."""
        deadline = time.monotonic() + SETTLE_S
        after = self._read()
        while True:
            time.sleep(0.25)
            before, after = after, self._read()
            same = before.get(self._clone) == after.get(self._clone)
            if time.monotonic() > deadline or (same and self._since(after, self._clone).transactions):
                return after

    def _since(self, after: dict[str, Counts], name: str) -> Counts:
        zero = Counts(0, 0, 0)
        before, now = self._before.get(name, zero), after.get(name, zero)
        sessions = None if now.sessions is None else now.sessions - (before.sessions or 0)
        return Counts(sessions, now.transactions - before.transactions, now.rows - before.rows)

    def _read(self) -> dict[str, Counts]:
        import psycopg

        self._looks += 1
        with contextlib.suppress(psycopg.Error), psycopg.connect(**self._parameters, autocommit=True) as connection:
            self._original = connection.info.dbname
            counted = connection.info.server_version >= SESSIONS_SINCE
            rows = connection.execute(
                f"SELECT datname, {'sessions' if counted else 'NULL'}, xact_commit + xact_rollback, "
                "tup_returned + tup_fetched FROM pg_stat_database WHERE datname IN (%s, %s)",
                (self._clone, self._original),
            ).fetchall()
            return {name: Counts(*counts) for name, *counts in rows}
        return {}


def _words(counts: Counts) -> str:
    sessions = "" if counts.sessions is None else f"{counts.sessions:,} sessions, "
    return f"pg_stat_database counts {sessions}{counts.transactions:,} transactions, {counts.rows:,} rows read"
