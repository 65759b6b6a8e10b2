"""A Starlette application behind a middleware that hides its type."""

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute


async def hello(request):
    return PlainTextResponse("hello")


async def talk(socket):
    await socket.accept()


class Wrapper:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)


app = Wrapper(
    Starlette(
        routes=[
            Route("/", hello),
            Mount("/v1", routes=[Route("/hello/{name}", hello, methods=["GET", "POST"])]),
            WebSocketRoute("/ws", talk),
        ]
    )
)
