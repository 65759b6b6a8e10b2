"""aiosqlite: a connection for each that asks at once, because it has no pool.

What a call takes itself ends in the connection's thread: the GIL is waited for there.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import aiosqlite

from benchmarks.attribution import databases, handing, ledger, plan

OWN = "view"
"""Who owns what is not noted."""

_free: list[aiosqlite.Connection] = []


async def begin() -> None:
    """Open the connections."""
    for _ in range(20):
        connection = await aiosqlite.connect(databases.sqlite_path())
        assert isinstance(connection._tx, handing.Handing)
        await connection.create_function("spin", 1, databases.spin)
        await connection.create_function("wait", 1, databases.wait)
        _free.append(connection)


async def pay() -> int:
    """Execute and fetch; gives the number of rows."""
    connection = _free.pop()
    try:
        for how, milliseconds in plan.EXECUTES:
            await _rows(connection, databases.costly("sqlite", how, milliseconds))
        return await _rows(connection, databases.MANY)
    finally:
        _free.append(connection)


async def _rows(connection: aiosqlite.Connection, statement: str) -> int:
    with _in_thread("db_execute", connection):
        cursor = await connection.execute(statement)
    with _in_thread("db_fetch", connection):
        return len(list(await cursor.fetchall()))


@contextlib.contextmanager
def _in_thread(layer: str, connection: Any) -> Iterator[None]:
    with ledger.awaited(layer) as cost:
        before = connection._tx.took_ns
        yield
        cost.ideal((connection._tx.took_ns - before) / 1e6)
