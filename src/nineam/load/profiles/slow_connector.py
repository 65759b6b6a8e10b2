"""Opens connections that go over a line."""

import asyncio
import socket
from typing import Any

from nineam.load.connecting import Connector, Factory, connect
from nineam.load.profiles.faraway import Faraway
from nineam.load.profiles.line import Line
from nineam.load.response import Response
from nineam.load.target import Target
from nineam.model import HttpOptions

SEGMENT = 1400  # bytes, as beyond this machine: with loopback's 64 kB the server's system would take whole answers


class SlowConnector(Connector):
    """Opens connections over a line: the handshakes take their round trips."""

    def __init__(self, target: Target, options: HttpOptions, line: Line) -> None:
        super().__init__(target, options)
        self._line = line
        self._trips = 2 if target.scheme == "https" else 1

    async def open(self, factory: Factory, response: Response, *, http2: bool = False, tunnel: bool = False) -> Any:
        """Give a protocol that is connected. Raises `OSError`."""
        await asyncio.sleep(self._line.round_trip_s * self._trips)
        far = await super().open(lambda: Faraway(factory(), self._line), response, http2=http2, tunnel=tunnel)
        return far.protocol

    async def _direct(self, factory: Factory, response: Response) -> asyncio.BaseProtocol:
        loop = asyncio.get_running_loop()

        async def attempt(host: str, port: int) -> asyncio.BaseProtocol:
            connected = await self._tcp(host, port)
            return (await loop.create_connection(factory, sock=connected))[1]

        protocol: asyncio.BaseProtocol = await self._first(attempt, response)
        return protocol

    async def _tcp(self, host: str, port: int) -> socket.socket:
        return await connect(host, port, self._narrow)

    def _narrow(self, unconnected: socket.socket) -> None:
        # before it connects: a window that was offered once is not taken back
        if hasattr(socket, "TCP_MAXSEG"):
            unconnected.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
        if self._line.receive_buffer:
            unconnected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._line.receive_buffer)
