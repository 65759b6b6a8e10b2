"""How often nineam was right, as a table. Pure."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.capacity.reference import Reference
from benchmarks.tables import markdown, range_of, spread

CLOSE = 0.10
ENOUGH_OF_TEN = 9
LIMIT_S = 300.0


class Repeat(NamedTuple):
    """What one run said, and how many seconds it took."""

    low: float
    high: float
    kind: str
    seconds: float
    limited_by: str = ""

    @property
    def middle(self) -> float:
        """The geometric middle of the interval: what it says when asked for one number."""
        return math.sqrt(self.low * self.high)


class Measured(NamedTuple):
    """An application with its reference and its repeats; `stayed` when the reference was still true after them."""

    name: str
    reference: Reference
    repeats: Sequence[Repeat]
    stayed: bool = True

    @property
    def close(self) -> int:
        """In how many repeats the middle was within a tenth of the reference; "cannot tell" is none of them."""
        rate = self.reference.rate
        return sum(one.kind != "cannot-tell" and abs(one.middle / rate - 1) <= CLOSE for one in self.repeats)

    @property
    def around(self) -> int:
        """In how many repeats the interval held the reference."""
        return sum(one.low <= self.reference.rate <= one.high for one in self.repeats)

    @property
    def good(self) -> bool:
        """Whether nine of ten are close, in five minutes each, beside a reference that is one."""
        quick = all(one.seconds <= LIMIT_S for one in self.repeats)
        return self.reference.sure and self.stayed and quick and self.close * 10 >= ENOUGH_OF_TEN * len(self.repeats)


HEADER = ("application", "carried for long", "said", "within 10 %", "interval around it", "confirmed", "seconds", "")


def table(measured: Sequence[Measured]) -> str:
    """Draw a row for each application."""
    return "\n".join(markdown(HEADER, [_row(one) for one in measured]))


def _row(one: Measured) -> list[str]:
    count = len(one.repeats)
    doubt = "" if one.reference.sure else " (at the edge of where it was looked for)"
    doubt += "" if one.stayed else " (not after the repeats: the machine changed)"
    return [
        one.name,
        f"{one.reference.carried:.1f} - {one.reference.broke:.1f}/s{doubt}",
        range_of(spread([each.middle for each in one.repeats])),
        f"{one.close} of {count}",
        f"{one.around} of {count}",
        f"{sum(each.kind == 'measured' for each in one.repeats)} of {count}",
        range_of(spread([each.seconds for each in one.repeats]), 0),
        "held" if one.good else "MISSED",
    ]
