"""What came of proving indexes on a clone: the ones that help, with what they cost, and what could not be tried."""

from typing import Literal

from nineam.model.record import Record


class IndexPart(Record, frozen=True, kw_only=True):
    """One part of an index: a column (`plain`) or an expression, as SQL; `nulls` only where it is not the usual end."""

    text: str
    plain: bool = True
    descending: bool = False
    nulls: Literal["", "first", "last"] = ""


class TimedStatement(Record, frozen=True, kw_only=True):
    """A statement in milliseconds per execution, without and with an index, fetching included.

    `ratio` is the median of before / after over interleaved `repeats`, each with `sets` sets of values; `ratio_low` and
    `ratio_high` are the ends of its 95 % interval. Plans are in a few words.
    """

    statement: str
    before_ms: float
    after_ms: float
    ratio: float
    ratio_low: float
    ratio_high: float
    repeats: int
    sets: int
    plan_before: str = ""
    plan_after: str = ""
    notes: tuple[str, ...] = ()


class WriteCost(Record, frozen=True, kw_only=True):
    """Milliseconds to write `rows` rows at once, without and with an index, and the ratio with its 95 % interval."""

    what: Literal["insert", "update"]
    rows: int
    before_ms: float
    after_ms: float
    ratio: float
    ratio_low: float
    ratio_high: float


class IndexProof(Record, frozen=True, kw_only=True):
    """An index that was built in a clone and helped there.

    `code` is `wrong-index` when there is one already that cannot do it: `existing` is its name, `reason` says why.
    `model` is the line to add to the application's model of the table, `model_at` where (`file:line`), both empty when
    no model was found.
    """

    code: Literal["missing-index", "wrong-index"]
    table: str
    rows: int
    name: str
    parts: tuple[IndexPart, ...]
    ddl: str
    statements: tuple[TimedStatement, ...]
    build_s: float
    bytes: int
    write: WriteCost | None = None
    existing: str = ""
    reason: str = ""
    model: str = ""
    model_at: str = ""


class NotTried(Record, frozen=True, kw_only=True):
    """A statement that could not be tried, and why not."""

    statement: str
    why: str


class Rejected(Record, frozen=True, kw_only=True):
    """An index that was built and not kept: what it did to the statement that it was meant for."""

    table: str
    index: str
    statement: str
    why: str


class IndexReport(Record, frozen=True, kw_only=True):
    """Everything that proving indexes on a clone came to; `quick` statements needed none, `small` had few rows."""

    kind: str
    clone: str
    proofs: tuple[IndexProof, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    not_tried: tuple[NotTried, ...] = ()
    quick: int = 0
    small: int = 0
