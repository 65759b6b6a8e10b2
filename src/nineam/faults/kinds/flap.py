"""The dependency comes and goes."""

from typing import TYPE_CHECKING, Annotated

import msgspec

from nineam.faults.fault import LONGEST_MS, MS, Fault
from nineam.faults.kinds.down import go_down

if TYPE_CHECKING:
    from nineam.faults.injection import Injection

Some = Annotated[float, msgspec.Meta(ge=10, le=LONGEST_MS)]


class Flap(Fault, frozen=True, kw_only=True):
    """Goes down at once, is up again after `down` ms, and down again after `up` ms more, until it is healed."""

    NAME = "flap"

    down: Some = 1000.0
    up: Some = 1000.0

    def begin(self, injection: "Injection") -> None:
        """Go down, for now."""
        go_down(injection, self.NAME)
        injection.timer = injection.timers.after(round(self.down * MS), lambda: self._come_up(injection))

    def end(self, injection: "Injection") -> None:
        """Stay up."""
        if injection.timer is not None:
            injection.timer.cancel()
        injection.passage.listener.want(self.NAME, None)

    def _come_up(self, injection: "Injection") -> None:
        injection.passage.listener.want(self.NAME, None)
        injection.timer = injection.timers.after(round(self.up * MS), lambda: self.begin(injection))
