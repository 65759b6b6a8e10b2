"""What the sessions of the application's PostgreSQL do and wait for, over a connection of nineam's own."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from nineam.collect.database_address import Address
from nineam.collect.signals import EVERY_S, MACHINE, NotHere, write_gauges, write_reason
from nineam.collect.transactions import SeenTransaction, Session, Transactions, blocked, counts, shape
from nineam.store.writer import Writer

WHAT = "what the database's sessions do"
CONNECT_S = 3
LOOK = """
SELECT pid, coalesce(state, ''), coalesce(wait_event_type, ''),
       coalesce(extract(epoch FROM xact_start), 0)::float8,
       coalesce(extract(epoch FROM clock_timestamp() - xact_start) * 1000, 0)::float8,
       CASE WHEN state LIKE 'idle in transaction%'
            THEN extract(epoch FROM clock_timestamp() - state_change) * 1000 ELSE 0 END::float8,
       coalesce(query, ''),
       CASE WHEN wait_event_type = 'Lock' THEN pg_blocking_pids(pid) ELSE '{}' END
FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
"""Views and columns as of PostgreSQL 10."""
SETTINGS = "-c default_transaction_read_only=on -c statement_timeout=2000"


class SessionWatch:
    """Writes gauges `db.*`, transactions that were long, and who blocked whom."""

    def __init__(self, writer: Writer, address: Address) -> None:
        self._writer = writer
        self._address = address
        self._transactions = Transactions()

    async def run(self) -> None:
        """Look until cancelled; when the database does not let us, say so and end."""
        try:
            await self._run()
        except NotHere as reason:
            write_reason(self._writer, WHAT, reason)
        finally:
            self._keep(self._transactions.rest())

    async def _run(self) -> None:
        psycopg = _psycopg()
        parameters: dict[str, Any] = {**self._address.parameters(), "connect_timeout": CONNECT_S}
        try:
            connection = await psycopg.AsyncConnection.connect(
                autocommit=True, application_name="nineam", options=SETTINGS, prepare_threshold=0, **parameters
            )
            async with connection:
                while True:
                    cursor = await connection.execute(LOOK)
                    self.take(await cursor.fetchall())
                    await asyncio.sleep(EVERY_S)
        except (psycopg.Error, OSError, UnicodeError) as error:
            raise NotHere(str(error).strip().partition("\n")[0] or type(error).__name__) from None

    def take(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write down one look."""
        now = time.perf_counter_ns()
        sessions = [_session(*row) for row in rows]
        write_gauges(self._writer, {MACHINE: counts(sessions)})
        self._keep(self._transactions.look(now, sessions))
        name = self._writer.name
        self._writer.insert(
            "blocked",
            [
                (now, name(each.waiting), name(each.holding), each.state, each.sessions, each.longest_ms)
                for each in blocked(sessions)
            ],
        )

    def _keep(self, ended: list[SeenTransaction]) -> None:
        name = self._writer.name
        rows = [
            (each.at_ns, each.ms, each.idle_ms, each.looks, each.waiting, each.blocking, name(each.statement))
            for each in ended
        ]
        self._writer.insert("transaction_seen", rows)


def _session(
    pid: int, state: str, waits: str, began: float, ms: float, idle_ms: float, text: str, blockers: list[int]
) -> Session:
    return Session(pid, state, waits, began, ms, idle_ms, shape(text), tuple(blockers))


def _psycopg() -> Any:
    try:
        import psycopg  # noqa: PLC0415 - an extra, and only for those who have a PostgreSQL
    except ImportError:
        raise NotHere("psycopg is not installed (pip install 'nineam[postgres]')") from None
    return psycopg
