"""Opens an original by its address."""

from pathlib import Path

from nineam.grow.address import Address
from nineam.grow.database import Source
from nineam.grow.mysql import MysqlSource
from nineam.grow.postgres import PostgresSource
from nineam.grow.sqlite import SqliteSource

PLACE = "grown"
"""The folder of SQLite clones, beside nineam's runs."""


def open_source(address: Address, out: Path) -> Source:
    """Open a database to read it; clones that are files go beneath `out`. Raises UsageError when it cannot be."""
    if address.kind == "sqlite":
        return SqliteSource(Path(address.path), out / PLACE)
    if address.kind == "mysql":
        return MysqlSource(address.parameters, address.scheme)
    return PostgresSource(address.parameters, address.scheme)
