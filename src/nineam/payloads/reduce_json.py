"""The smallest JSON value that still does it: parts left out, children in place of parents, plain values."""

import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from nineam.payloads.ddmin import ddmin
from nineam.payloads.values import Place, replaced

Does = Callable[[Any], Awaitable[bool]]
PLAIN: tuple[Any, ...] = (None, 0, "", [], {})
DEEPEST = 200


async def smallest(value: Any, does: Does) -> Any:
    """Make a JSON value smaller until no single part can be left out or be plainer; `does` decides."""
    while True:
        before = value
        value = await _fewer(value, (), value, does)
        value = await _plainer(value, does)
        if _same(before, value):
            return value


async def _fewer(whole: Any, place: Place, part: Any, does: Does) -> Any:
    """Leave parts of containers out, outermost first."""
    if len(place) > DEEPEST or not isinstance(part, dict | list) or not part:
        return whole
    whole = await _shorter(whole, place, part, does)
    part = _at(whole, place)
    for key in list(part) if isinstance(part, dict) else range(len(part)):
        whole = await _fewer(whole, (*place, key), _at(whole, (*place, key)), does)
    return whole


async def _shorter(whole: Any, place: Place, part: Any, does: Does) -> Any:
    made: Callable[[tuple[Any, ...]], Any] = dict if isinstance(part, dict) else list
    items = tuple(part.items() if isinstance(part, dict) else part)

    async def still(kept: tuple[Any, ...]) -> bool:
        return await does(replaced(whole, place, made(kept)))

    return replaced(whole, place, made(await ddmin(items, still)))


async def _plainer(whole: Any, does: Does) -> Any:
    """Put something plainer in place of every part in turn: one of its children, or a plain value, or half a text."""
    for place in _everywhere(whole):
        for candidate in _candidates(_at(whole, place)):
            attempt = replaced(whole, place, candidate)
            if await does(attempt):
                return attempt
    return whole


def _everywhere(value: Any, at: Place = ()) -> Iterator[Place]:
    yield at
    if len(at) < DEEPEST:
        keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        for key in keys:
            yield from _everywhere(value[key], (*at, key))


def _candidates(part: Any) -> Iterator[Any]:
    """Yield what is plainer than a part, plainest first; nothing that is plainer leads back to it."""
    rank = _rank(part)
    yield from (plain for plain in PLAIN if _rank(plain) < rank)
    if isinstance(part, dict):
        yield from (child for child in part.values() if _rank(child) < rank)
        yield from (_renamed(part, key, name) for key in part for name in _shorter_names(part, key))
    elif isinstance(part, list):
        yield from (child for child in part if _rank(child) < rank)
    elif isinstance(part, int | float) and part < 0:
        yield -part
    elif isinstance(part, str) and len(part) > 1:
        yield from (half for half in (part[: len(part) // 2], part[1:], part[:-1]) if half != part)


def _shorter_names(part: dict[str, Any], key: str) -> Iterator[str]:
    return (name for name in ("a", key[: len(key) // 2]) if name not in part and _rank(name) < _rank(key))


def _renamed(part: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    return {new if key == old else key: value for key, value in part.items()}


def _rank(value: Any) -> tuple[int, int]:
    """Order values by how plain they are: by the length of their text, then as in `PLAIN`."""
    order = next((index for index, plain in enumerate(PLAIN) if _same(plain, value)), len(PLAIN))
    return (0, order) if order < len(PLAIN) else (1, len(json.dumps(value)))


def _at(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


def _same(one: Any, other: Any) -> bool:
    """Compare as JSON does: 0 is not false, and the order of fields may matter to somebody."""
    return json.dumps(one) == json.dumps(other)
