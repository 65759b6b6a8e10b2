"""The way to one dependency: its port, its living connections, the faults at work on them, and the counts."""

import asyncio
import itertools
import socket
from collections.abc import Collection, Sequence
from random import Random

from nineam.errors import UsageError
from nineam.faults.addresses import addresses_of
from nineam.faults.fault import Fault
from nineam.faults.injection import Injection
from nineam.faults.link import Link
from nineam.faults.listener import Listener
from nineam.faults.timers import Timers
from nineam.model.fault import FaultCount, Upstream, UpstreamCount


class Passage:
    """Listens for the application and connects to one upstream. Raises UsageError for an upstream that is not allowed.

    Everything happens on the loop's thread: a fault that `apply` has returned from holds for every connection.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        timers: Timers,
        upstream: Upstream,
        seed: int,
        allowed: Collection[str] = (),
    ) -> None:
        self.timers = timers
        self.name = upstream.name
        self.unreachable = 0
        self._loop, self._upstream, self._seed = loop, upstream, seed
        self._addresses: Sequence[str] = addresses_of(upstream, allowed)
        self._numbers = itertools.count(1)
        self._injections: dict[str, Injection] = {}
        self._healed: list[FaultCount] = []
        self._past = UpstreamCount(upstream=upstream.name)
        self.links: set[Link] = set()
        self.listener = Listener(loop, self._accepted, upstream.listen)

    def apply(self, fault: Fault) -> None:
        """Let a fault work on every connection, living or new; one of the same name is healed first."""
        self.heal(fault.name())
        choice = Random(f"{self._seed} {self.name} {fault.name()}")  # noqa: S311 - has to be repeatable
        injection = Injection(fault, self, choice)
        fault.begin(injection)
        self._injections[fault.name()] = injection
        for link in tuple(self.links):
            injection.meet(link)

    def heal(self, name: str = "") -> None:
        """Take out one fault, or all of them, the latest first; one that is not at work is not missed."""
        for injection in reversed(tuple(self._injections.values())):
            if name in ("", injection.fault.name()):
                del self._injections[injection.fault.name()]
                for link in tuple(self.links):
                    injection.part(link)
                self._healed.append(injection.count(active=False))
                injection.fault.end(injection)

    def counts(self) -> UpstreamCount:
        """Give what went through and what each fault touched."""
        links = (*self.links,)
        return UpstreamCount(
            upstream=self.name,
            connections=self._past.connections + len(links),
            living=len(links),
            unreachable=self.unreachable,
            flights_up=self._past.flights_up + sum(link.up.flights for link in links),
            flights_down=self._past.flights_down + sum(link.down.flights for link in links),
            bytes_up=self._past.bytes_up + sum(link.up.bytes for link in links),
            bytes_down=self._past.bytes_down + sum(link.down.bytes for link in links),
            faults=(*self._healed, *(each.count(active=True) for each in self._injections.values())),
        )

    def left(self, link: Link) -> None:
        """Keep the counts of a connection that is over."""
        self.links.discard(link)
        past = self._past
        self._past = UpstreamCount(
            upstream=self.name,
            connections=past.connections + 1,
            flights_up=past.flights_up + link.up.flights,
            flights_down=past.flights_down + link.down.flights,
            bytes_up=past.bytes_up + link.up.bytes,
            bytes_down=past.bytes_down + link.down.bytes,
        )

    def close(self) -> None:
        """Heal everything, close every connection and give the port up."""
        self.heal()
        self.listener.close()
        for link in tuple(self.links):
            link.reset()

    def _accepted(self, connection: socket.socket) -> None:
        link = Link(self, next(self._numbers), connection)
        self.links.add(link)
        for injection in tuple(self._injections.values()):
            injection.meet(link)
        if not link.gone:
            link.open(self._loop, self._addresses, self._upstream.port)


def passages(
    loop: asyncio.AbstractEventLoop,
    upstreams: Sequence[Upstream],
    seed: int = 1,
    allowed: Collection[str] = (),
) -> dict[str, Passage]:
    """Open the way to each upstream, by its name. Raises UsageError, with nothing left open."""
    timers = Timers(loop)
    opened: dict[str, Passage] = {}
    try:
        for upstream in upstreams:
            if upstream.name in opened:
                raise UsageError(f"two upstreams are called {upstream.name!r}", hint="give each a name of its own")
            opened[upstream.name] = Passage(loop, timers, upstream, seed, allowed)
    except BaseException:
        for passage in opened.values():
            passage.close()
        timers.close()
        raise
    return opened
