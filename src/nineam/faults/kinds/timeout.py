"""Data are lost, and the connection is closed at last."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nineam.faults.fault import MS, DirectedFault, Milliseconds
from nineam.faults.timers import Timer
from nineam.faults.way import Stage, Way

if TYPE_CHECKING:
    from nineam.faults.injection import Injection
    from nineam.faults.link import Link


class Timeout(DirectedFault, frozen=True, kw_only=True):
    """Loses all data, and closes each connection after `timeout` ms; 0 for not until the fault is healed.

    Healing closes them: what was lost cannot be made good. (A stall loses nothing, and may heal otherwise.)
    """

    NAME = "timeout"

    timeout: Milliseconds = 0.0

    def stages(self, injection: "Injection", link: "Link") -> Sequence[Stage]:
        """Lose the data of the chosen directions."""
        return [Losing(way, injection, round(self.timeout * MS)) for way in self.ways(link)]


class Losing(Stage):
    """Takes everything and passes nothing on."""

    __slots__ = ("_injection", "_timer")

    def __init__(self, way: Way, injection: "Injection", after_ns: int) -> None:
        super().__init__(way)
        self._injection = injection
        self._timer: Timer | None = injection.timers.after(after_ns, self._close) if after_ns else None

    def feed(self, data: bytes) -> None:
        """Lose data."""
        self._injection.touch(self.way.link, len(data))

    def release(self) -> None:
        """Close the connection."""
        self.drop()
        self.way.link.close()

    def drop(self) -> None:
        """Leave the connection alone."""
        if self._timer is not None:
            self._timer.cancel()

    def _close(self) -> None:
        self._injection.touch(self.way.link)
        self.way.link.close()
