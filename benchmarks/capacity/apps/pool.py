"""Four connections in a pool, and every request holds one for 50 ms: 80 a second."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

CONNECTIONS, HOLDS_S = 4, 0.050
POOL = asyncio.Semaphore(CONNECTIONS)

Send = Callable[[dict[str, Any]], Awaitable[None]]


async def app(scope: dict[str, Any], receive: object, send: Send) -> None:
    """Answer anything, once a connection was free."""
    del receive
    if scope["type"] != "http":
        return
    async with POOL:
        await asyncio.sleep(HOLDS_S)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
