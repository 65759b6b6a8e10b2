"""One socket of a connection: what the loop calls, and what becomes of it."""

import asyncio
from typing import TYPE_CHECKING, cast

from nineam.faults.way import MOST_UNSENT, Way

if TYPE_CHECKING:
    from nineam.faults.link import Link


class Side(asyncio.Protocol):
    """What one of the two sockets talks to: `said` takes what its peer says, `heard` is what goes to it."""

    def __init__(self, link: "Link", said: Way, heard: Way) -> None:
        self._link, self._said, self._heard = link, said, heard
        # the loop asks once for this method: a call less for every piece of data
        self.data_received = said.receive  # type: ignore[method-assign]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over a socket."""
        found = cast("asyncio.Transport", transport)
        found.set_write_buffer_limits(high=MOST_UNSENT)
        self._said.source = found
        self._link.has_side(found)
        self._heard.attach(found)
        self._heard.adjust()

    def eof_received(self) -> bool:
        """Let the end travel behind what was said before; the other direction stays open."""
        self._link.ended(self._said)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass a reset on at once."""
        self._link.lost(reset=exc is not None)

    def pause_writing(self) -> None:
        """Read no more from the other side: this one does not take it."""
        self._heard.full = True
        self._heard.adjust()

    def resume_writing(self) -> None:
        """Read again."""
        self._heard.full = False
        self._heard.adjust()
