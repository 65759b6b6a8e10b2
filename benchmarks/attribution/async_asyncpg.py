"""asyncpg with a pool of its own; it decodes rows while they arrive, so executing and fetching are one."""

from typing import Any

import asyncpg

from benchmarks.attribution import databases, ledger, plan

OWN = "view"
"""Who owns what is not noted."""

_pool: Any = None
_released: dict[int, int] = {}


async def begin() -> None:
    """Open the connections."""
    global _pool  # noqa: PLW0603 - made when there is a loop
    _pool = await asyncpg.create_pool(
        **databases.parameters("postgres"), min_size=plan.CONNECTIONS, max_size=plan.CONNECTIONS
    )
    free = _pool._queue
    put = free.put_nowait

    def putting(holder: Any) -> None:
        _released[id(holder)] = ledger.clock()
        put(holder)

    free.put_nowait = putting


async def pay() -> int:
    """Execute and fetch; gives the number of rows."""
    with ledger.awaited("pool_wait") as cost:
        connection = await _pool.acquire()
    cost.waited_until(_released.get(id(connection._holder), 0))
    try:
        for how, milliseconds in plan.EXECUTES:
            with ledger.awaited("db_execute") as cost:
                took = await connection.fetchval(databases.costly("postgres", how, milliseconds))
            cost.ideal(took)
        with ledger.awaited("db_execute+db_fetch"):
            return len(await connection.fetch(databases.MANY))
    finally:
        with ledger.awaited("db_execute"):  # it asks the database to forget what was set
            await _pool.release(connection)
