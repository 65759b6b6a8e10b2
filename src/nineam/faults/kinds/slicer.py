"""Data come in small pieces."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import TYPE_CHECKING, Annotated

import msgspec

from nineam.faults.fault import LONGEST_MS, DirectedFault
from nineam.faults.scheduled import Piece, Scheduled
from nineam.faults.way import Stage

if TYPE_CHECKING:
    from nineam.faults.injection import Injection
    from nineam.faults.link import Link

MICROSECOND = 1000


class Slicer(DirectedFault, frozen=True, kw_only=True):
    """Cuts data into pieces of `average_size` bytes, more or less by up to `size_variation`, `delay` us apart.

    With a delay of 0 the system may put pieces together again.
    """

    NAME = "slicer"

    average_size: Annotated[int, msgspec.Meta(ge=1)] = 64
    size_variation: Annotated[int, msgspec.Meta(ge=0)] = 0
    delay: Annotated[float, msgspec.Meta(ge=0, le=LONGEST_MS * 1000)] = 0.0

    def stages(self, injection: "Injection", link: "Link") -> Sequence[Stage]:
        """Slice the chosen directions."""
        cut = (self.average_size, self.size_variation, round(self.delay * MICROSECOND), injection.choice)
        return [Scheduled(way, injection, Slices(*cut).plan) for way in self.ways(link)]


class Slices:
    """Pieces of chance sizes, each some time after the one before."""

    def __init__(self, average: int, variation: int, delay_ns: int, choice: Random) -> None:
        self._least, self._most = max(1, average - variation), max(1, average + variation)
        self._delay_ns, self._choice = delay_ns, choice
        self._due_ns = 0

    def plan(self, read_ns: int, flight: int, size: int) -> Iterator[Piece]:  # noqa: ARG002 - pieces know no flights
        """Give the pieces, the first at once; the end right behind the last."""
        begin = 0
        while begin < size or size == begin == 0:
            length = min(size - begin, self._choice.randint(self._least, self._most))
            self._due_ns = max(self._due_ns + self._delay_ns * (size > 0), read_ns)
            yield self._due_ns, length
            begin += length
            if not size:
                return
