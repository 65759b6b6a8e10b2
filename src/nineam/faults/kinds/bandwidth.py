"""The line carries only so many bytes a second."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec

from nineam.faults.fault import DirectedFault
from nineam.faults.scheduled import Piece, Scheduled
from nineam.faults.way import Stage

if TYPE_CHECKING:
    from nineam.faults.injection import Injection
    from nineam.faults.link import Link

KB = 1000
SECOND_NS = 1_000_000_000
PIECE_NS = 10_000_000


class Bandwidth(DirectedFault, frozen=True, kw_only=True):
    """Lets `rate` kilobytes (of 1,000 bytes) a second through, each connection for itself."""

    NAME = "bandwidth"

    rate: Annotated[float, msgspec.Meta(gt=0)]

    def stages(self, injection: "Injection", link: "Link") -> Sequence[Stage]:
        """Meter the chosen directions."""
        return [Scheduled(way, injection, Metered(self.rate * KB).plan) for way in self.ways(link)]


class Metered:
    """When bytes come out of a line of so many bytes a second, `piece` of them at a time."""

    def __init__(self, bytes_per_s: float, piece: int = 0) -> None:
        self._ns_per_byte = SECOND_NS / bytes_per_s
        self._piece = piece or max(1, round(bytes_per_s * PIECE_NS / SECOND_NS))
        self._free_ns = 0.0

    def plan(self, read_ns: int, flight: int, size: int) -> Iterator[Piece]:  # noqa: ARG002 - lines know no flights
        """Give each piece when its last byte has come through; the end right behind them."""
        for begin in range(0, size, self._piece) if size else (0,):
            length = min(self._piece, size - begin)
            self._free_ns = max(self._free_ns, read_ns) + length * self._ns_per_byte
            yield round(self._free_ns), length
