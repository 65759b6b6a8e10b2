"""Which of two layers is to blame, when an experiment has settled it: each was slowed down for a while, in turn.

What a millisecond more in a layer costs the mean request is what it is worth. A layer that nobody queues for is worth
one: its own requests take as much longer. Where a millisecond costs several, others wait for it.
"""

from collections.abc import Sequence
from itertools import starmap
from statistics import median
from typing import Any, NamedTuple

import msgspec

from nineam.model import Root

CLEARLY = 1.5
"""How many times as much the one must be worth."""
NOISES = 2.0
"""How many times the noise of the load itself the difference must be."""


class Worth(NamedTuple):
    """Milliseconds that one more millisecond in each of two layers cost the mean request, medians of the rounds."""

    first: float
    second: float
    settled: bool


def worth(rounds: Sequence[Sequence[float]], added: Sequence[float]) -> Worth:
    """Judge rounds of mean response times in milliseconds: as it is, with the first slowed down, with the second.

    `added` are the milliseconds that were added to the mean request, of each. It is settled when all rounds say the
    same, which chance does once in 2 ** (rounds - 1) times.
    """
    pairs = [((first - base) / added[0], (second - base) / added[1]) for base, first, second in rounds]
    if not pairs:
        return Worth(0.0, 0.0, settled=False)
    first, second = (median(pair[which] for pair in pairs) for which in (0, 1))
    high, low = max(first, second), max(min(first, second), 0.5)
    clear = high >= CLEARLY * low and high - low >= NOISES * _noise([row[0] for row in rounds]) / min(added)
    return Worth(first, second, settled=clear and len(pairs) > 1 and len({a > b for a, b in pairs}) == 1)


def _noise(bases: Sequence[float]) -> float:
    """By how much the same load is answered differently: the median distance from the median."""
    middle = median(bases)
    return median(abs(base - middle) for base in bases)


def proved(roots: tuple[Root, ...], experiment: dict[str, Any]) -> tuple[Root, ...]:
    """Put first what an experiment has shown to be worth most, and say so; roots as they are when it has not."""
    known = {(root.endpoint, root.layer): root for root in roots}
    keys = list(starmap(_key, experiment.get("candidates", ())))
    if len(keys) != 2 or any(key not in known for key in keys):
        return roots
    found = worth(experiment["rounds"], experiment["added_ms"])
    one, other = (known[key] for key in keys)
    if not found.settled:
        return roots
    if found.second > found.first:
        one, other, found = other, one, Worth(found.second, found.first, settled=True)
    sure = 1 - 2.0 ** (1 - len(experiment["rounds"]))
    text = (
        f"slowed down on purpose, a millisecond more in it cost the mean request {found.first:.1f} ms,"
        f" one in {other.layer} of {other.endpoint} {max(0.0, found.second):.1f} ms"
    )
    first = msgspec.structs.replace(one, proof=text, confidence=max(sure, one.confidence))
    return (first, *(root for root in roots if root is not one))


def _key(endpoint: str, layer: str) -> tuple[str, str]:
    return endpoint, layer
