"""Connections close late."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nineam.faults.fault import MS, DirectedFault, Milliseconds
from nineam.faults.scheduled import Piece, Scheduled
from nineam.faults.way import END, Stage

if TYPE_CHECKING:
    from nineam.faults.injection import Injection
    from nineam.faults.link import Link


class SlowClose(DirectedFault, frozen=True, kw_only=True):
    """Holds the end of a connection back for `delay` ms; data pass."""

    NAME = "slow_close"

    delay: Milliseconds = 1000.0

    def stages(self, injection: "Injection", link: "Link") -> Sequence[Stage]:
        """Hold the end of the chosen directions back."""
        return [Closing(way, injection, self._plan) for way in self.ways(link)]

    def _plan(self, read_ns: int, flight: int, size: int) -> Iterator[Piece]:  # noqa: ARG002 - it is about the end
        yield read_ns + round(self.delay * MS), size


class Closing(Scheduled):
    """Schedules the end only."""

    __slots__ = ()

    def feed(self, data: bytes) -> None:
        """Pass data on; nothing comes behind the end."""
        if data:
            self.forward(data)
        else:
            super().feed(END)
