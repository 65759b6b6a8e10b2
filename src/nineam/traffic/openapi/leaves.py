"""Values for what is no object and no list: small, valid, and different from user to user where that makes sense."""

import math
from typing import Any, NamedTuple

from nineam.traffic.openapi.document import Node, listed, worded
from nineam.traffic.openapi.pattern import matching

DIGITS = 10
LONGEST = 10_000
NUMBERS = (1, 2, 3, 5, 8)
DAYS = ("2030-06-03", "2030-06-04", "2030-06-05", "2030-06-06")
BIRTHDAYS = ("1984-02-29", "1990-05-17", "1979-11-03", "2001-07-30")
FEW = frozenset({"page", "page_number", "pagenumber"})
SOME = frozenset({"limit", "size", "per_page", "perpage", "page_size", "pagesize", "count", "top", "first"})


class Made(NamedTuple):
    """One of `values`; or, when there are none, a text around a number of so many hexadecimal digits."""

    values: tuple[Any, ...] = ()
    before: str = ""
    digits: int = 0
    after: str = ""


FORMATS: dict[str, Made] = {
    "date": Made(DAYS),
    "date-time": Made(tuple(f"{day}T09:00:00Z" for day in DAYS)),
    "time": Made(("09:00:00Z", "10:30:00Z")),
    "duration": Made(("PT1H",)),
    "email": Made(before="user-", digits=DIGITS, after="@example.com"),
    "idn-email": Made(before="user-", digits=DIGITS, after="@example.com"),
    "uuid": Made(before="00000000-0000-4000-8000-", digits=12),
    "uri": Made(before="https://example.com/", digits=DIGITS),
    "url": Made(before="https://example.com/", digits=DIGITS),
    "uri-reference": Made(before="/", digits=DIGITS),
    "hostname": Made(("example.com",)),
    "ipv4": Made(("192.0.2.1", "192.0.2.2")),
    "ipv6": Made(("2001:db8::1", "2001:db8::2")),
    "byte": Made(("bmluZSBhLm0u",)),
    "binary": Made(("nine a.m.",)),
    "decimal": Made(("1.50", "2.00")),
    "phone": Made(("+12025550101", "+12025550102")),
    "password": Made(("Monday-9-a.m.",)),
}
NAMED: tuple[tuple[str, Made], ...] = (
    ("email", FORMATS["email"]),
    ("password", FORMATS["password"]),
    ("phone", FORMATS["phone"]),
    ("url", FORMATS["url"]),
    ("currency", Made(("EUR", "USD"))),
    ("country", Made(("DE", "US"))),
    ("language", Made(("en", "de"))),
    ("locale", Made(("en_US",))),
    ("timezone", Made(("UTC",))),
)


def given(node: Node) -> tuple[Any, ...]:
    """Give the values that a parameter, a media type or a schema says itself, examples first; none if it is silent."""
    for found in (_one(node, "example"), _examples(node), _one(node, "x-example"), _one(node, "const")):
        if found:
            return found
    return _one(node, "default") or tuple(each for each in listed(node.get("enum")) if each is not None)


def exemplary(node: Node) -> bool:
    """Whether a node has an example, and not only a default."""
    return any(name in node for name in ("example", "examples", "x-example"))


def _one(node: Node, name: str) -> tuple[Any, ...]:
    return (node[name],) if node.get(name) is not None else ()


def _examples(node: Node) -> tuple[Any, ...]:
    examples = node.get("examples")
    if isinstance(examples, dict):  # of a parameter or a media type: named objects
        values = [each.get("value") for each in examples.values() if isinstance(each, dict)]
        return tuple(value for value in values if value is not None)
    return tuple(each for each in listed(examples) if each is not None)


def made(schema: Node, name: str) -> Made:
    """Make values for a flat schema that says none itself; `name` is that of its parameter or property."""
    kind = schema.get("type")
    if kind == "integer":
        return Made(_integers(schema, name))
    if kind == "number":
        return Made(_numbers(schema))
    if kind == "boolean":
        return Made((True, False))
    if kind == "null":
        return Made((None,))
    return _text(schema, name)


def _bounds(schema: Node) -> tuple[float, float]:
    low, high = _number(schema, "minimum", -math.inf), _number(schema, "maximum", math.inf)
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    low = low + 1 if above is True else max(low, _number(schema, "exclusiveMinimum", -math.inf) + 1)
    high = high - 1 if below is True else min(high, _number(schema, "exclusiveMaximum", math.inf) - 1)
    return low, high


def _number(schema: Node, name: str, default: float) -> float:
    value = schema.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else default


def _integers(schema: Node, name: str) -> tuple[int, ...]:
    low, high = _bounds(schema)
    step = max(1, math.ceil(_number(schema, "multipleOf", 1)))
    if name.lower() in FEW | SOME and low <= 20 <= high:
        return (1,) if name.lower() in FEW else (20,)
    first = 0 if math.isinf(low) or low <= 0 <= high else math.ceil(low / step) * step
    if math.isinf(low) and high < first:
        first = math.floor(high / step) * step - max(NUMBERS) * step
    fitting = tuple(number for number in (first + each * step for each in (*NUMBERS, 0)) if low <= number <= high)
    return fitting or (math.ceil(low) if math.isfinite(low) else 0,)


def _numbers(schema: Node) -> tuple[float, ...]:
    low, high = _number(schema, "minimum", -math.inf), _number(schema, "maximum", math.inf)
    low = max(low, _number(schema, "exclusiveMinimum", -math.inf))
    high = min(high, _number(schema, "exclusiveMaximum", math.inf))
    step = _number(schema, "multipleOf", 0)
    if step > 0:
        return tuple(float(each) for each in _integers(schema, ""))
    if math.isfinite(low) and math.isfinite(high):
        return tuple(round(low + (high - low) * share, 6) for share in (0.25, 0.5, 0.75))
    first = low + 1 if math.isfinite(low) and low > 0 else high - 10 if math.isfinite(high) and high < 10 else 0.5
    return tuple(first + each for each in NUMBERS)


def _text(schema: Node, name: str) -> Made:
    pattern = worded(schema.get("pattern"))
    if pattern and (text := matching(pattern)):
        return Made((text,))
    found = _birthday(schema, name) or FORMATS.get(worded(schema.get("format"))) or _by_name(name)
    shortest = max(0, int(min(_number(schema, "minLength", 0), LONGEST)))
    longest = max(1, int(min(_number(schema, "maxLength", LONGEST), LONGEST)))
    return _fitted(found, shortest, longest)


def _birthday(schema: Node, name: str) -> Made | None:
    return Made(BIRTHDAYS) if schema.get("format") == "date" and "birth" in name.lower() else None


def _by_name(name: str) -> Made:
    bare = "".join(character for character in name.lower() if character.isalnum())
    for word, found in NAMED:
        if bare.endswith(word):
            return found
    return Made(before=f"{bare[:20] or 'text'}-", digits=DIGITS)


def _fitted(found: Made, shortest: int, longest: int) -> Made:
    """Shorten or lengthen a text to what its schema allows."""
    if found.values:
        fitting = tuple(value for value in found.values if shortest <= len(str(value)) <= longest)
        return Made(fitting) if fitting else Made(before="x" * max(0, shortest - 1), digits=1)
    length = len(found.before) + found.digits + len(found.after)
    if length > longest:
        digits = min(DIGITS, longest)
        return Made(before="x" * max(0, min(shortest, longest) - digits), digits=digits)
    return found._replace(before=found.before + "x" * max(0, shortest - length))
