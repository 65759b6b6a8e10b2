"""JSON that is well-formed and not what was expected: fields left out, of another type, of another size."""

from collections.abc import Iterator
from typing import Any

from nineam.model import Chunk
from nineam.model.payload import WITH_BODY
from nineam.payloads.aim import Aim
from nineam.payloads.kinds.kind import JSON, Wrong
from nineam.payloads.values import IN_JSON, MOST_PLACES, json_text, places, replaced, spelt, without

SHAPES: tuple[tuple[str, Any], ...] = (
    ("null", None),
    ("true", True),
    ("a number", 0),
    ("text", "nobody"),
    ("an empty list", []),
    ("an empty object", {}),
    ("a list of nothing", [None]),
    ("a list of objects", [{}]),
)


def wrongs(aim: Aim) -> Iterator[Wrong]:
    """Yield them: other shapes, then what can be wrong with the ordinary body's fields."""
    if aim.method not in WITH_BODY:
        return
    for what, shape in SHAPES:
        yield _wrong(f"{what} as JSON", shape)
    sample = aim.sample
    if not isinstance(sample, dict | list):
        return
    for place in list(places(sample))[:MOST_PLACES]:
        if isinstance(place[-1], str):
            yield _wrong(f"{spelt(place)} missing in the JSON", without(sample, place))
        for what, value in IN_JSON:
            yield _wrong(f"{what} for {spelt(place)} in the JSON", replaced(sample, place, value))
    if isinstance(sample, dict):
        yield _wrong("a field that nobody expects in the JSON", sample | {"__class__": {}, "nobody": None})


def _wrong(what: str, value: Any) -> Wrong:
    return Wrong(what, "body", headers=JSON, body=(Chunk(json_text(value)),))
