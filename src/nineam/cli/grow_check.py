"""What `nineam grow --check` says of a clone beside its original."""

from collections.abc import Iterator
from typing import Any, get_args

from nineam.grow.likeness import CLOSE, Compared, Likeness, What

SHOWN = 10
"""Differences that are named; the rest is counted, and stands in the JSON."""
KINDS: tuple[What, ...] = get_args(What)


def compared(likeness: Likeness) -> Iterator[str]:
    """Say how alike they are, a line for each kind of number, and what differs."""
    yield f"check: all {likeness.definitions} definitions (constraints, indexes, triggers) are there and hold"
    for what in KINDS:
        count = sum(each.what == what for each in likeness.compared)
        if count:
            largest = likeness.largest(what)
            judged = "the same" if largest < 1e-9 else f"at most {largest:.2%} apart"
            yield f"check: {what}: {count} numbers, {judged}"
    for each in likeness.different[:SHOWN]:
        yield f"check: more than {CLOSE:.0%} apart: {_difference(each)}"
    if len(likeness.different) > SHOWN:
        yield f"check: and {len(likeness.different) - SHOWN} more (--json FILE has them all)"


def _difference(each: Compared) -> str:
    return f"{each.what} of {each.place}: {each.found:.4g}, expected {each.expected:.4g}"


def checked(likeness: Likeness) -> dict[str, Any]:
    """Return the same for JSON."""
    return {
        "definitions": likeness.definitions,
        "compared": {what: sum(each.what == what for each in likeness.compared) for what in KINDS},
        "largest_difference": {what: round(likeness.largest(what), 6) for what in KINDS},
        "different": [
            {"what": each.what, "place": each.place, "expected": each.expected, "found": each.found}
            for each in likeness.different
        ],
    }
