"""Every request computes for 10 ms on the event loop, in CPU time: what others take of the core does not count."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

COMPUTES_S = 0.010

Send = Callable[[dict[str, Any]], Awaitable[None]]


async def app(scope: dict[str, Any], receive: object, send: Send) -> None:
    """Answer anything, after computing."""
    del receive
    if scope["type"] != "http":
        return
    until = time.thread_time() + COMPUTES_S
    while time.thread_time() < until:
        sum(range(50))
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
