"""What can go wrong between here and an answer, by kind: few names, so that a report can count them.

A kind may go on after a colon with words that are the same for every request: a verifier's, or a host.
"""

import errno
import socket
import ssl

TIMEOUT = "timeout"
CONNECT_TIMEOUT = "connect timeout"
READ_TIMEOUT = "read timeout"
REFUSED = "connection refused"
RESET = "connection reset"
CLOSED = "connection closed without an answer"
CUT_SHORT = "answer cut short"
MALFORMED = "malformed answer"
INTERRUPTED = "interrupted at phase end"
CANCELLED = "cancelled by the journey"
HUNG_UP = "hung up by the client"
NO_PORTS = "no local port left"
NO_FILES = "too many open files"
NO_NAME = "name not resolved"
NO_SOCKET = "no such Unix socket"
FORBIDDEN = "connection not permitted"
TLS = "TLS failed"
CERTIFICATE = "certificate refused"
UNREACHABLE = "host unreachable"
TOO_MANY_REDIRECTS = "too many redirects"
CONNECT = "connection failed"
TOO_LARGE = "answer larger than 64 MB"
HEAD_TOO_LARGE = "head of the answer larger than 1 MB"
PROXY = "proxy"
BODY = "request body failed"
NOT_HTTP2 = "the server does not speak HTTP/2"
STREAM_RESET = "stream reset"
GOAWAY = "connection ended by GOAWAY"
HTTP2 = "HTTP/2 refused the request"

_BY_NUMBER = {
    errno.ECONNREFUSED: REFUSED,
    errno.ECONNRESET: RESET,
    errno.ECONNABORTED: RESET,
    errno.EPIPE: RESET,
    errno.ETIMEDOUT: TIMEOUT,
    errno.EADDRNOTAVAIL: NO_PORTS,
    errno.EMFILE: NO_FILES,
    errno.ENFILE: NO_FILES,
    errno.ENETUNREACH: UNREACHABLE,
    errno.EHOSTUNREACH: UNREACHABLE,
    errno.ENOENT: NO_SOCKET,
    errno.EACCES: FORBIDDEN,
    errno.EPERM: FORBIDDEN,
}


class ProxyError(OSError):
    """A proxy did not let a connection through; its text is the kind of the failure."""


def kind_of(error: BaseException, host: str = "") -> str:
    """Name the kind of a failure to connect (to `host`), send or receive."""
    if isinstance(error, ProxyError):
        return str(error)
    if isinstance(error, TimeoutError):
        return TIMEOUT
    if isinstance(error, ssl.SSLError):
        return _tls(error)
    if isinstance(error, socket.gaierror | UnicodeError):
        return f"{NO_NAME}: {host}" if host else NO_NAME
    if isinstance(error, OSError):
        return _BY_NUMBER.get(error.errno or 0, CONNECT)
    return CONNECT


def _tls(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{CERTIFICATE}: {error.verify_message.rstrip('.')}"
    reason = (error.reason or "").lower().replace("_", " ")
    return f"{TLS}: {reason}" if reason else TLS
