"""An ASGI application that ends in mid-run: the 600th request, far into Monday, is its last."""

import os

served = 0


async def app(scope, receive, send):
    global served
    if scope["type"] != "http":
        return
    served += 1
    if served == 600:
        print("the till is on fire", flush=True)
        os._exit(7)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
