"""Plausible values for columns: by type, by what the column is called, and within what its checks allow."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from nineam.grow.rules import Rule
from nineam.grow.schema import Column
from nineam.grow.words import Words

FAMILIES = (
    (r"^(geo|point|line|polygon|multi|raster|vector)", ""),
    (r"\[\]$", "array"),
    (r"^tsvector$", "lexemes"),
    (r"^(int4|int8|num|date|ts|tstz)range$", "range"),
    (r"^(enum|set)\(", "listed"),
    (r"bool|^tinyint\(1\)", "boolean"),
    (r"interval", "interval"),
    (r"uuid|uniqueidentifier", "uuid"),
    (r"json", "json"),
    (r"timestamp|datetime", "moment"),
    (r"^date\b", "day"),
    (r"^time\b", "time"),
    (r"^year", "year"),
    (r"\b(tiny|small|medium|big)?int(eger|[248])?\b|serial", "integer"),
    (r"dec|^num(eric|ber)?\b|money", "number"),
    (r"real|floa|doub", "real"),
    (r"char|text|clob|string|^name$|^any$", "text"),
    (r"blob|bytea|binary", "bytes"),
    (r"^inet$", "inet"),
)
"""The first that a type's name matches. Nothing is made for types without a family: they are unknown."""
LISTED, LENGTH = re.compile(r"'((?:[^']|'')*)'"), re.compile(r"\((\d+)(?:,\s*(\d+))?\)")
SMALL = re.compile(
    r"quantity|count|number|position|_in_stock|duration|days|hours|order|rank|level|rating|score|age|size",
    re.IGNORECASE,
)
OFTEN = (
    (re.compile(r"delet|archiv|ban|staff|super|admin|block|hidden", re.IGNORECASE), 0.05),
    (re.compile(r"active|enabled|visible|public|valid", re.IGNORECASE), 0.85),
)
"""How often it is true what a column says; otherwise every other time."""
PRICE = re.compile(r"price|total|amount|cost|fee|tax|sum|balance", re.IGNORECASE)
FEW, SOME, MANY, DAYS = 20, 500, 1000, 730
LONG, HEXADECIMAL, SPARE = 10_000, 32, 10
"""Characters of a text without a limit, of an UUID without dashes, and those left for the numbers of copies."""


def family(column: Column) -> str:
    """Return what a column's type is like, an empty string when nothing is known of it."""
    found = next((name for pattern, name in FAMILIES if re.search(pattern, column.type.lower())), None)
    kinds = {"integer": "integer", "text": "text", "date": "moment", "number": "number"}
    return kinds.get(column.kind, "") if found is None else found


class Values(NamedTuple):
    """What values are made from: the same `random` makes the same values, and no date is after `today`."""

    words: Words
    random: Random
    today: date

    def known(self, column: Column, rule: Rule) -> bool:
        """Whether there is a value for such a column."""
        return bool(rule.choices or family(column))

    def make(self, column: Column, rule: Rule) -> Any:
        """Return a value for a column that refers to nothing."""
        if rule.choices:
            return self.random.choice(rule.choices)
        if rule.json:
            return _json(self, column)
        kind = family(column)
        return _number(self, column, rule) if kind in NUMERIC else MAKERS[kind](self, column)


def numbered(column: Column, number: int, value: Any) -> Any:
    """Return a value that no other number gives, for a column that has to be unique; the value when there is none."""
    kind, mark = family(column), str(number)
    if kind == "integer":
        return number
    if kind != "text" or _is_hexadecimal(column):
        return value
    name, at, host = str(value).partition("@")
    room = _longest(column) - SPARE - len(mark) - len(at + host) - 1
    return f"{name[:room]}-{mark}{at}{host}" if room > 0 else mark


def _text(values: Values, column: Column) -> str:
    if _is_hexadecimal(column):
        return _uuid(values, column).replace("-", "")
    return values.words(column.name)[: _longest(column)].strip() or "x"


def _number(values: Values, column: Column, rule: Rule) -> Any:
    kind = family(column)
    low = Decimal(0) if rule.low is None else rule.low
    usual = SOME if PRICE.search(column.name) else FEW if SMALL.search(column.name) else MANY
    high = max(low, min(Decimal(_largest(column)), low + usual if rule.high is None else rule.high))
    if kind == "integer":
        return values.random.randint(int(low), int(high))
    value = Decimal(values.random.random()) * (high - low) + low
    scale = LENGTH.search(column.type)
    return float(value) if kind == "real" else str(round(value, int(scale[2] or 0) if scale else 2))


def _boolean(values: Values, column: Column) -> bool:
    share = next((share for pattern, share in OFTEN if pattern.search(column.name)), 0.5)
    return values.random.random() < share


def _moment(values: Values, column: Column) -> str:  # noqa: ARG001 - this one, and some below, need only its type
    midnight = datetime.combine(values.today, time())
    return (midnight - timedelta(seconds=values.random.randrange(DAYS * 86_400))).isoformat(sep=" ")


def _interval(values: Values, column: Column) -> str:  # noqa: ARG001
    return f"{values.random.randrange(1, 86_400)} seconds"


def _uuid(values: Values, column: Column) -> str:  # noqa: ARG001
    return str(UUID(int=values.random.getrandbits(128), version=4))


def _json(values: Values, column: Column) -> str:
    return json.dumps({"value": values.words(column.name), "number": values.random.randrange(FEW)})


def _inet(values: Values, column: Column) -> str:  # noqa: ARG001
    return f"10.{values.random.randrange(256)}.{values.random.randrange(256)}.{values.random.randrange(1, 255)}"


def _range(values: Values, column: Column) -> str:
    if column.type in ("int4range", "int8range", "numrange"):
        first = values.random.randrange(MANY)
        return f"[{first},{first + values.random.randrange(1, FEW)})"
    low, high = sorted(_moment(values, column) for _ in range(2))
    return f"[{low[:10]},{high[:10]}]" if column.type == "daterange" else f"[{low},{high}]"


def _listed(values: Values, column: Column) -> str:
    return str(values.random.choice(LISTED.findall(column.type) or [""])).replace("''", "'")


NUMERIC = ("integer", "number", "real")
MAKERS: dict[str, Callable[[Values, Column], Any]] = {
    "array": lambda _values, _column: "{}",
    "boolean": _boolean,
    "bytes": lambda values, _column: values.random.randbytes(16),
    "day": lambda values, column: _moment(values, column)[:10],
    "inet": _inet,
    "interval": _interval,
    "json": _json,
    "lexemes": lambda values, column: re.sub(r"\W+", " ", values.words(column.name)),
    "listed": _listed,
    "moment": _moment,
    "range": _range,
    "text": _text,
    "time": lambda values, column: _moment(values, column)[11:],
    "uuid": _uuid,
    "year": lambda values, column: int(_moment(values, column)[:4]),
}


def _longest(column: Column) -> int:
    said = LENGTH.search(column.type)
    return int(column.longest or (said[1] if said else LONG))


def _largest(column: Column) -> int:
    said = LENGTH.search(column.type)
    digits = int(said[1]) - int(said[2] or 0) if said and column.kind != "integer" else 12
    return min(column.largest or 10**12, int(10**digits) - 1)


def _is_hexadecimal(column: Column) -> bool:
    """Whether a text column is probably an UUID's, as ORMs write them where there is no such type."""
    return column.type.lower().startswith("char") and _longest(column) == HEXADECIMAL
