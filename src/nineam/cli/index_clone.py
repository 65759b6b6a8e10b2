"""The clone that indexes are built in: one made for it and dropped again, or one that is there."""

import contextlib
import importlib
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nineam.errors import ApplicationError, UsageError
from nineam.grow.address import Address
from nineam.grow.database import Source
from nineam.grow.opening import open_source
from nineam.grow.plan import make_plan
from nineam.grow.run import grow
from nineam.grow.wish import Wish
from nineam.indexes.database import Database
from nineam.indexes.mysql import MysqlDatabase
from nineam.indexes.postgres import PostgresDatabase
from nineam.indexes.sqlite import SqliteDatabase

ROOM = 2.0
"""A clone takes room for sorting, and for the indexes that are tried."""


@dataclass(frozen=True)
class Cloning:
    """What is wanted: a clone to be made (as `wish` says; None leaves it as large), or the one called `name`."""

    wish: Wish | None
    name: str
    out: Path
    hear: Callable[[str], None]


@dataclass(frozen=True)
class Opened:
    """A clone that is open."""

    name: str
    database: Database


@contextlib.contextmanager
def clone(address: Address, cloning: Cloning) -> Iterator[Opened]:
    """Open a clone of a database; one that was made for it is dropped at the end, whatever happens.

    Raises UsageError when it cannot be made, or is none of nineam's.
    """
    source = open_source(address, cloning.out)
    made = ""
    try:
        name = cloning.name or source.clone_name(_own_name(source, address, cloning.out))
        if cloning.name:
            _check(source, name)
        else:
            made = _made(source, name, cloning)
        cloning.hear(f"{source.name} -> {name}")
        with opened(address, name) as found:
            yield found
    finally:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            if made:
                source.drop(made)
            source.close()
        finally:
            signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def opened(address: Address, name: str) -> Iterator[Opened]:
    """Open the clone called `name` of the database at `address`.

    Raises UsageError when it is none of nineam's, ApplicationError when the database gives up.
    """
    try:
        with contextlib.closing(_connect(address, name)) as connection:
            yield Opened(name, _database(address.kind, connection))
    except _errors(address.kind) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise ApplicationError(
            f"the clone {name} gave up: {first}", hint="is the server still there, and room on its disk?"
        ) from None


def _errors(kind: str) -> type[Exception]:
    """Return what the driver raises."""
    if kind == "sqlite":
        return sqlite3.Error
    module = importlib.import_module("pymysql" if kind == "mysql" else "psycopg")
    return module.Error  # type: ignore[no-any-return]


def _own_name(source: Source, address: Address, out: Path) -> str:
    """Call it so that a clone which the user has made is left alone."""
    if address.kind == "sqlite":
        return str(out / "grown" / f"{Path(address.path).stem}-index.db")
    return f"{source.name[:50]}_index"


def _check(source: Source, name: str) -> None:
    known = source.clones()
    if name not in known and not (source.kind == "sqlite" and Path(name).is_file()):
        raise UsageError(
            f"there is no clone called {name}",
            hint=f"the clones of {source.name} are {', '.join(known)}" if known else "leave out --clone to make one",
        )


def _made(source: Source, name: str, cloning: Cloning) -> str:
    if cloning.wish is None:
        copied = source.clone(name, replace=True)
        try:
            copied.finish(source.schema())
            return copied.publish().name
        except BaseException:
            copied.discard()
            raise
    schema = source.schema()
    needed = make_plan(schema, cloning.wish).size(schema) * ROOM + source.size
    room = source.room()
    if room is not None and room[1] < needed:
        raise UsageError(
            f"{room[0]} has room for {room[1] / 1e9:.1f} GB, the clone needs about {needed / 1e9:.1f} GB",
            hint="ask for fewer rows (--rows)",
        )
    grown = grow(
        source, schema, cloning.wish, name, replace=True, now=time.perf_counter,
        hear=lambda progress: cloning.hear(f"growing a clone: {progress.stage}"),
    )  # fmt: skip
    return grown.made.name


def _connect(address: Address, name: str) -> Any:
    if address.kind == "sqlite":
        return sqlite3.connect(f"{Path(name).absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
    if address.kind == "mysql":
        import pymysql  # noqa: PLC0415 - an extra

        return pymysql.connect(**{**address.parameters, "database": name}, autocommit=True)
    import psycopg  # noqa: PLC0415 - an extra

    return psycopg.connect(
        **{**address.parameters, "dbname": name, "application_name": "nineam index"},
        autocommit=True,
        cursor_factory=psycopg.ClientCursor,
    )


def _database(kind: str, connection: Any) -> Database:
    if kind == "sqlite":
        return SqliteDatabase(connection, time.perf_counter)
    return MysqlDatabase(connection) if kind == "mysql" else PostgresDatabase(connection)
