"""An ASGI application that ends in mid-run: the 600th request, far into Monday, is its last."""

import itertools
import os

numbers = itertools.count(1)


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    if next(numbers) == 600:
        print("the till is on fire", flush=True)
        os._exit(7)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
