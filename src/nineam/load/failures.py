"""What can go wrong between here and an answer, by kind: few names, so that a report can count them."""

import errno
import socket
import ssl

TIMEOUT = "timeout"
REFUSED = "connection refused"
RESET = "connection reset"
CLOSED = "connection closed without an answer"
CUT_SHORT = "answer cut short"
MALFORMED = "malformed answer"
INTERRUPTED = "interrupted at phase end"
NO_PORTS = "no local port left"
NO_FILES = "too many open files"
NO_NAME = "name not resolved"
TLS = "TLS failed"
UNREACHABLE = "host unreachable"
TOO_MANY_REDIRECTS = "too many redirects"
CONNECT = "connection failed"
TOO_LARGE = "answer larger than 64 MB"

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
}


def kind_of(error: BaseException) -> str:
    """Name the kind of a failure to connect, send or receive."""
    if isinstance(error, TimeoutError):
        return TIMEOUT
    if isinstance(error, ssl.SSLError):
        return TLS
    if isinstance(error, socket.gaierror):
        return NO_NAME
    if isinstance(error, OSError):
        return _BY_NUMBER.get(error.errno or 0, CONNECT)
    return CONNECT
