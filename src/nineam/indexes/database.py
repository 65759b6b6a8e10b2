"""What proving needs of a clone: one interface, a file for each kind."""

import re
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from nineam.errors import UsageError
from nineam.indexes.schema import Schema, Table
from nineam.model.indexes import IndexPart
from nineam.model.record import Record

TRIED = "nineam_tried"
"""What an index is called while it is tried."""
LIMIT_S = 10.0
"""How long one execution of a statement may take before it is stopped."""


class Refused(Exception):  # noqa: N818 - an answer: the statement or the index is not tried
    """The database does not execute it; the text says why."""


class TooLong(Exception):  # noqa: N818 - an answer: it takes at least as long as it may
    """A statement was stopped after `LIMIT_S`."""


class PlanInWords(Record, frozen=True, kw_only=True):
    """How the database is going to execute a statement, and the indexes that it is going to use."""

    text: str
    indexes: frozenset[str]


class Database(Protocol):
    """A clone. Statements are given with the driver's own markers."""

    kind: str
    marker: str
    reversible: bool
    """Whether `without` drops the index in a transaction; where it only hides it, writers keep it up all the same."""

    def schema(self) -> Schema:
        """Read tables, columns, indexes and numbers of rows."""

    def sample(self, table: Table, expressions: Sequence[str], seed: int) -> list[tuple[Any, ...]]:
        """Return expressions over some rows of a table; the same ones for the same seed. Raises Refused."""

    def run(self, sql: str, values: Sequence[Any]) -> None:
        """Execute a statement and fetch everything. Raises Refused, TooLong."""

    def plan(self, sql: str, values: Sequence[Any]) -> PlanInWords:
        """Ask for the plan of a statement. Raises Refused."""

    def would_use(
        self, table: Table, parts: Iterable[IndexPart], asked: Iterable[tuple[str, Sequence[Any]]]
    ) -> bool | None:
        """Say whether the planner would use such an index, which is not built; None where nobody can tell."""

    def build(self, table: Table, parts: Iterable[IndexPart]) -> None:
        """Build an index called `TRIED` and tell the planner about it. Raises Refused."""

    def drop(self) -> None:
        """Drop the index called `TRIED`, if it is there."""

    def without(self) -> AbstractContextManager[None]:
        """Do something as if there were no index called `TRIED`."""

    def undone(self) -> AbstractContextManager[None]:
        """Take back what is written inside."""

    def tidy(self, table: Table) -> None:
        """Clear away what writing that was taken back has left in a table."""

    def size(self, table: Table) -> int:
        """Return the bytes of the index called `TRIED`."""

    def write(self, sql: str) -> None:
        """Execute a statement that writes. Raises Refused, TooLong."""


def refusal(error: Exception, values: Sequence[Any] | None) -> Refused:
    """Return a database's refusal in its own words, without the values that it may have repeated."""
    words = (str(error.args[-1] if error.args else error).splitlines() or [type(error).__name__])[0]
    for value in sorted({str(each) for each in values or ()}, key=len, reverse=True):
        if value:
            words = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "?", words)
    return Refused(f"the database refuses it: {words}")


def no_clone(name: str) -> UsageError:
    """Return the error of a database that indexes must not be built in."""
    return UsageError(
        f"{name} was not made by nineam, and indexes are built in clones only", hint="make one: nineam grow DATABASE"
    )


def spelt(parts: Iterable[IndexPart], quote: str) -> str:
    """Spell the parts of an index, every column quoted."""
    return ", ".join(_part(each, quote) for each in parts)


def _part(part: IndexPart, quote: str) -> str:
    name = f"{quote}{part.text.replace(quote, quote * 2)}{quote}" if part.plain else f"({part.text})"
    nulls = f" NULLS {part.nulls.upper()}" if part.nulls else ""
    return f"{name}{' DESC' if part.descending else ''}{nulls}"


class WithoutForesight:
    """What a database has that cannot say what its planner would do with an index that is not built."""

    def would_use(
        self,
        table: Table,  # noqa: ARG002 - the interface's
        parts: Iterable[IndexPart],  # noqa: ARG002 - likewise
        asked: Iterable[tuple[str, Sequence[Any]]],  # noqa: ARG002 - likewise
    ) -> bool | None:
        """Say that nobody can tell."""
        return None
