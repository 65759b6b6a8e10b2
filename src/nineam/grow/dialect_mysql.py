"""The words of MySQL and MariaDB."""

from nineam.grow.dialect import HEXADECIMAL_KEPT, UUID_KEPT, UUID_NUMBER, span, stretched
from nineam.grow.mapping import Remap


def backquoted(name: str) -> str:
    """Return a name as MySQL's identifier."""
    return "`" + name.replace("`", "``") + "`"


def text(value: str) -> str:
    """Return a text as MySQL's literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


class Mysql:
    """MySQL's and MariaDB's."""

    name = "mysql"

    def quote(self, name: str) -> str:
        """Return a name as an identifier."""
        return backquoted(name)

    def whole(self, value: str) -> str:
        """Return an expression as a whole number of 64 bits."""
        return f"CAST({value} AS signed)"

    def real(self, value: str) -> str:
        """Return an expression as a floating-point number."""
        return f"CAST({value} AS double)"

    def remapped(self, remap: Remap, value: str, copy: str) -> str:
        """Return the expression of a copy's key."""
        match remap.method:
            case "stretch":
                return stretched(remap, value, copy)
            case "suffix":
                return f"concat({value}, {text(remap.tag)}, {copy})"
            case "address":
                return f"replace({value}, '@', concat({text(remap.tag)}, {copy}, '@'))"
            case "uuid" | "hexadecimal":
                kept = UUID_KEPT if remap.method == "uuid" else HEXADECIMAL_KEPT
                return f"concat(left({value}, {kept}), '{remap.tag}', lpad(lower(hex({copy})), {UUID_NUMBER}, '0'))"
            case "days":
                return f"({value} - INTERVAL ({copy} * {span(remap)}) DAY)"
            case "shift":
                return f"({value} + {copy} * {span(remap)})"
