"""The simplest server worth asking: answers every request at once with the same 200 and a little JSON.

`python -m benchmarks.server` prints its port on the first line and serves until its input ends.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Callable

import uvloop

BODY = b'[{"id":1,"name":"first","price":9.5},{"id":2,"name":"second","price":12.25},{"id":3,"name":"third","price":3}]'
ANSWER = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\nserver: stub\r\n\r\n" % len(BODY)
    + BODY
)
END = b"\r\n\r\n"


class Stub(asyncio.Protocol):
    """One connection; counts the heads that arrive and answers each."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = transport
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        """Answer as many requests as are complete."""
        data = self._rest + data if self._rest else data
        self._rest = b"" if data.endswith(END) else data[data.rfind(END) + 4 :] if END in data else data
        self._transport.write(ANSWER * data.count(END))  # type: ignore[attr-defined]


async def serve(protocol: Callable[[], asyncio.Protocol] = Stub) -> None:
    """Serve on a free port of the loopback interface, until the input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    threading.Thread(target=_leave_with_the_input, daemon=True).start()
    await server.serve_forever()


def _leave_with_the_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    uvloop.run(serve())
