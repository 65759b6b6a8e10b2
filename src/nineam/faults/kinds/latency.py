"""The way there and back takes longer."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from nineam.faults.fault import MS, Milliseconds, PartialFault
from nineam.faults.scheduled import Piece, Scheduled
from nineam.faults.way import Stage

if TYPE_CHECKING:
    from nineam.faults.injection import Injection
    from nineam.faults.link import Link


class Latency(PartialFault, frozen=True, kw_only=True):
    """Adds `latency` ms to each round trip, more or less by up to `jitter` ms: half there, half back.

    It is charged per flight: however many pieces an answer comes in, it arrives once so much later. The handshake of
    TCP, which the system does, is not delayed; `handshake` charges its round trip to the first bytes instead.
    """

    NAME = "latency"

    latency: Milliseconds = 0.0
    jitter: Milliseconds = 0.0
    handshake: bool = False

    def stages(self, injection: "Injection", link: "Link") -> Sequence[Stage]:
        """Delay both directions."""
        one_way_ns, jitter_ns = round(self.latency * MS / 2), round(self.jitter * MS / 2)
        fresh = self.handshake and link.up.flights == 0
        there = Flights(one_way_ns, jitter_ns, injection.choice.uniform, 2 * one_way_ns * fresh)
        back = Flights(one_way_ns, jitter_ns, injection.choice.uniform)
        return Scheduled(link.up, injection, there.plan), Scheduled(link.down, injection, back.plan)


class Flights:
    """When the flights of one direction arrive: all pieces of one are as late as each other, and none overtakes.

    A silence longer than the way also begins a flight: a subscriber's messages are not one flight for ever.
    `extra_ns` is what the first one takes longer.
    """

    def __init__(
        self, one_way_ns: int, jitter_ns: int, uniform: Callable[[float, float], float], extra_ns: int = 0
    ) -> None:
        self._one_way_ns, self._jitter_ns, self._uniform = one_way_ns, jitter_ns, uniform
        self._extra_ns = extra_ns
        self._flight = -1
        self._late_ns = 0
        self._read_ns = self._due_ns = 0

    def plan(self, read_ns: int, flight: int, size: int) -> Iterator[Piece]:
        """Give the one instant at which a piece arrives."""
        if flight != self._flight or read_ns - self._read_ns > self._one_way_ns:
            self._flight = flight
            self._late_ns = self._draw() + self._extra_ns
            self._extra_ns = 0
        self._read_ns = read_ns
        self._due_ns = max(self._due_ns, read_ns + self._late_ns)
        return iter(((self._due_ns, size),))

    def _draw(self) -> int:
        if not self._jitter_ns:
            return self._one_way_ns
        return max(0, round(self._one_way_ns + self._uniform(-self._jitter_ns, self._jitter_ns)))
