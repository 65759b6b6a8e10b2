"""One polite question to the application, before any load: no proxy, no redirect, and an end in any case."""

import contextlib
import http.client
import time
from urllib.parse import quote, urlsplit

TOTAL_S = 5.0
LARGEST = 5_000_000
SAFE = "/%:@!$&'()*+,;=~-._?"


def ask_once(url: str, total_s: float = TOTAL_S) -> tuple[int, bytes]:
    """GET a URL; status and body, or 0 when there is no whole answer within `total_s` seconds and 5 MB."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=total_s)
    path = quote(parts.path or "/", safe=SAFE) + (f"?{parts.query}" if parts.query else "")
    try:
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            body = _body(connection, answer, time.monotonic() + total_s)
            return (0, b"") if body is None else (answer.status, body)
    except (OSError, ValueError, http.client.HTTPException):
        return 0, b""


def _body(connection: http.client.HTTPConnection, answer: http.client.HTTPResponse, deadline: float) -> bytes | None:
    """Read to the end; None when the end does not come (an event stream) or is too far away."""
    body = b""
    while len(body) < LARGEST and (left := deadline - time.monotonic()) > 0:
        if connection.sock is not None:
            connection.sock.settimeout(left)
        chunk = answer.read1(65536)
        if not chunk:
            return body
        body += chunk
    return None
