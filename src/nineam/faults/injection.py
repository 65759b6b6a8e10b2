"""One fault at work on one dependency: what it needs, and what it touched."""

from random import Random
from typing import TYPE_CHECKING

from nineam.faults.timers import Timer, Timers
from nineam.model.fault import FaultCount

if TYPE_CHECKING:
    from nineam.faults.fault import Fault
    from nineam.faults.link import Link
    from nineam.faults.passage import Passage


class Injection:
    """A fault from when it is applied until it is healed. `choice` is its source of chance."""

    def __init__(self, fault: "Fault", passage: "Passage", choice: Random) -> None:
        self.fault, self.passage, self.choice = fault, passage, choice
        self.timers: Timers = passage.timers
        self.timer: Timer | None = None
        self.times = self.bytes = self.before = 0
        self._links: set[int] = set()

    def touch(self, link: "Link", size: int = 0) -> None:
        """Count that the fault did something to a connection, and to how many bytes."""
        self._links.add(link.number)
        self.times += 1
        self.bytes += size

    def meet(self, link: "Link") -> None:
        """Let the fault work on a connection, living or new."""
        if not link.dead and not link.gone:
            stages = self.fault.meet(self, link)
            if stages and not link.gone:
                link.meet(self.fault.name(), stages)

    def part(self, link: "Link") -> None:
        """Take the fault out of a connection."""
        if not link.gone:
            self.fault.part(self, link)
            link.part(self.fault.name())

    def count(self, *, active: bool) -> FaultCount:
        """Give what was touched until now."""
        self.fault.look(self)
        return FaultCount(
            fault=self.fault.name(),
            upstream=self.passage.name,
            active=active,
            connections=len(self._links),
            times=self.times,
            bytes=self.bytes,
        )
