"""A database for the demo: a real PostgreSQL that arrives as a Python wheel, or SQLite, said aloud."""

import importlib.util
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nineam.demo.postgres import Installation, Unavailable, find_installation, running_cluster


@dataclass(frozen=True)
class Database:
    """An empty database: its SQLAlchemy URL, its kind, and what the user should be told about it (or nothing)."""

    url: str
    kind: Literal["postgresql", "sqlite"]
    notice: str


@contextmanager
def open_database(directory: Path) -> Iterator[Database]:
    """Run an empty database beneath `directory` until the end of the block.

    PostgreSQL listens on a free port of 127.0.0.1 only, behind a password; it needs no account and no server on
    this machine. Where it cannot run, the database is an SQLite file and `notice` says why.
    Raises `ApplicationError`, with the end of PostgreSQL's log, when it ought to run and does not.
    """
    directory.mkdir(parents=True, exist_ok=True)
    try:
        installation = _find()
    except Unavailable as reason:
        yield _sqlite(directory, str(reason))
        return
    with running_cluster(installation, directory, secrets.token_hex(16)) as url:
        yield Database(url=url, kind="postgresql", notice="")


def _find() -> Installation:
    if importlib.util.find_spec("psycopg") is None:
        raise Unavailable("the driver psycopg is not installed")
    return find_installation()


def _sqlite(directory: Path, reason: str) -> Database:
    notice = f"the demo runs on SQLite, not on PostgreSQL: {reason}; waits for the database will look different"
    return Database(url=f"sqlite:///{directory / 'shop.db'}", kind="sqlite", notice=notice)
