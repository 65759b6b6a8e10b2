"""Values that were not accounted for. Harmless in every language: nothing in them destroys anything."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

LONG = 6_000  # most servers refuse more than 8,190 in one line
DIGITS = 5_000  # Python reads no more than 4,300 into one integer


class Value(NamedTuple):
    """A value and how to say it; `encoded` as it stands in an address."""

    what: str
    encoded: str


IN_ADDRESSES: tuple[Value, ...] = (
    Value("NUL", "a%00b"),
    Value("lone surrogate", "%ED%A0%80"),
    Value("invalid UTF-8", "%FF%FE"),
    Value("overlong UTF-8", "%C1%A1"),
    Value("broken percent escape", "%zz%"),
    Value("nothing", ""),
    Value("negative number", "-1"),
    Value("zero", "0"),
    Value("number beyond 32 bits", "2147483648"),
    Value("number beyond 64 bits", "9223372036854775808"),
    Value("number beyond 128 bits", "340282366920938463463374607431768211456"),
    Value("number of 5,000 digits", "9" * DIGITS),
    Value("number too large for a float", "1e999"),
    Value("fraction", "1.5"),
    Value("NaN", "NaN"),
    Value("digits of another script", "%D9%A1%D9%A2"),
    Value("superscript digit", "%C2%B2"),
    Value("quotes", "O%27Brien%22%3B--"),
    Value("braces of templates", "%7B%7B7%2A7%7D%7D%24%7B7%2A7%7D"),
    Value("format specifiers", "%25s%25n%7B0%7D"),
    Value("markup", "%3Cb%3Ehello%3C%2Fb%3E"),
    Value("way out of the folder", "..%2F..%2F..%2F..%2Fetc%2Fhostname"),
    Value("line break", "a%0D%0Ab"),
    Value("text from right to left", "%E2%80%AE%D7%A9%D7%9C%D7%95%D7%9D"),
    Value("invisible characters", "%E2%80%8B%EF%BB%BF"),
    Value("combining characters", "e" + "%CC%81" * 200),
    Value("character beyond 16 bits", "%F0%9F%92%A9"),
    Value("JSON", "%7B%22a%22%3A%5B%5D%7D"),
    Value("word", "nobody"),
    Value("date that does not exist", "2026-02-30"),
    Value("year 0", "0000-00-00"),
    Value("regular expression that does not close", "%28%5B%2A%2B"),
    Value("text of 6 kB", "q" * LONG),
)

IN_JSON: tuple[tuple[str, Any], ...] = (
    ("null", None),
    ("true", True),
    ("a list", []),
    ("an object", {}),
    ("a list of lists", [[None]]),
    ("empty text", ""),
    ("text", "nobody"),
    ("NUL in text", "a\x00b"),
    ("lone surrogate", "\ud800"),
    ("quotes", "O'Brien\";--"),
    ("braces of templates", "{{7*7}}${7*7}"),
    ("format specifiers", "%s%n{0}"),
    ("text from right to left", "\u202e\u05e9\u05dc\u05d5\u05dd"),
    ("character beyond 16 bits", "\U0001f4a9"),
    ("text of 100 kB", "x" * 100_000),
    ("a negative number", -1),
    ("zero", 0),
    ("a fraction", 0.1),
    ("a number beyond 64 bits", 9_223_372_036_854_775_808),
    ("a number too large for a float", float("inf")),
    ("a date that does not exist", "2026-02-30"),
)
MOST_PLACES = 40
DEEPEST_PLACE = 6

Place = tuple[str | int, ...]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Yield where something stands in a JSON value, outermost first: keys and indexes; of a list only the first."""
    if len(at) >= DEEPEST_PLACE:
        return
    inner: list[Place] = []
    if isinstance(value, dict):
        inner = [(*at, key) for key in value]
    elif isinstance(value, list) and value:
        inner = [(*at, 0)]
    yield from inner
    for place in inner:
        yield from places(value[place[-1]], place)


def replaced(value: Any, place: Place, new: Any) -> Any:
    """Give a copy of a JSON value with something else at a place."""
    if not place:
        return new
    copy = value.copy()
    copy[place[0]] = replaced(value[place[0]], place[1:], new)
    return copy


def without(value: Any, place: Place) -> Any:
    """Give a copy of a JSON value without what stands at a place."""
    copy = value.copy()
    if len(place) == 1:
        del copy[place[0]]
    else:
        copy[place[0]] = without(value[place[0]], place[1:])
    return copy


def spelt(place: Place) -> str:
    """Spell a place as people do: `items[0].price`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return text.removeprefix(".")


def json_text(value: Any) -> bytes:
    """Write JSON; a number too large for a float as one that every parser reads."""
    return json.dumps(value).replace("Infinity", "1e999").encode()
