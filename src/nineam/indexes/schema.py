"""What proving needs to know of a clone's tables."""

from nineam.model.indexes import IndexPart
from nineam.model.record import Record


class ExistingIndex(Record, frozen=True, kw_only=True):
    """An index that is there, or a key that acts as one; a `partial` one holds some of the rows only."""

    name: str
    parts: tuple[IndexPart, ...]
    unique: bool = False
    partial: bool = False


class Table(Record, frozen=True, kw_only=True):
    """A table with the types of its columns; `generates` names the key that the database gives out by itself.

    A table that is not `visible` has to be named with its schema. What is written to one that is not `transactional`
    cannot be taken back.
    """

    name: str
    schema: str = ""
    visible: bool = True
    rows: int
    columns: dict[str, str]
    indexes: tuple[ExistingIndex, ...] = ()
    generates: str = ""
    transactional: bool = True

    def column(self, name: str, *, quoted: bool = False) -> str:
        """Return the column that a statement calls so; an empty string when there is none."""
        if name in self.columns:
            return name
        close = [column for column in self.columns if column.lower() == name.lower()]
        return close[0] if close and not quoted else ""


class Schema(Record, frozen=True, kw_only=True):
    """The tables of a clone that can be named without their schema, and the others."""

    tables: tuple[Table, ...]

    def table(self, name: str, schema: str = "") -> Table | None:
        """Return the table that a statement calls so."""
        found = [each for each in self.tables if each.name.lower() == name.lower()]
        return next((each for each in found if _within(each, schema)), None)


def _within(table: Table, schema: str) -> bool:
    """Whether a table is meant by a name with this schema before it; where tables have none, it is the database's."""
    if not schema:
        return table.visible
    return not table.schema or table.schema.lower() == schema.lower()
