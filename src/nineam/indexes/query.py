"""What a statement asks of each table: the facts that candidates and values are made of."""

from typing import Literal

from nineam.indexes.holes import Holed
from nineam.indexes.schema import Table
from nineam.model.indexes import IndexPart
from nineam.model.record import Record

Comparison = Literal["equal", "member", "list", "array", "low", "high", "prefix", "pattern", "written"]
"""What a hole is compared as: `member` is one of several in a list of its own, `low` a lower bound; or `written`."""
Fixed = Literal["limit", "offset", "one", "escape", "percent", "zone", "true", "ordinal"]
"""What a hole is when it is compared with nothing."""


class Place(Record, frozen=True, kw_only=True):
    """Where a hole stands: compared with an expression over the columns of one use of a table, or something fixed.

    An ordinal is the `number` of a selected column.
    """

    hole: int
    kind: Comparison | Fixed
    use: int = -1
    expression: str = ""
    number: int = 0


class Condition(Record, frozen=True, kw_only=True):
    """What is asked of one expression of a table; `join` compares it with another table, `pattern` holds anywhere."""

    kind: Literal["equal", "range", "join", "pattern"]
    part: IndexPart
    columns: tuple[str, ...]


class Use(Record, frozen=True, kw_only=True):
    """One use of a table in a statement: what is asked of it, and in which order it is wanted."""

    table: Table
    conditions: tuple[Condition, ...] = ()
    order: tuple[IndexPart, ...] = ()
    limited: bool = False


class Query(Record, frozen=True, kw_only=True):
    """A statement that was read; one that `writes` is taken back each time."""

    text: str
    holed: Holed
    uses: tuple[Use, ...]
    places: tuple[Place, ...]
    writes: bool = False


class Unreadable(Exception):  # noqa: N818 - an answer, not an error: the statement is not tried
    """A statement cannot be tried; the text says why."""
