"""A dependency that answers each 64-byte question with as many bytes as its first eight say.

`python -m benchmarks.proxy_peer` prints its port on the first line and serves until its input ends.
"""

import asyncio

import uvloop

from benchmarks.server import serve

QUESTION = 64
PATTERN = bytes(2**20)


class Peer(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = transport
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        """Answer as many questions as are complete."""
        data = self._rest + data
        while len(data) >= QUESTION:
            size = int.from_bytes(data[:8], "big")
            self._transport.write(PATTERN[:size])  # type: ignore[attr-defined]
            data = data[QUESTION:]
        self._rest = data


if __name__ == "__main__":
    uvloop.run(serve(Peer))
