"""Whether an application used a clone: what the database itself tells of it."""

from pathlib import Path
from typing import Protocol

from nineam.grow.address import Address
from nineam.grow.use_mysql import MysqlWitness
from nineam.grow.use_postgres import PostgresWitness
from nineam.grow.use_sqlite import SqliteWitness


class Witness(Protocol):
    """Looks at one clone. No method raises: what cannot be seen is no proof."""

    def begin(self) -> None:
        """Take down how it is before the application starts."""

    def look(self) -> None:
        """Look who uses it at this moment, while the application runs."""

    def tell(self) -> tuple[bool, str]:
        """Return whether it was used, and what shows it, once the application has ended."""


def witness_of(address: Address, clone: str) -> Witness:
    """Return the witness of a clone of the database at `address`."""
    if address.kind == "sqlite":
        return SqliteWitness(Path(clone))
    if address.kind == "mysql":
        return MysqlWitness(address.parameters, clone)
    return PostgresWitness(address.parameters, clone)
