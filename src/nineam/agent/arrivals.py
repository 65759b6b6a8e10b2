"""When bytes arrived that a busy loop has noticed late: the kernel remembers, for connections of TCP, on Linux.

Who writes for a request leaves the connection in `request.wire`. The clock of the kernel ticks every 4 ms
(at the usual 250 Hz): its answers are right on average, and asked for where more than that is unknown.
"""

import struct
import sys
from time import perf_counter_ns as clock

from .request import current

TICK_NS = 4_000_000
# `tcpi_last_data_recv` in milliseconds, of Linux's `struct tcp_info` (include/uapi/linux/tcp.h, since 2.4)
OFFSET, SIZE = 52, 56


def arrived(connection, last, now):
    """Return when the last bytes arrived on a connection, which were there at `last`; None when that is unknown."""
    try:
        at = now - _age_ms(connection) * 1_000_000
    except Exception:  # no TCP, another system, a connection closed in the meantime
        return None
    return min(at, last) if at <= last + TICK_NS else None


def _age_ms(connection):
    socket = sys.modules["socket"]
    borrowed = socket.socket(fileno=_descriptor(connection))
    try:
        if borrowed.family not in (socket.AF_INET, socket.AF_INET6):
            raise ValueError("not TCP")
        info = borrowed.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, SIZE)
    finally:
        borrowed.detach()
    return struct.unpack_from("=I", info, OFFSET)[0]


def _descriptor(connection):
    """Return the file descriptor beneath a transport of asyncio's, or beneath what libpq connects."""
    own = getattr(connection, "get_extra_info", None)
    return own("socket").fileno() if own is not None else connection.socket


class Wire:
    """A connection that a request has written to, in a layer; with `kept` all of its waits there are for that one."""

    __slots__ = ("at", "connection", "kept", "layer")

    def __init__(self, connection, layer, kept=False):
        self.connection = connection
        self.layer = layer
        self.kept = kept
        self.at = clock()


def leaving(find):
    """Return a maker of wrappers of a function that writes; `find` returns the connection, given its arguments."""

    def make(original):
        def write(*args, **kwargs):
            _leave(find, args, False)
            return original(*args, **kwargs)

        return write

    return make


def leaving_async(find, kept=False):
    """Do the same for a coroutine function, which may do all of the waiting (`kept`)."""

    def make(original):
        async def write(*args, **kwargs):
            _leave(find, args, kept)
            return await original(*args, **kwargs)

        return write

    return make


def _leave(find, args, kept):
    request = current.get()
    if request is not None:
        try:
            request.wire = Wire(find(*args), request.stack[-1], kept)
        except Exception:  # another version of the library: nothing is asked of the kernel then
            request.wire = None
