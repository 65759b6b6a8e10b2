"""Draws values for a statement's holes from rows of the clone: frequent ones, random ones. Pure, and seeded."""

import random
from collections import Counter
from collections.abc import Mapping
from typing import Any

from nineam.indexes.naming import ZONE
from nineam.indexes.query import Place, Query
from nineam.model.record import Record

PAGE, MEMBERS, LETTERS = 20, 20, 3
"""What is taken for a LIMIT and for the length of a list, which the run does not keep, and letters of a pattern."""
WIDTHS = (0.25, 0.05, 0.01)
"""Shares of the rows that a range lets through, from set to set."""
EVERYTHING = 1.0
"""The share of one more set, where equal columns let no more rows through than the widest range."""
FIXED: dict[str, Any] = {
    "limit": PAGE,
    "offset": 0,
    "one": 1,
    "escape": "\\",
    "percent": "%",
    "zone": ZONE,
    "true": True,
}


class Sampled(Record, frozen=True, kw_only=True):
    """Rows of some expressions of one use of a table."""

    expressions: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class NoValues(Exception):  # noqa: N818 - an answer: the statement is not tried
    """There is nothing to draw from; the text says where."""


def drawn(query: Query, samples: Mapping[int, Sampled], seed: int) -> tuple[dict[int, Any], ...]:
    """Return sets of values by hole: of the most frequent row, then of random ones. Raises NoValues."""
    chance = random.Random(seed)  # noqa: S311 - no secrets
    sets = [_set(query, samples, chance, width, frequent=not at) for at, width in enumerate(WIDTHS)]
    if _narrowed_beside_a_range(query, samples):
        sets.append(_set(query, samples, chance, EVERYTHING, frequent=True))
    return tuple(each for at, each in enumerate(sets) if each not in sets[:at])


def _narrowed_beside_a_range(query: Query, samples: Mapping[int, Sampled]) -> bool:
    """Whether a table is found by few equal rows already, so that its range may just as well let everything through."""
    ranged = {place.use for place in query.places if place.kind in ("low", "high")}
    return any(0 < _most_frequent(query, use, samples[use])[1] <= WIDTHS[0] for use in ranged)


def _set(
    query: Query, samples: Mapping[int, Sampled], chance: random.Random, width: float, *, frequent: bool
) -> dict[int, Any]:
    rows = {use: _row(query, use, sample, chance, frequent=frequent) for use, sample in samples.items()}
    named: dict[str, Any] = {}
    starts = _starts(query, chance, width)
    values: dict[int, Any] = {}
    for place in query.places:
        name = query.holed.holes[place.hole].name
        value = named.get(name) if name else None
        if value is None:
            value = _value(place, rows, samples, chance, width, starts)
        values[place.hole] = named[name] = value
    return values


def _row(query: Query, use: int, sample: Sampled, chance: random.Random, *, frequent: bool) -> tuple[Any, ...]:
    """Choose a row whose compared expressions all have values: the most frequent combination, or any."""
    columns, known = _compared(query, use, sample)
    if not known:
        raise NoValues(f"{query.uses[use].table.name} has no values to ask for")
    return _most_frequent(query, use, sample)[0] if frequent and columns else chance.choice(known)


def _compared(query: Query, use: int, sample: Sampled) -> tuple[list[int], list[tuple[Any, ...]]]:
    """Return the columns that are compared with one value, by number, and the rows in which all of them have one."""
    compared = {place.expression for place in query.places if place.use == use and place.kind == "equal"}
    columns = [at for at, each in enumerate(sample.expressions) if each in compared]
    return columns, [row for row in sample.rows if all(row[at] is not None for at in columns)]


def _most_frequent(query: Query, use: int, sample: Sampled) -> tuple[tuple[Any, ...], float]:
    """Return a row of the most frequent combination, and its share of the rows; 0 where nothing is compared."""
    columns, known = _compared(query, use, sample)
    if not columns or not known:
        return (), 0.0
    ((common, count),) = Counter(tuple(map(str, (row[at] for at in columns))) for row in known).most_common(1)
    row = next(row for row in known if tuple(map(str, (row[at] for at in columns))) == common)
    return row, count / len(sample.rows)


def _value(
    place: Place, rows: Mapping[int, tuple[Any, ...]], samples: Mapping[int, Sampled], chance: random.Random,
    width: float, starts: Mapping[tuple[int, str], float],
) -> Any:  # fmt: skip
    if place.kind == "ordinal":
        return place.number
    if place.kind in FIXED:
        return FIXED[place.kind]
    sample = samples[place.use]
    at = sample.expressions.index(place.expression)
    known = [row[at] for row in sample.rows if row[at] is not None]
    if not known and place.kind != "written":
        raise NoValues(f"{place.expression} has no values to ask for")
    if place.kind in ("list", "array", "member"):
        return _members(known, chance, many=place.kind != "member")
    if place.kind in ("low", "high"):
        return _bound(place, known, starts[place.use, place.expression], width)
    value = rows[place.use][at]
    if value is None or place.kind == "written":
        value = chance.choice(known or [None])
    if place.kind in ("prefix", "pattern"):
        letters = str(value)[:LETTERS]
        return f"%{letters}%" if place.kind == "pattern" else letters
    return value


def _members(known: list[Any], chance: random.Random, *, many: bool) -> Any:
    different = list({str(value): value for value in known}.values())
    return chance.sample(different, min(MEMBERS, len(different))) if many else chance.choice(different)


def _starts(query: Query, chance: random.Random, width: float) -> dict[tuple[int, str], float]:
    """Say where the window of each range begins, as a share of the values: at an end when it has one bound only."""
    kinds: dict[tuple[int, str], set[str]] = {}
    for place in query.places:
        if place.kind in ("low", "high"):
            kinds.setdefault((place.use, place.expression), set()).add(place.kind)
    return {
        key: chance.uniform(0.0, 1.0 - width) if len(found) == 2 else 1.0 - width if "low" in found else 0.0
        for key, found in kinds.items()
    }


def _bound(place: Place, known: list[Any], start: float, width: float) -> Any:
    """Return an end of a window among the values."""
    try:
        ordered = sorted(known)
    except TypeError:
        raise NoValues(f"values of {place.expression} have no order") from None
    share = start if place.kind == "low" else start + width
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
