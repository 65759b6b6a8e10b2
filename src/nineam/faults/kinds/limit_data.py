"""The dependency closes in the middle."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nineam.faults.fault import Bytes, DirectedFault
from nineam.faults.way import END, Stage, Way

if TYPE_CHECKING:
    from nineam.faults.injection import Injection
    from nineam.faults.link import Link


class LimitData(DirectedFault, frozen=True, kw_only=True):
    """Closes a connection (FIN) once `bytes` have passed since the fault was applied."""

    NAME = "limit_data"

    bytes: Bytes

    def stages(self, injection: "Injection", link: "Link") -> Sequence[Stage]:
        """Limit the chosen directions."""
        return [Limit(way, injection, self.bytes) for way in self.ways(link)]


class Limit(Stage):
    """Lets so many bytes pass, and then calls `exceed` and loses the rest."""

    __slots__ = ("_injection", "_left", "_over")

    def __init__(self, way: Way, injection: "Injection", size: int) -> None:
        super().__init__(way)
        self._injection, self._left, self._over = injection, size, False

    def feed(self, data: bytes) -> None:
        """Pass on what is allowed."""
        if self._over:
            return
        allowed = data[: self._left]
        self._left -= len(allowed)
        if allowed or not data:
            self.forward(allowed)
        if data and not self._left:
            self._over = True
            self._injection.touch(self.way.link, len(data) - len(allowed))
            self.exceed()

    def exceed(self) -> None:
        """Close the connection behind what has passed."""
        self.way.link.close_behind_end()
        self.forward(END)
