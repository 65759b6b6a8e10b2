"""The lane of HTTP/2: one connection for all that a user has under way; or HTTP/1.1, if the server prefers that."""

import asyncio
from typing import TYPE_CHECKING, Any, cast

from nineam.load.http import Client, Lane
from nineam.load.http2 import Http2Connection
from nineam.load.response import Response
from nineam.load.wire import Connection, OnceConnection

if TYPE_CHECKING:
    from nineam.load.http import AnyConnection


class Chooser(asyncio.Protocol):
    """Waits for the end of the TLS handshake, which says what is spoken, and makes way for who speaks it."""

    def __init__(self, lane: "Http2Lane") -> None:
        self._lane = lane
        self.chosen: AnyConnection | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hand the connection on."""
        spoken = transport.get_extra_info("ssl_object").selected_alpn_protocol()
        once = self._lane.client.options.no_connection_reuse
        older = OnceConnection if once else Connection
        chosen: AnyConnection = Http2Connection(self._lane) if spoken == "h2" else older(self._lane)
        self.chosen = chosen
        cast("asyncio.Transport", transport).set_protocol(chosen)
        chosen.connection_made(transport)

    def abort(self) -> None:
        """Close at once, if it has come to a connection."""
        if self.chosen is not None:
            self.chosen.abort()


class Http2Lane(Lane):
    """At most `streams` requests at a time on a connection, 0 for as many as the server allows."""

    __slots__ = ("_busy", "_opening", "streams")

    def __init__(self, client: Client, *, streams: int = 0) -> None:
        super().__init__(client)
        self.streams = streams
        self._busy: list[Http2Connection] = []
        self._opening = asyncio.Lock()

    def send(self, response: Response) -> None:
        """Send a request on a connection that has room for it, or on a new one."""
        connection = self._with_room()
        if connection is not None:
            connection.start(response)
        else:
            super().send(response)

    async def open(self, response: Response) -> "AnyConnection":
        """Open a connection, unless one has come up that has room. Raises `OSError`."""
        if self.streams:  # each has its own: none needs to wait for another one's
            return await self._new(response)
        async with self._opening:
            return self._with_room() or await self._new(response)

    def left(self, connection: Http2Connection) -> None:
        """Forget a connection that is closed."""
        self.client.multiplexed.discard(connection)
        if connection in self._busy:
            self._busy.remove(connection)

    def abandon(self, response: Response, kind: str) -> None:
        """Fail one request that is under way, unless it has ended; what shares its connection goes on."""
        for connection in list(self._busy):
            connection.abandon(response, kind)
        super().abandon(response, kind)

    def close(self, keep: int = 0) -> None:
        """Close idle connections, the longest unused first, until `keep` are left."""
        super().close(keep)
        idle = [connection for connection in self._busy if not connection.in_flight()]
        for connection in idle[: max(0, len(idle) - keep)]:
            connection.abort()

    def _with_room(self) -> Http2Connection | None:
        for connection in reversed(self._busy):
            if connection.has_room():
                return connection
        return None

    async def _new(self, response: Response) -> "AnyConnection":
        secure = self.client.target.scheme == "https"
        made: Any = (lambda: Chooser(self)) if secure else (lambda: Http2Connection(self))
        protocol = await self.client.connector.open(made, response, http2=True)
        connection: AnyConnection | None = protocol.chosen if isinstance(protocol, Chooser) else protocol
        assert connection is not None  # it is connected, so somebody was chosen
        if isinstance(connection, Http2Connection):
            self._busy.append(connection)
        return connection
