"""Answers come byte by byte, and so never look dead."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec

from nineam.faults.fault import DirectedFault
from nineam.faults.kinds.bandwidth import Metered
from nineam.faults.scheduled import Scheduled
from nineam.faults.way import Stage

if TYPE_CHECKING:
    from nineam.faults.injection import Injection
    from nineam.faults.link import Link


class Drip(DirectedFault, frozen=True, kw_only=True):
    """Lets one byte through at a time, `bytes_per_second` of them: a timeout of inactivity never notices."""

    NAME = "drip"

    bytes_per_second: Annotated[float, msgspec.Meta(gt=0)] = 1.0

    def stages(self, injection: "Injection", link: "Link") -> Sequence[Stage]:
        """Meter the chosen directions, in pieces of one byte."""
        return [Scheduled(way, injection, Metered(self.bytes_per_second, 1).plan) for way in self.ways(link)]
