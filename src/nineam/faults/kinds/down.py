"""The dependency is down: connections are reset, and new ones refused."""

from typing import TYPE_CHECKING

from nineam.faults.fault import Fault

if TYPE_CHECKING:
    from nineam.faults.injection import Injection


class Down(Fault, frozen=True, kw_only=True):
    """Resets living connections and refuses new ones, as after a crash.

    Counted are the connections that it reset: attempts are refused by the system, where nobody sees them.
    """

    NAME = "down"

    def begin(self, injection: "Injection") -> None:
        """Go down."""
        go_down(injection, self.NAME)

    def end(self, injection: "Injection") -> None:
        """Come up."""
        injection.passage.listener.want(self.NAME, None)


def go_down(injection: "Injection", name: str) -> None:
    """Refuse connections and reset those that live."""
    injection.passage.listener.want(name, "refuse")
    for link in tuple(injection.passage.links):
        injection.touch(link)
        link.reset()
