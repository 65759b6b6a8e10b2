"""Silence: the connection stands, is acknowledged, and nothing comes."""

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from nineam.faults.fault import DirectedFault, Stream
from nineam.faults.way import Stage, Way

if TYPE_CHECKING:
    from nineam.faults.injection import Injection
    from nineam.faults.link import Link


class Stall(DirectedFault, frozen=True, kw_only=True):
    """Holds everything that is said, on living connections and new ones, until the fault is healed.

    `heal` says what happens then to all connections that were there: `resume` delivers what was held, `reset` resets
    them, `zombie` leaves them dead for ever while new ones work, as behind a router that forgot them.
    """

    NAME = "stall"

    stream: Stream = "both"
    heal: Literal["resume", "reset", "zombie"] = "resume"

    def stages(self, injection: "Injection", link: "Link") -> Sequence[Stage]:
        """Hold the chosen directions."""
        return [Holding(way, injection) for way in self.ways(link)]

    def part(self, injection: "Injection", link: "Link") -> None:  # noqa: ARG002 - every fault is given both
        """End a connection as chosen."""
        if not link.has(self.NAME):
            return
        if self.heal == "reset":
            link.reset()
        elif self.heal == "zombie":
            link.bury()


class Holding(Stage):
    """Takes everything and keeps it."""

    __slots__ = ("_held", "_injection")

    def __init__(self, way: Way, injection: "Injection") -> None:
        super().__init__(way)
        self._injection = injection
        self._held: deque[bytes] = deque()

    def feed(self, data: bytes) -> None:
        """Keep data, and the end."""
        self._injection.touch(self.way.link, len(data))
        self._held.append(data)
        self.way.hold(len(data))

    def release(self) -> None:
        """Deliver what was kept, in order."""
        held, self._held = self._held, deque()
        self.way.hold(-sum(map(len, held)))
        for data in held:
            self.forward(data)

    def drop(self) -> None:
        """Forget it."""
        self._held.clear()
