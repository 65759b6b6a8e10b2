"""Connections are reset."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nineam.faults.fault import MS, Milliseconds, PartialFault
from nineam.faults.timers import Timer
from nineam.faults.way import Stage

if TYPE_CHECKING:
    from nineam.faults.injection import Injection
    from nineam.faults.link import Link


class ResetPeer(PartialFault, frozen=True, kw_only=True):
    """Resets every connection (RST) `timeout` ms after the fault was applied, or after it was opened."""

    NAME = "reset_peer"

    timeout: Milliseconds = 0.0

    def stages(self, injection: "Injection", link: "Link") -> Sequence[Stage]:
        """Reset now, or let data pass until it is time."""
        if self.timeout:
            return (Resetting(injection, link, round(self.timeout * MS)),)
        injection.touch(link)
        link.reset()
        return ()


class Resetting(Stage):
    """Lets everything pass until it resets."""

    __slots__ = ("_timer",)

    def __init__(self, injection: "Injection", link: "Link", after_ns: int) -> None:
        super().__init__(link.up)
        self._timer: Timer = injection.timers.after(after_ns, lambda: self._reset(injection))

    def release(self) -> None:
        """Leave the connection alone."""
        self._timer.cancel()

    drop = release

    def _reset(self, injection: "Injection") -> None:
        injection.touch(self.way.link)
        self.way.link.reset()
