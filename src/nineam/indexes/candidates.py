"""Which indexes might help one use of a table: equal columns first, then the order or one range. Pure."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from msgspec.structs import replace

from nineam.indexes.query import Use
from nineam.indexes.schema import ExistingIndex, Table
from nineam.model.indexes import IndexPart

Parts = tuple[IndexPart, ...]
SPELLING = re.compile(r"::(?:character varying|\w+)|cast\(|as \w+|[\"`()\s]", re.IGNORECASE)
"""What databases write differently: casts, quotes, parentheses, spaces."""
MOST_PARTS = 5
MOST_CANDIDATES = 8


def candidates(use: Use, distinct: Mapping[str, int]) -> tuple[Parts, ...]:
    """Return the indexes worth building, the most promising first; `distinct` counts the values of an expression.

    None when a key finds the rows already, and none that an existing index covers.
    """
    equal = sorted(_parts(use, "equal"), key=lambda part: -distinct.get(part.text, 0))
    if _found_by_key(use.table, {part.text for part in equal if part.plain}):
        return ()
    found = (_short(each) for each in _shapes(equal, _parts(use, "range"), _parts(use, "join"), _order(use)))
    fresh = (each for each in dict.fromkeys(found) if each and not covering(use.table, each))
    return tuple(dict.fromkeys(fresh))[:MOST_CANDIDATES]


def _shapes(equal: list[IndexPart], ranges: list[IndexPart], joins: list[IndexPart], order: Parts) -> Iterator[Parts]:
    e = tuple(equal)
    yield (*e, *order)
    if order:
        yield (*e, *_forwards(order[:1]))
    for each in ranges:
        yield (*e, each)
    yield e
    for each in joins:
        yield (each, *e)
        yield (*e, each)
        yield (each, *e, *order)
        yield (each,)
    for each in ranges:
        yield (*e, *order, each)
    yield e[:1]


def _parts(use: Use, kind: str) -> list[IndexPart]:
    return list(dict.fromkeys(each.part for each in use.conditions if each.kind == kind))


def _order(use: Use) -> Parts:
    """Return the order that is wanted, where it spares work; forwards where all of it may as well be read backwards."""
    filtered = any(each.kind == "equal" for each in use.conditions)
    if not (use.limited or filtered):
        return ()
    return _forwards(_without_tie_break(use))


def _without_tie_break(use: Use) -> Parts:
    """Leave out a key behind other columns: it orders equals only, of which a clone has more than production will."""
    keys = {index.parts[0].text for index in use.table.indexes if index.unique and len(index.parts) == 1}
    last = next((at for at, part in enumerate(use.order) if at and part.text in keys), len(use.order))
    return use.order[:last]


def _forwards(order: Parts) -> Parts:
    backwards = all(each.descending and not each.nulls for each in order)
    return tuple(replace(each, descending=False) for each in order) if backwards else order


def _short(parts: Parts) -> Parts:
    """Name nothing twice, and no more than an index should have."""
    first: dict[str, IndexPart] = {}
    for each in parts:
        first.setdefault(each.text, each)
    return tuple(first.values())[:MOST_PARTS]


def _found_by_key(table: Table, equal: set[str]) -> bool:
    """Whether a unique set is asked for as a whole: at most one row answers."""
    keys = [{part.text for part in index.parts} for index in table.indexes if index.unique and not index.partial]
    return any(key <= equal for key in keys)


def covering(table: Table, parts: Parts) -> ExistingIndex | None:
    """Return the existing index that begins with these parts, forwards or all backwards."""
    return next((index for index in table.indexes if not index.partial and begins(index.parts, parts)), None)


def begins(whole: Parts, parts: Parts) -> bool:
    """Whether an index of these parts is the left end of another one; the same read backwards counts."""
    head = whole[: len(parts)]
    if [spelled(each) for each in head] != [spelled(each) for each in parts]:
        return False
    turned = [one.descending != other.descending for one, other in zip(head, parts, strict=True)]
    return len(parts) == 1 or all(a == b for a, b in pairwise(turned))


def spelled(part: IndexPart) -> str:
    """Spell a part so that the same expression is the same text, whoever wrote it."""
    return part.text if part.plain else SPELLING.sub("", part.text).lower()
