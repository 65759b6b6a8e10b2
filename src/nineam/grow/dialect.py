"""SQL that differs between databases: quoting, and how copies get values of their own."""

from collections.abc import Iterable
from typing import Protocol

from nineam.grow.mapping import Remap
from nineam.grow.postgres_catalog import question
from nineam.grow.schema import Column

UUID_KEPT, HEXADECIMAL_KEPT, UUID_NUMBER = 24, 20, 7
"""Characters of an UUID that a copy keeps (version and variant among them), and the digits of its number at the end."""


class Dialect(Protocol):
    """The words of one database."""

    name: str
    definitions: str
    """The statement whose rows are every constraint, index and trigger, so far as two of a kind can be told apart."""
    broken: str
    """The statement whose rows say what does not hold, empty where nothing is there that does not."""

    def quote(self, name: str) -> str:
        """Return a name as an identifier."""

    def remapped(self, remap: Remap, value: str, copy: str) -> str:
        """Return the expression of a copy's key, from the expressions of the original's value and of its number.

        Codes and NULL are made of the parts below, the same everywhere.
        """

    def joined(self, parts: Iterable[str]) -> str:
        """Return the expression of texts put together."""

    def padded(self, number: str, digits: int) -> str:
        """Return the expression of a whole number as a text of so many digits."""

    def whole(self, value: str) -> str:
        """Return an expression as a whole number of 64 bits."""

    def real(self, value: str) -> str:
        """Return an expression as a floating-point number."""

    def comparable(self, column: Column) -> str:
        """Return the expression of a column by which equal values can be told."""


def quoted(name: str) -> str:
    """Return a name as a standard SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as a standard SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def stretched(remap: Remap, value: str, copy: str) -> str:
    """Return a stretched integer's expression; the same everywhere."""
    return f"({remap.high} + ({value} - ({remap.low})) * {remap.copies} + {copy})"


def span(remap: Remap) -> int:
    """Return by how much one copy is moved away from the one before: what the values span, and one more."""
    return remap.high - remap.low + 1


class Standard:
    """What follows the standard."""

    def quote(self, name: str) -> str:
        """Return a name as an identifier."""
        return quoted(name)

    def joined(self, parts: Iterable[str]) -> str:
        """Return the expression of texts put together."""
        return f"({' || '.join(parts)})"

    def whole(self, value: str) -> str:
        """Return an expression as a whole number of 64 bits."""
        return f"CAST({value} AS bigint)"

    def real(self, value: str) -> str:
        """Return an expression as a floating-point number."""
        return f"CAST({value} AS double precision)"

    def comparable(self, column: Column) -> str:
        """Return the expression of a column by which equal values can be told."""
        return self.quote(column.name)


class Sqlite(Standard):
    """SQLite's."""

    name = "sqlite"
    definitions = (
        "SELECT type, tbl_name, name, coalesce(sql, '') FROM sqlite_master "
        "WHERE name NOT LIKE 'sqlite_s%' AND tbl_name <> 'nineam_clone'"
    )
    broken = "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'"

    def padded(self, number: str, digits: int) -> str:
        """Return the expression of a whole number as a text of so many digits."""
        return f"printf('%0{digits}d', {number})"

    def remapped(self, remap: Remap, value: str, copy: str) -> str:
        """Return the expression of a copy's key."""
        match remap.method:
            case "stretch":
                return stretched(remap, value, copy)
            case "suffix":
                return f"({value} || {literal(remap.tag)} || {copy})"
            case "address":
                return f"replace({value}, '@', {literal(remap.tag)} || {copy} || '@')"
            case "uuid" | "hexadecimal":
                kept = UUID_KEPT if remap.method == "uuid" else HEXADECIMAL_KEPT
                return f"(substr({value}, 1, {kept}) || printf('{remap.tag}%0{UUID_NUMBER}x', {copy}))"
            case "days":
                moved = f"date(substr({value}, 1, 10), '-' || ({copy} * {span(remap)}) || ' days')"
                return f"({moved} || substr({value}, 11))"
            case "shift":
                return f"({value} + {copy} * {span(remap)})"
        raise ValueError(remap.method)


class Postgres(Standard):
    """PostgreSQL's."""

    name = "postgresql"
    definitions = question("definitions")
    broken = ""

    def comparable(self, column: Column) -> str:
        """Return the expression of a column by which equal values can be told; not every type knows equality."""
        name = self.quote(column.name)
        return f"CAST({name} AS text)" if column.kind == "other" else name

    def padded(self, number: str, digits: int) -> str:
        """Return the expression of a whole number as a text of so many digits."""
        return f"lpad(({number})::text, {digits}, '0')"

    def remapped(self, remap: Remap, value: str, copy: str) -> str:
        """Return the expression of a copy's key."""
        match remap.method:
            case "stretch":
                return stretched(remap, value, copy)
            case "suffix":
                return f"({value}::text || {literal(remap.tag)} || {copy})"
            case "address":
                return f"replace({value}::text, '@', {literal(remap.tag)} || {copy} || '@')"
            case "uuid" | "hexadecimal":
                kept = UUID_KEPT if remap.method == "uuid" else HEXADECIMAL_KEPT
                number = f"'{remap.tag}' || lpad(to_hex({copy}), {UUID_NUMBER}, '0')"
                made = f"(left({value}::text, {kept}) || {number})"
                return f"{made}::uuid" if remap.type == "uuid" else made
            case "days":
                days = f"({copy} * {span(remap)})::integer"
                return f"({value} - {days})" if remap.type == "date" else f"({value} - make_interval(days => {days}))"
            case "shift":
                return f"({value} + {copy}::numeric * {span(remap)})"
        raise ValueError(remap.method)
