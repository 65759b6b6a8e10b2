"""What growing needs of a database: one interface, a file for each kind."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from nineam.errors import UsageError
from nineam.grow.dialect import Dialect
from nineam.grow.plan import Plan
from nineam.grow.schema import Facts, Schema, Table
from nineam.model.record import Record


class Refused(Exception):  # noqa: N818 - not an error yet: the table is left out and the plan made again
    """A table does not take its copies; the text says why."""


def no_clone(name: str, of: str, clones: Iterable[str]) -> UsageError:
    """Return the error of a clone that nineam did not make."""
    known = ", ".join(clones)
    return UsageError(
        f"there is no clone called {name}",
        hint=f"the clones of {of} are {known}" if known else f"there are no clones of {of}",
    )


class Made(Record, frozen=True, kw_only=True):
    """A finished clone: its name (or file) and the address that points an application at it."""

    name: str
    address: str


class Clone(Protocol):
    """A copy that grows. Nobody else sees it under its final name until `publish`."""

    dialect: Dialect

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a question; raises ApplicationError."""

    def loosen(self, tables: Iterable[Table]) -> None:
        """Put aside what slows or disturbs inserting into these tables: references, triggers, indexes."""

    def checks(self, table: Table) -> str:
        """Return what is known of the values that a table takes: its checks, and lists of values, as SQL."""

    def add(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows by the names of their columns, the same for each. Raises `Refused` and has added none then."""

    def remove(self, table: Table, condition: str) -> int:
        """Remove rows that were added to a table which had none, those for which a condition holds; how many."""

    def measured(self, table: Table) -> tuple[Table, dict[str, Facts]]:
        """Look at a table again that had no rows when the schema was read."""

    def stage(self, schema: Schema, table: Table, plan: Plan) -> None:
        """Set a table's rows aside as the originals of its copies."""

    def insert(self, schema: Schema, table: Table, plan: Plan, part: tuple[int, int, int, int]) -> int:
        """Add the copies of a part (first row, last row, first copy, last copy); how many rows it added.

        Raises `Refused` when the table does not take them.
        """

    def attempt(self, schema: Schema, table: Table, plan: Plan) -> None:
        """Add the first and the last copy and take them back. Raises `Refused` when the table does not take them."""

    def thin(self, tables: Iterable[Table]) -> None:
        """Put aside the indexes of these tables, now that it is certain what they will take."""

    def tighten(self) -> None:
        """Bring back all that was put aside and validate it. Raises ApplicationError when something does not hold."""

    def finish(self, schema: Schema) -> None:
        """Move sequences on and tell the planner what there is now."""

    def publish(self) -> Made:
        """Give the clone its name, and close."""

    def discard(self) -> None:
        """Remove it, and close."""


class Source(Protocol):
    """The original. It is only read."""

    kind: str
    name: str
    size: int

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a question; raises ApplicationError."""

    def schema(self) -> Schema:
        """Read tables, constraints, numbers of rows, and the facts of key columns."""

    def clone(self, name: str, *, replace: bool) -> Clone:
        """Make a copy; raises UsageError when that is not allowed or the name is taken."""

    def clone_name(self, name: str) -> str:
        """Return the name, or what a clone is called when nobody gave it one."""

    def room(self, name: str = "") -> tuple[Path, int] | None:
        """Return where a clone of that name is kept and the free bytes there, None when that cannot be told."""

    def clones(self) -> tuple[str, ...]:
        """Return the names of the clones that were made of this database."""

    def drop(self, name: str) -> None:
        """Remove a clone; raises UsageError when nineam did not make it."""

    def close(self) -> None:
        """Let go of it."""
