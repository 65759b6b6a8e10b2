"""What synchronous applications pay to a database, through SQLAlchemy's session or the driver alone."""

import sqlite3
import threading
from collections.abc import Callable
from typing import Any, Protocol

from benchmarks.attribution import databases, ledger, plan

EXECUTING = {"sqlite": "db_execute", "postgres": "db_execute", "mariadb": "db_execute+db_fetch"}
"""What `execute` of each driver belongs to: PyMySQL fetches all rows while it executes."""


class Data(Protocol):
    """Three ways to pay; each uses a connection of its own and gives it back."""

    own: str
    """Who owns what is not noted."""

    def executes(self) -> None:
        """Run every costly statement."""

    def rows(self) -> None:
        """Fetch many rows, as tuples."""

    def objects(self) -> None:
        """Build a few objects, each of which takes its time."""


def data_of(kind: str, database: str) -> Data:
    """Make the data access of an application; `kind` is `sqlalchemy` or `raw`."""
    return Mapped(database) if kind == "sqlalchemy" else Raw(database)


def everything(data: Data) -> None:
    """Pay all of it."""
    data.executes()
    data.rows()
    data.objects()


class Raw:
    """The driver alone, with one connection per thread."""

    own = "view"

    def __init__(self, database: str) -> None:
        self._database = database
        self._own = threading.local()

    def _execute(self, statement: str) -> None:
        if not hasattr(self._own, "connection"):
            with ledger.timed("db_connect"):
                self._own.connection = databases.connect(self._database)
        cursor = self._own.connection.cursor()
        with ledger.timed(EXECUTING[self._database]):
            cursor.execute(statement)
        with ledger.timed("db_fetch"):
            cursor.fetchall()
        cursor.close()

    def executes(self) -> None:
        """Run every costly statement."""
        for how, milliseconds in plan.EXECUTES:
            self._execute(databases.costly(self._database, how, milliseconds))

    def rows(self) -> None:
        """Fetch many rows."""
        self._execute(databases.MANY)

    def objects(self) -> None:
        """There are no objects without a mapper."""


class Mapped:
    """SQLAlchemy: a pool with fewer connections than there are threads, a session per use."""

    own = "view+orm"

    def __init__(self, database: str) -> None:
        from sqlalchemy import create_engine, text  # noqa: PLC0415 - only who maps needs it

        self._database = database
        self._text = text
        drivers = {"sqlite": "sqlite", "postgres": "postgresql+psycopg", "mariadb": "mysql+pymysql"}
        self._engine = create_engine(
            databases.url(database, drivers[database]), creator=connecting(database),
            pool_size=plan.CONNECTIONS, max_overflow=0, pool_timeout=60, poolclass=_timed_pool(),
        )  # fmt: skip
        self._few = _few()

    def _within(self, use: Callable[[Any], Any]) -> None:
        from sqlalchemy.orm import Session  # noqa: PLC0415 - likewise

        with Session(self._engine) as session:
            use(session)

    def executes(self) -> None:
        """Run every costly statement in one session."""
        statements = [self._text(databases.costly(self._database, *cost)) for cost in plan.EXECUTES]
        self._within(lambda session: [session.execute(each).all() for each in statements])

    def rows(self) -> None:
        """Fetch many rows."""
        self._within(lambda session: session.execute(self._text(databases.MANY)).fetchall())

    def objects(self) -> None:
        """Build a few objects."""
        from sqlalchemy import select  # noqa: PLC0415 - likewise

        self._within(lambda session: session.scalars(select(self._few)).all())


def connecting(database: str) -> Callable[[], Any]:
    """Return what makes a connection of the driver that notes what its cursors and the ends of transactions take."""
    if database == "sqlite":
        kind = databases.timed_cursor(sqlite3.Cursor)

        class Timed(sqlite3.Connection):
            def cursor(self, factory: Any = kind) -> Any:
                return super().cursor(factory)

        return lambda: _ending(databases.connect(database, factory=Timed))
    if database == "postgres":
        import psycopg  # noqa: PLC0415 - only who asks for a database needs its driver

        return lambda: _ending(databases.connect(database, cursor_factory=databases.timed_cursor(psycopg.Cursor)))
    import pymysql  # noqa: PLC0415 - likewise

    kind = databases.timed_cursor(pymysql.cursors.Cursor, EXECUTING[database])
    return lambda: _ending(databases.connect(database, cursorclass=kind))


def _ending(connection: Any) -> Any:
    roll_back = connection.rollback

    def rollback() -> None:
        with ledger.timed("db_execute"):
            roll_back()

    connection.rollback = rollback
    return connection


def _timed_pool() -> Any:
    """Derive a pool that notes how long a connection is waited for (making the first ones falls into the warm-up)."""
    from sqlalchemy.pool import QueuePool  # noqa: PLC0415 - only who maps needs it

    class TimedPool(QueuePool):
        def connect(self) -> Any:
            with ledger.timed("pool_wait"):
                return super().connect()

    return TimedPool


def _few() -> Any:
    """Map the table of a few rows to a class whose objects take their time to be loaded."""
    from sqlalchemy import Column, Integer, String  # noqa: PLC0415 - only who maps needs it
    from sqlalchemy.orm import declarative_base, reconstructor  # noqa: PLC0415 - likewise

    class Few(declarative_base()):  # type: ignore[misc]
        __tablename__ = databases.FEW
        id = Column(Integer, primary_key=True)
        text = Column(String(40))

        @reconstructor
        def loaded(self) -> None:
            ledger.spin("hydration", plan.HYDRATE_EACH)

    return Few
