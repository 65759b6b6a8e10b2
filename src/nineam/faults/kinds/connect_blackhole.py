"""Attempts to connect get no answer."""

from typing import TYPE_CHECKING

from nineam.faults.fault import Fault

if TYPE_CHECKING:
    from nineam.faults.injection import Injection


class ConnectBlackhole(Fault, frozen=True, kw_only=True):
    """Leaves attempts to connect without any answer; living connections go on. Linux only.

    A filter of one instruction on the listening socket drops what arrives there, as a firewall would. Counted are the
    packets it dropped, which the system sends again after 1, 3, 7 ... s; so late may an attempt come through when
    healed.
    """

    NAME = "connect_blackhole"

    def begin(self, injection: "Injection") -> None:
        """Swallow attempts."""
        injection.before = injection.passage.listener.swallowed()
        injection.passage.listener.want(self.NAME, "swallow")

    def end(self, injection: "Injection") -> None:
        """Answer them."""
        injection.passage.listener.want(self.NAME, None)

    def look(self, injection: "Injection") -> None:
        """Ask the system how many it has dropped."""
        injection.times = injection.passage.listener.swallowed() - injection.before
