"""What checks allow, as far as it can be read from their SQL; the database has the last word on what was made."""

import re
from decimal import Decimal

from nineam.model.record import Record

NUMBER = r"\(*'?(-?\d+(?:\.\d+)?)"
TEXTS = re.compile(r"'((?:[^']|'')*)'")
NUMBERS = re.compile(r"-?\d+(?:\.\d+)?")


class Rule(Record, frozen=True, kw_only=True):
    """What a column's values have to be: one of `choices` when there are any, from `low` to `high`, JSON."""

    choices: tuple[str, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    json: bool = False


def rule(sql: str, column: str) -> Rule:
    """Read what `sql`, the text of a table's checks, says of one column."""
    cast = r"\)*(?:::[a-z ]+(?:\(\d+\))?)?\)*"
    name = rf"""(?<![\w."`])["`]?{re.escape(column)}["`]?{cast}\s*"""
    low, high = _bounds(sql, name)
    return Rule(
        choices=_choices(sql, name),
        low=low,
        high=high,
        json=re.search(rf"json_valid\s*\(\s*{name}", sql, re.IGNORECASE) is not None,
    )


def _choices(sql: str, name: str) -> tuple[str, ...]:
    listed = re.search(rf"{name}(?:=\s*ANY\s*\(+\s*ARRAY\s*\[([^\]]*)\]|IN\s*\(([^()]*)\))", sql, re.IGNORECASE)
    if listed is None:
        return ()
    inside = listed[1] or listed[2] or ""
    texts = tuple(each.replace("''", "'") for each in TEXTS.findall(inside))
    return texts or tuple(NUMBERS.findall(inside))


def _bounds(sql: str, name: str) -> tuple[Decimal | None, Decimal | None]:
    low: list[Decimal] = []
    high: list[Decimal] = []
    for sign, number in re.findall(rf"{name}(>=|<=|>|<)\s*{NUMBER}", sql, re.IGNORECASE):
        value = Decimal(number)
        (low if sign.startswith(">") else high).append(value if sign.endswith("=") else value + _past(sign))
    for least, most in re.findall(rf"{name}BETWEEN\s+{NUMBER}\s+AND\s+{NUMBER}", sql, re.IGNORECASE):
        low.append(Decimal(least))
        high.append(Decimal(most))
    return max(low, default=None), min(high, default=None)


def _past(sign: str) -> int:
    return 1 if sign == ">" else -1
