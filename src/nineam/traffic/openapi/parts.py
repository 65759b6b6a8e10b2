"""Pieces of a request that stand still, and the holes between them."""

from collections.abc import Iterable
from typing import Literal

from nineam.model import Drawn, Hole, Template
from nineam.traffic.openapi.leaves import Made

Encoding = Literal["url", "json", "header"]
Parts = list[str | Hole]


def filled(found: Made, encode: Encoding, sources: tuple[Drawn, ...] = ()) -> Parts:
    """Turn values into a piece of a request; harvested ones of `sources` come before them."""
    hole = Hole(encode=encode)
    if sources:
        return [drawn(found, encode, sources)]
    if len(found.values) == 1:
        return [hole.encoded(found.values[0])]
    if found.values:
        return [Hole(choices=tuple(map(hole.encoded, found.values)), encode=encode)]
    before, after = hole.encoded(found.before), hole.encoded(found.after)
    if encode == "json":  # both are texts of their own now: what joins them are no quotation marks
        before, after = before[:-1], after[1:]
    return [before, Hole(digits=found.digits, encode=encode), after]


def drawn(found: Made, encode: Encoding, sources: tuple[Drawn, ...]) -> Hole:
    """Make one hole of it, so that it is known afterwards what stood there."""
    values = found.values or (found.before + "0" * (found.digits - 1) + "1" + found.after,)
    return Hole(sources=sources, choices=tuple(map(Hole(encode=encode).encoded, values)), encode=encode)


def joined(parts: Iterable[str | Hole]) -> Template:
    """Put neighbouring texts together and drop empty ones."""
    found: Parts = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        elif part != "":
            found.append(part)
    return tuple(found)
