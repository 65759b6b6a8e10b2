"""What is known of a database before it grows: tables, columns, what has to be unique, who refers to whom."""

from typing import Literal

from nineam.model.record import Record

Kind = Literal["integer", "uuid", "text", "bytes", "date", "number", "other"]
"""What a value can be made different by; a column of another kind is copied as it is."""


class Column(Record, frozen=True, kw_only=True):
    """A column: `largest` is the largest integer it holds, `longest` the most characters, None for no limit."""

    name: str
    type: str
    kind: Kind
    nullable: bool = True
    generated: bool = False
    largest: int | None = None
    longest: int | None = None


class UniqueSet(Record, frozen=True, kw_only=True):
    """Columns that together are unique: a key, a unique constraint or index, or what an exclusion compares."""

    name: str
    columns: tuple[str, ...]


class ForeignKey(Record, frozen=True, kw_only=True):
    """`columns` refer to `referenced` of the table `parent`, pair by pair. `implied` ones are no constraint."""

    columns: tuple[str, ...]
    parent: str
    referenced: tuple[str, ...]
    implied: bool = False


class Table(Record, frozen=True, kw_only=True):
    """A table that holds `rows` rows in `size` bytes, indexes included; `fixed` says why nineam cannot fill it.

    `in_fact` are columns that nothing says are unique, though all their values differ.
    """

    name: str
    schema: str
    relation: str
    columns: tuple[Column, ...]
    uniques: tuple[UniqueSet, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    rows: int = 0
    size: int = 0
    fixed: str = ""
    in_fact: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """Return the column of that name; raises StopIteration when there is none."""
        return next(column for column in self.columns if column.name == name)

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns that an INSERT may name."""
        return tuple(column for column in self.columns if not column.generated)


class Code(Record, frozen=True, kw_only=True):
    """Where a copy's number can be written over texts that are all equally long and of one alphabet.

    At character `start` (the first is 1) stands `tag`, which no original has there, then the number in `digits` digits;
    what is left of the originals still differs. `letters` is the letter that stands for 0 where there are no digits.
    """

    start: int
    tag: str
    digits: int
    letters: str = ""


class Facts(Record, frozen=True, kw_only=True):
    """What a key column's values look like; bounds are None when all values are NULL.

    `low` and `high` are integers, or days since 0001-01-01 (`form` days). `form` says how a text is taken apart, and
    `tag` is a text that none of the values contains. `code` is another way, for texts that must not become longer.
    """

    low: int | None = None
    high: int | None = None
    longest: int = 0
    form: Literal["", "days", "plain", "address", "uuid", "hexadecimal"] = ""
    tag: str = ""
    code: Code | None = None


class Schema(Record, frozen=True, kw_only=True):
    """The tables by name, and the facts of their key columns by table and column."""

    tables: dict[str, Table]
    facts: dict[str, dict[str, Facts]] = {}


def key_columns(table: Table) -> tuple[Column, ...]:
    """Return the columns of which a copy may have to differ from the original: those of unique sets."""
    names = {name for unique in table.uniques for name in unique.columns}
    return tuple(column for column in table.stored if column.name in names and column.kind != "other")
