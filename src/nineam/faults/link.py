"""One connection of the application, and the one to the dependency that belongs to it."""

import asyncio
import contextlib
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nineam.faults.resetting import is_unsent, reset, reset_socket
from nineam.faults.side import Side
from nineam.faults.timers import now_ns
from nineam.faults.way import Stage, Way

if TYPE_CHECKING:
    from nineam.faults.passage import Passage

SENT_EVERY_NS = 1_000_000
SENT_WITHIN_NS = 5_000_000_000


class Link:
    """Both sockets of a connection, `up` and `down` between them, and the faults that it met.

    `dead` links take everything and answer nothing; `gone` ones are closed.
    """

    def __init__(self, passage: "Passage", number: int, accepted: socket.socket) -> None:
        self.passage, self.number = passage, number
        self.up, self.down = Way(self, "upstream"), Way(self, "downstream")
        self.turn: Way | None = None
        self.dead = self.gone = False
        self._accepted: socket.socket | None = accepted
        self._transports: list[asyncio.Transport] = []
        self._stages: dict[str, Sequence[Stage]] = {}
        self._ends = 0
        self._opening: asyncio.Task[None] | None = None

    # --- a connection's beginning ---

    def open(self, loop: asyncio.AbstractEventLoop, addresses: Sequence[str], port: int) -> None:
        """Connect to the dependency, then read what the application says."""
        self._opening = loop.create_task(self._open(loop, addresses, port))

    async def _open(self, loop: asyncio.AbstractEventLoop, addresses: Sequence[str], port: int) -> None:
        for address in addresses:
            with contextlib.suppress(OSError):
                await loop.create_connection(lambda: Side(self, self.down, self.up), address, port)
                break
        else:
            self.passage.unreachable += 1
            self.reset()
            return
        accepted, self._accepted = self._accepted, None
        if self.gone or accepted is None:
            self.reset()
            return
        try:
            await loop.connect_accepted_socket(lambda: Side(self, self.up, self.down), accepted)
        except OSError:
            accepted.close()
            self.reset()

    def has_side(self, transport: asyncio.Transport) -> None:
        """Note that a socket is up, perhaps too late."""
        self._transports.append(transport)
        if self.gone:
            reset(transport)

    # --- faults ---

    def meet(self, name: str, stages: Sequence[Stage]) -> None:
        """Let a fault work on this connection from now on."""
        self._stages[name] = stages
        self._lead()

    def part(self, name: str) -> None:
        """Take a fault out: what it holds goes on, or is lost with a connection that is over."""
        for stage in self._stages.get(name, ()):
            if self.dead or self.gone:
                stage.drop()
            else:
                stage.release()
        self._stages.pop(name, None)
        if not self.dead:
            self._lead()

    def has(self, name: str) -> bool:
        """Whether a fault works on this connection."""
        return name in self._stages

    def _lead(self) -> None:
        for way in (self.up, self.down):
            way.lead_through([each for pair in self._stages.values() for each in pair if each.way is way])

    # --- a connection's end ---

    def ended(self, way: Way) -> None:
        """Take it that one side has said everything."""
        if not self.dead:
            way.end()
        elif way is self.up:
            self.close()

    def delivered_end(self, way: Way) -> None:
        """Close one direction, or the connection with the second one."""
        self._ends += 1
        if self._ends > 1 or way.sink is None or not way.sink.can_write_eof():
            self.close()
        else:
            way.sink.write_eof()

    def lost(self, *, reset: bool) -> None:
        """Take it that a socket is closed."""
        if reset:
            self.reset()
        elif not self.gone:
            self.close()

    def bury(self) -> None:
        """Stay connected, hear everything and say nothing ever again, until the application closes."""
        self.dead = True
        for way in (self.up, self.down):
            way.push = _ignore
        self._drop()
        if self.up.ended:
            self.close()

    def close_behind_end(self) -> None:
        """Close both sockets behind the end of whichever direction ends first."""
        self._ends += 1

    def close(self) -> None:
        """Close both sockets behind what was written."""
        self._leave()
        if self._accepted is not None:
            self._accepted.close()
            self._accepted = None
        for transport in self._transports:
            transport.close()

    def reset(self) -> None:
        """Reset both sockets at once."""
        self._leave()
        if self._accepted is not None:
            reset_socket(self._accepted)
            self._accepted = None
        for transport in self._transports:
            reset(transport)

    def reset_when_sent(self) -> None:
        """Say nothing more, and reset once what was written has arrived, or after five seconds."""
        self.dead = True
        for way in (self.up, self.down):
            way.push = _ignore
        self._reset_or_wait(now_ns() + SENT_WITHIN_NS)

    def _reset_or_wait(self, until_ns: int) -> None:
        if now_ns() < until_ns and any(is_unsent(each) for each in self._transports if not each.is_closing()):
            self.passage.timers.after(SENT_EVERY_NS, lambda: self._reset_or_wait(until_ns))
        else:
            self.reset()

    def _leave(self) -> None:
        if not self.gone:
            self.gone = True
            self._drop()
            self.passage.left(self)

    def _drop(self) -> None:
        for stages in self._stages.values():
            for stage in stages:
                stage.drop()
        self._stages.clear()
        for way in (self.up, self.down):
            way.held = 0
            way.adjust()


def _ignore(data: bytes) -> None:
    """Take data and do nothing."""
