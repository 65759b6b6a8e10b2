"""What happens around every request."""

import hashlib
import json
import logging
import re
from typing import Any

from fastapi import Request, Response
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger("shop.requests")

EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
PHONE = re.compile(r"\+\d[\d -]{6,}\d")
MARKUP = re.compile(r"<[^>]*>")
SECRET = re.compile(r'"(password|token|secret)"\s*:\s*"[^"]*"', re.IGNORECASE)


async def read_body(response: Response) -> bytes:
    """Read the whole body of a response that was going to be streamed."""
    return b"".join([chunk async for chunk in response.body_iterator])  # type: ignore[attr-defined]


def rebuild(response: Response, body: bytes) -> Response:
    """Make the same response around a body that was read."""
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(content=body, status_code=response.status_code, headers=headers)


def is_json(response: Response) -> bool:
    """Whether the response says that its body is JSON."""
    return response.headers.get("content-type", "").startswith("application/json")


def redact(text: str) -> str:
    """Return the text without addresses, telephone numbers and secrets."""
    text = EMAIL.sub("<email>", text)
    text = PHONE.sub("<phone>", text)
    return SECRET.sub(r'"\1": "<secret>"', text)


def without_markup(value: Any) -> Any:
    """Return a JSON value whose texts have no tags."""
    if isinstance(value, dict):
        return {without_markup(key): without_markup(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_markup(item) for item in value]
    if isinstance(value, str):
        return MARKUP.sub("", value)
    return value


class RequestLogMiddleware(BaseHTTPMiddleware):
    """Logs what was sent, redacted."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Read the response, log how much was in it, send it again."""
        response = await call_next(request)
        body = await read_body(response)
        entry = {"method": request.method, "path": request.url.path, "status": response.status_code, "size": len(body)}
        if is_json(response):
            document = json.loads(body)
            entry["records"] = len(document)
            entry["preview"] = redact(json.dumps(document))[:200]
        logger.info("request %s", json.dumps(entry))
        return rebuild(response, body)


class SecurityHeadersMiddleware(BaseHTTPMiddleware):
    """Strips tags from every text, adds security headers and a checksum of the body in its canonical form."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Read the response, write its JSON again, add the headers."""
        response = await call_next(request)
        body = await read_body(response)
        if is_json(response):
            document = without_markup(json.loads(body))
            canonical = json.dumps(document, sort_keys=True, ensure_ascii=False).encode()
            response.headers["x-checksum"] = hashlib.sha256(canonical).hexdigest()
            body = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
        response.headers["x-content-type-options"] = "nosniff"
        response.headers["x-frame-options"] = "DENY"
        return rebuild(response, body)


class StaticHeaders:
    """Adds the security headers to what passes and touches nothing else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"x-content-type-options", b"nosniff"),
                    (b"x-frame-options", b"DENY"),
                ]
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)
