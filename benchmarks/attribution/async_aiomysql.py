"""aiomysql with its pool."""

from typing import Any

import aiomysql

from benchmarks.attribution import databases, ledger, plan

OWN = "view"
"""Who owns what is not noted."""

_pool: Any = None
_released: dict[int, int] = {}


async def begin() -> None:
    """Open the connections."""
    global _pool  # noqa: PLW0603 - made when there is a loop
    given = databases.parameters("mariadb")
    _pool = await aiomysql.create_pool(
        minsize=plan.CONNECTIONS, maxsize=plan.CONNECTIONS, db=given.pop("database"), **given
    )


async def pay() -> int:
    """Execute and fetch; gives the number of rows."""
    with ledger.awaited("pool_wait") as cost:
        connection = await _pool.acquire()
    cost.waited_until(_released.get(id(connection), 0))
    try:
        cursor = await connection.cursor()
        for how, milliseconds in plan.EXECUTES:
            with ledger.awaited("db_execute+db_fetch") as cost:
                await cursor.execute(databases.costly("mariadb", how, milliseconds))
            (took,) = await cursor.fetchone()
            cost.ideal(float(took))
        with ledger.awaited("db_execute+db_fetch"):
            await cursor.execute(databases.MANY)
        return len(await cursor.fetchall())
    finally:
        _released[id(connection)] = ledger.clock()
        with ledger.awaited(OWN):
            await _pool.release(connection)
