"""The words of MySQL and MariaDB."""

from collections.abc import Iterable

from nineam.grow.dialect import HEXADECIMAL_KEPT, UUID_KEPT, UUID_NUMBER, Standard, span, stretched
from nineam.grow.mapping import Remap


def backquoted(name: str) -> str:
    """Return a name as MySQL's identifier."""
    return "`" + name.replace("`", "``") + "`"


def text(value: str) -> str:
    """Return a text as MySQL's literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


class Mysql(Standard):
    """MySQL's and MariaDB's."""

    name = "mysql"
    definitions = """SELECT 'constraint', table_name, constraint_name, constraint_type, '', ''
FROM information_schema.table_constraints WHERE table_schema = database() AND table_name <> 'nineam_clone'
UNION ALL
SELECT 'index', table_name, index_name, seq_in_index, coalesce(column_name, ''), non_unique
FROM information_schema.statistics WHERE table_schema = database() AND table_name <> 'nineam_clone'
UNION ALL
SELECT 'trigger', event_object_table, trigger_name, event_manipulation, action_timing, ''
FROM information_schema.triggers WHERE trigger_schema = database()"""
    broken = ""

    def quote(self, name: str) -> str:
        """Return a name as an identifier."""
        return backquoted(name)

    def joined(self, parts: Iterable[str]) -> str:
        """Return the expression of texts put together."""
        return f"concat({', '.join(parts)})"

    def padded(self, number: str, digits: int) -> str:
        """Return the expression of a whole number as a text of so many digits."""
        return f"lpad({number}, {digits}, '0')"

    def whole(self, value: str) -> str:
        """Return an expression as a whole number of 64 bits."""
        return f"CAST({value} AS signed)"

    def real(self, value: str) -> str:
        """Return an expression as a floating-point number."""
        return f"({value} + 0e0)"  # not every MySQL 8 casts to double

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
        raise ValueError(remap.method)
