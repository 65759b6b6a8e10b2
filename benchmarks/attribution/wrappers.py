"""What is wrapped around an application: keeps a page of the book per request, and shows the book at `/truth`."""

from collections.abc import Callable
from typing import Any

from benchmarks.attribution import plan
from benchmarks.attribution.book import Page, clock, close, page_now, pages, watch_collections
from benchmarks.attribution.ledger import spin

SENT = "x-nineam-sent"
TRUTH = "/truth"


class AsgiLedger:
    """Around an ASGI application: opens and closes a page per request."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self.app = app
        watch_collections()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer `/truth`; for every other request let the application keep a page."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] == TRUTH:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": pages()})
        else:
            page = Page(int(dict(scope["headers"]).get(SENT.encode(), 0)), scope["path"])
            token = page_now.set(page)
            try:
                spin("middleware:AsgiLedger", plan.OUTSIDE)
                await self.app(scope, receive, _noticing(page, send))
            finally:
                page_now.reset(token)
                close(page)


def _noticing(page: Page, send: Callable[..., Any]) -> Callable[..., Any]:
    """Return what notices when an answer has been handed to the server to its last byte."""
    left = 0

    async def sending(message: Any) -> None:
        nonlocal left
        if message["type"] == "http.response.start":
            left = int(dict(message["headers"]).get(b"content-length", -1))
        await send(message)
        if message["type"] == "http.response.body" and not page.answered:
            left -= len(message.get("body", b""))
            if left == 0 or not message.get("more_body"):
                page.answered = clock()

    return sending


class WsgiLedger:
    """Around a WSGI application: opens and closes a page per request."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self.app = app
        watch_collections()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer `/truth`; for every other request let the application keep a page."""
        if environ["PATH_INFO"] == TRUTH:
            start_response("200 OK", [])
            return [pages()]
        page = Page(int(environ.get("HTTP_X_NINEAM_SENT", 0)), environ["PATH_INFO"])
        token = page_now.set(page)
        try:
            spin("middleware:WsgiLedger", plan.OUTSIDE)
            return self.app(environ, start_response)
        finally:
            page_now.reset(token)
            close(page)
