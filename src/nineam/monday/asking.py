"""One polite question to the application, before any load: no proxy, no redirect, and an end in any case."""

import contextlib
import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from nineam.model.address import unix_address
from nineam.traffic.strangers import Answered

TOTAL_S = 5.0
LARGEST = 5_000_000
SAFE = "/%:@!$&'()*+,;=~-._?"


def ask_once(
    url: str, total_s: float = TOTAL_S, headers: Mapping[str, str] | None = None, *, insecure: bool = False
) -> Answered:
    """GET a URL, following no redirect; status 0 when there is no whole answer within `total_s` seconds and 5 MB.

    With `insecure` any certificate will do.
    """
    connection, whole = _connection(url, total_s, insecure=insecure)
    bare, mark, query = whole.partition("?")
    path = quote(bare or "/", safe=SAFE) + mark + query
    try:
        with contextlib.closing(connection):
            connection.request("GET", path, headers=dict(headers or {}))
            answer = connection.getresponse()
            body = _body(connection, answer, time.monotonic() + total_s)
            location = answer.getheader("Location", "")
            return Answered(0) if body is None else Answered(answer.status, body, location)
    except (OSError, ValueError, http.client.HTTPException):
        return Answered(0)


def certificate_problem(url: str, total_s: float = TOTAL_S) -> str:
    """Say what is wrong with the certificate behind a URL; empty when nothing is, or nobody can say."""
    if not url.startswith("https:"):
        return ""
    connection, _ = _connection(url, total_s, insecure=False)
    try:
        with contextlib.closing(connection):
            connection.connect()
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    except (OSError, ValueError):
        return ""
    return ""


def _connection(url: str, total_s: float, *, insecure: bool) -> tuple[http.client.HTTPConnection, str]:
    """The connection to be opened for a URL, and what to ask on it."""
    local = unix_address(url)
    if local is not None:
        return _LocalConnection(local.file, total_s), local.path
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    if parts.scheme == "https":
        context = ssl.create_default_context()
        if insecure:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=total_s, context=context), path
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=total_s), path


class _LocalConnection(http.client.HTTPConnection):
    """A connection to a Unix socket."""

    def __init__(self, file: str, total_s: float) -> None:
        super().__init__("localhost", timeout=total_s)
        self._file = file

    def connect(self) -> None:
        """Connect. Raises `OSError`."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._file)


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
