"""SQLAlchemy's asynchronous session, with a pool of fewer connections than ask."""

import os
from importlib import import_module
from typing import Any

from sqlalchemy import Column, Integer, String, TypeDecorator, event, select, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import declarative_base
from sqlalchemy.pool import AsyncAdaptedQueuePool

from benchmarks.attribution import databases, ledger, plan

KIND = os.environ["ATTRIBUTION_DATABASE"]
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgres": "postgresql+psycopg", "mariadb": "mysql+aiomysql"}
OWN = "view+orm"
"""Who owns what is not noted."""
FETCHES = "db_execute+db_fetch"
"""Its adapters of asynchronous drivers fetch everything while they execute."""

if KIND == "sqlite":
    import_module("benchmarks.attribution.handing")
_engine = create_async_engine(
    databases.url(KIND, DRIVERS[KIND]),
    pool_size=plan.CONNECTIONS,
    max_overflow=0,
    pool_timeout=60,
    poolclass=AsyncAdaptedQueuePool,
)


class Slow(TypeDecorator[str]):
    """A column that takes its time to become a value."""

    impl = String
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:  # noqa: ARG002 - its signature
        """Spin."""
        ledger.spin("hydration", plan.HYDRATE_EACH)
        return value


class Few(declarative_base()):  # type: ignore[misc]
    """Rows that become objects."""

    __tablename__ = databases.FEW
    id = Column(Integer, primary_key=True)
    text = Column(Slow(40))


async def begin() -> None:
    """Nothing is opened ahead."""


async def pay() -> int:
    """Execute, fetch, build objects; gives the number of rows."""
    session = AsyncSession(_engine)
    try:
        with ledger.awaited("pool_wait") as cost:
            connection = await session.connection()
        cost.waited_until((await connection.get_raw_connection()).info.get("released", 0))
        for how, milliseconds in plan.EXECUTES:
            result = await session.execute(text(databases.costly(KIND, how, milliseconds)))
            if KIND != "sqlite":
                connection.info["executed"].ideal(float(result.scalar_one()))
        rows = (await session.execute(text(databases.MANY))).all()
        objects = (await session.scalars(select(Few))).all()
        return len(rows) + len(objects)
    finally:
        with ledger.within(OWN, awaits=True):  # what `async with` does; a task of its own closes the session
            await session.__aexit__(None, None, None)


@event.listens_for(_engine.sync_engine, "connect")
def _teach(connection: Any, _: Any) -> None:
    if KIND == "sqlite":
        connection.create_function("spin", 1, databases.spin)
        connection.create_function("wait", 1, databases.wait)


@event.listens_for(_engine.sync_engine, "before_cursor_execute")
def _before(connection: Any, *_: Any) -> None:
    cost = connection.info["executed"] = ledger.Cost()
    cost.counted_ns = _counted(connection)


@event.listens_for(_engine.sync_engine, "after_cursor_execute")
def _after(connection: Any, *_: Any) -> None:
    cost = connection.info["executed"]
    cost.end()
    cost.ideal((_counted(connection) - cost.counted_ns) / 1e6)
    ledger.keep(FETCHES, cost)


@event.listens_for(_engine.sync_engine, "reset")
def _reset(_: Any, record: Any, *__: Any) -> None:
    record.info["resetting"] = ledger.Cost()


@event.listens_for(_engine.sync_engine, "checkin")
def _checkin(_: Any, record: Any) -> None:
    cost = record.info["resetting"]
    record.info["released"] = ledger.clock()
    cost.took_ns = record.info["released"] - cost.began
    cost.ideal(0)
    ledger.keep(FETCHES, cost)


def _counted(connection: Any) -> int:
    """Give what the connection's thread has counted."""
    return connection.connection.driver_connection._tx.took_ns if KIND == "sqlite" else 0
