"""An application without a framework, which hands some of its paths to one that is."""

import asyncio

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def inside(request):
    await asyncio.sleep(0.03)
    return PlainTextResponse("inside")


framework = Starlette(routes=[Route("/framework/{name}", inside)])


class Outer:
    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await framework(scope, receive, send)
            return
        await asyncio.sleep(0.02)
        if scope["path"].startswith("/framework"):
            await framework(scope, receive, send)
            return
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"5")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": b"plain"})


app = Outer()
