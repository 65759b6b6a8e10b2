"""The connection breaks in the middle."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nineam.faults.fault import Bytes, DirectedFault
from nineam.faults.kinds.limit_data import Limit
from nineam.faults.way import Stage

if TYPE_CHECKING:
    from nineam.faults.injection import Injection
    from nineam.faults.link import Link


class CutAfter(DirectedFault, frozen=True, kw_only=True):
    """Resets a connection (RST) once `bytes` have passed since the fault was applied."""

    NAME = "cut_after"

    bytes: Bytes

    def stages(self, injection: "Injection", link: "Link") -> Sequence[Stage]:
        """Limit the chosen directions."""
        return [Cut(way, injection, self.bytes) for way in self.ways(link)]


class Cut(Limit):
    """A limit that is not an end but a break."""

    __slots__ = ()

    def exceed(self) -> None:
        """Reset the connection behind what has passed."""
        self.way.link.reset_when_sent()
