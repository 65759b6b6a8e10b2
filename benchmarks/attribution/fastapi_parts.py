"""What the two FastAPI applications share: middlewares, the answer's model, the template."""

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import jinja2
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, field_serializer
from starlette.middleware.base import BaseHTTPMiddleware

from benchmarks.attribution import ledger, plan


class Waiting(BaseHTTPMiddleware):
    """Awaits before the rest of the application, which Starlette runs in a task of its own."""

    async def dispatch(self, request: Request, call_next: Callable[..., Any]) -> Response:
        """Wait and pass on."""
        await ledger.wait("middleware:Waiting", plan.MIDDLEWARE_WAIT)
        return await call_next(request)


class Spinning:
    """Holds the loop before and after the rest of the application."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Spin, pass on, spin; when the answer is out by then, nobody waits for the second part."""
        ledger.spin("middleware:Spinning", plan.MIDDLEWARE_SPIN / 2)
        await self.app(scope, receive, send)
        ledger.spin("middleware:Spinning", plan.MIDDLEWARE_SPIN / 2)


class Answer(BaseModel):
    """An answer that is slow to serialize."""

    page: str

    @field_serializer("page")
    def spinning(self, page: str) -> str:
        """Spin."""
        ledger.spin("serializer", plan.SERIALIZER)
        return page


_templates = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True)


def page() -> str:
    """Render a template that spins."""
    template = _templates.get_template("costs.html")
    return template.render(spin=lambda: ledger.spin("template", plan.TEMPLATE))


def application(start: Callable[[], Any]) -> FastAPI:
    """Make an application with the middlewares; `start` is awaited before the first request."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await start()
        yield

    app = FastAPI(lifespan=lifespan)
    app.add_middleware(Spinning)
    app.add_middleware(Waiting)
    return app
