"""One HTTP/1.1 connection: sends a request at a time and parses what comes back.

Requests are written straight to the socket: the event loop would queue them until the end of its turn, and the
instant of the send would be a guess. httptools parses; headers are not even looked at unless someone asks.
"""

import asyncio
import os
import ssl
import time
from typing import TYPE_CHECKING, cast

import httptools

from nineam.load import failures
from nineam.load.response import END_OF_HEAD, Response

if TYPE_CHECKING:
    from nineam.load.http import Lane

clock = time.perf_counter_ns
LARGEST_ANSWER = 64_000_000


class Connection(asyncio.Protocol):
    """A connection of one lane; `response` is the exchange under way, None while idle."""

    __slots__ = (
        "_chunks",
        "_complete",
        "_descriptor",
        "_keep",
        "_mark",
        "_parser",
        "_status",
        "_transport",
        "_uses",
        "lane",
        "on_body",
        "open",
        "response",
    )

    def __init__(self, lane: "Lane") -> None:
        self.lane = lane
        self.response: Response | None = None
        self.open = False
        self._chunks: list[bytes] = []
        self.on_body = self._chunks.append
        self._parser = httptools.HttpResponseParser(self)
        self._complete = self._keep = False
        self._status = self._uses = 0
        self._descriptor = -1
        self._mark = lane.client.mark_requests

    # --- what the lane calls ---

    def start(self, response: Response) -> None:
        """Send a request; `response.answered` is called once it is answered or has failed."""
        self.response = response
        outgoing = response.outgoing
        if outgoing.is_head:
            self._parser = httptools.HttpResponseParser(_WithoutBody(self))
        self._uses += 1
        response.sent_ns = now = clock()
        data = outgoing.bytes_at(now if self._mark else 0, response.extra)
        response.bytes_sent += len(data)
        if self._transport.is_closing():  # its descriptor may already be someone else's; connection_lost is coming
            return
        try:
            written = os.write(self._descriptor, data) if self._descriptor >= 0 else 0
        except BlockingIOError:
            written = 0
        except OSError:
            self._transport.abort()
            return
        if written < len(data):
            self._descriptor = -1  # from now on everything has to queue behind the rest
            self._transport.write(data[written:])
        response.sending_ns = clock() - now

    def fail(self, kind: str) -> None:
        """Give up the exchange under way and close."""
        response, self.response = self.response, None
        self.abort()
        if response is not None:
            response.status = 0
            response.error = kind
            response.end_ns = clock()
            response.answered(response)

    def abort(self) -> None:
        """Close at once; an exchange under way is left to its owner."""
        if self.open:
            self.open = False
            self.lane.gone(self)
            self._transport.abort()

    # --- what the event loop calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over a connection that is up."""
        self._transport = cast("asyncio.Transport", transport)
        if transport.get_extra_info("ssl_object") is None:
            self._descriptor = transport.get_extra_info("socket").fileno()
        self.open = True
        self.lane.client.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Take some bytes of an answer."""
        response = self.response
        if response is None:
            self.abort()
            return
        now = clock()
        if not response.first_ns:
            response.first_ns = now
            response.raw = data
        elif not self._chunks:
            response.raw += data
        response.bytes_received += len(data)
        if response.bytes_received > LARGEST_ANSWER:
            self.fail(failures.TOO_LARGE)
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._keep = False
        except httptools.HttpParserError:
            self._keep = False
            if not self._complete:
                self.fail(failures.MALFORMED)
                return
        if self._complete:
            response.end_ns = now
            self._finish(response)

    def connection_lost(self, exc: Exception | None) -> None:
        """Settle what is open: the other side closed, or the connection broke."""
        was_open, self.open = self.open, False
        if was_open:
            self.lane.gone(self)
        response = self.response
        if response is None:
            return
        if exc is None and self._ends_with_the_connection(response):
            self._keep = False
            response.end_ns = clock()
            self._take_body()
            self._finish(response)
        elif not response.first_ns and self._uses > 1 and not response.retried:
            self.response = None
            self.lane.resend(response)
        else:
            self.fail(self._why(exc, response))

    # --- what the parser calls ---

    def on_message_complete(self) -> None:
        """Note that a whole answer was parsed; an interim one (100 Continue, 103 Early Hints) does not count."""
        status = self._parser.get_status_code()
        if self._complete:  # a second answer to one request: whatever it is, it is not ours
            self._keep = False
        elif status >= 200 or status == 101:
            self._complete = True
            self._status = status
            self._keep = self._parser.should_keep_alive()
            if self._chunks:
                self._take_body()

    # --- inside ---

    def _finish(self, response: Response) -> None:
        self._complete = False
        self.response = None
        response.status = self._status
        if self._chunks:
            self._chunks.clear()
            self._keep = False
        if response.outgoing.is_head:
            self._parser = httptools.HttpResponseParser(self)
        if self._keep:
            self.lane.idle.append(self)
        else:
            self.abort()
        response.answered(response)

    def _take_body(self) -> None:
        chunks = self._chunks
        if self.response is not None:
            self.response.body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()

    def _ends_with_the_connection(self, response: Response) -> bool:
        head, end, _ = response.raw.partition(END_OF_HEAD)
        self._status = self._parser.get_status_code()
        lower = head.lower()
        return bool(end) and b"\ncontent-length:" not in lower and b"\ntransfer-encoding:" not in lower

    def _why(self, error: Exception | None, response: Response) -> str:
        if isinstance(error, ssl.SSLError):
            return failures.TLS
        if response.first_ns:
            return failures.CUT_SHORT
        return failures.CLOSED if error is None else failures.kind_of(error)


class _WithoutBody:
    """Parser callbacks for the answer to a HEAD request, which is over after its head."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def on_headers_complete(self) -> None:
        """Note that the head was parsed."""
        self._connection.on_message_complete()
