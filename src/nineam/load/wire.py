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
from nineam.load.parsing import AnswerWithoutBody, FirstAnswer
from nineam.load.response import END_OF_HEAD, Response
from nineam.load.retries import may_repeat
from nineam.load.sending import Sending
from nineam.load.uploads import Pump

if TYPE_CHECKING:
    from nineam.load.http import Lane

clock = time.perf_counter_ns
LARGEST_ANSWER = 64_000_000
LARGEST_HEAD = 1_000_000


class Connection(Sending):
    """A connection of one lane; `response` is the exchange under way, None while idle."""

    __slots__ = (
        "_chunks",
        "_complete",
        "_descriptor",
        "_keep",
        "_known",
        "_mark",
        "_parser",
        "_status",
        "lane",
        "on_body",
        "open",
        "uses",
    )

    def __init__(self, lane: "Lane") -> None:
        super().__init__()
        self.lane = lane
        self.open = False
        self._chunks: list[bytes] = []
        self.on_body = self._chunks.append
        self._parser = httptools.HttpResponseParser(FirstAnswer(self))
        self._complete = self._keep = False
        self._status = self.uses = 0
        self._descriptor = -1
        self._mark = lane.client.mark_requests
        self._known = lane.client.heads.known

    # --- what the lane calls ---

    def start(self, response: Response) -> None:
        """Send a request; `response.answered` is called once it is answered or has failed."""
        self.response = response
        outgoing = response.outgoing
        if outgoing.unusual:
            self._prepare(response)
        self.uses += 1
        response.sent_ns = now = clock()
        data = outgoing.bytes_at(now if self._mark else 0, response.extra)
        response.bytes_sent += len(data)
        if self._transport.is_closing():  # its descriptor may already be someone else's; connection_lost is coming
            response.bytes_sent -= len(data)
            return
        try:
            written = os.write(self._descriptor, data) if self._descriptor >= 0 else 0
        except BlockingIOError:
            written = 0
        except OSError:
            response.bytes_sent -= len(data)
            self._transport.abort()
            return
        if written < len(data):
            self._descriptor = -1  # from now on everything has to queue behind the rest
            self._transport.write(data[written:])
        response.sending_ns = clock() - now

    def fail(self, kind: str) -> None:
        """Give up the exchange under way and close."""
        response, self.response = self.response, None
        self._stop_sending()
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
        self.lane.came(self)

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
            if self._known and self.uses > 1 and self._recognised(response, data, now):
                return
        elif not self._chunks:
            response.raw += data
        response.bytes_received += len(data)
        problem = self._excess(response) or self._parse(data)
        if problem:
            self.fail(problem)
        elif self._complete:
            response.end_ns = now
            if self._keep and response.raw is data and not response.outgoing.unusual:
                self.lane.client.heads.learn(response, self._status)
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
        elif self.uses > 1 and may_repeat(response, clock()):
            self.response = None
            self._stop_sending()
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

    def introduced(self) -> None:
        """Note that the first whole answer was parsed."""
        self.on_message_complete()
        if self._complete:
            self._parser = httptools.HttpResponseParser(self)

    # --- inside ---

    def _excess(self, response: Response) -> str:
        """Name what of an answer is larger than anybody means it to be, or nothing."""
        if response.bytes_received > LARGEST_ANSWER:
            return failures.TOO_LARGE
        if len(response.raw) > LARGEST_HEAD and not self._chunks and END_OF_HEAD not in response.raw[:LARGEST_HEAD]:
            return failures.HEAD_TOO_LARGE
        return ""

    def _parse(self, data: bytes) -> str:
        """Feed the parser; what is wrong with the answer, or nothing."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._keep = False
        except httptools.HttpParserError:
            self._keep = False
            if not self._complete:
                return failures.MALFORMED
        return ""

    def _recognised(self, response: Response, data: bytes, now: int) -> bool:
        """Take a whole answer without parsing it, when its head was parsed before; the hot path."""
        cut = data.find(END_OF_HEAD) + 4
        known = self._known.get(data[:cut])
        if known is None or known.size != len(data) or response.outgoing.unusual:
            return False
        response.recognised(known, cut, now)
        self.response = None
        self.lane.idle.append(self)
        response.answered(response)
        return True

    def _finish(self, response: Response) -> None:
        self._complete = False
        self.response = None
        response.status = self._status
        if self._chunks:
            self._chunks.clear()
            self._keep = False
        if response.outgoing.unusual:
            self._tidy_up(response)
        if self._keep:
            self.lane.idle.append(self)
        else:
            self.abort()
        response.answered(response)

    def _take_body(self) -> None:
        chunks, response = self._chunks, self.response
        if response is not None and len(chunks) == 1:
            response.body = chunks[0]
        elif response is not None:
            response.body = b"".join(chunks)
            response.look_at_head()
        chunks.clear()

    def _prepare(self, response: Response) -> None:
        """Get ready for a request that is not sent at once, or whose answer has no body."""
        outgoing = response.outgoing
        if outgoing.is_head:
            self._parser = httptools.HttpResponseParser(AnswerWithoutBody(self))
        if outgoing.upload is not None:
            self._descriptor = -1
            length = int(outgoing.headers.get("content-length", "-1"))
            write = self._write_chunk if length < 0 else self._write
            self._pump = Pump(outgoing.upload, length, write, self._sent_body, self._broken_body)

    def _tidy_up(self, response: Response) -> None:
        """Get over such a request; an answer that came before the end of the body leaves the connection unusable."""
        if response.outgoing.is_head:
            self._parser = httptools.HttpResponseParser(self)
        unsent = self._pump is not None and not self._pump.finished
        if response.outgoing.closes or unsent:
            self._keep = False
        self._stop_sending()

    def _ends_with_the_connection(self, response: Response) -> bool:
        head, end, _ = response.raw.partition(END_OF_HEAD)
        self._status = self._parser.get_status_code()
        lower = head.lower()
        final = self._status >= 200 or self._status == 101
        return final and bool(end) and b"\ncontent-length:" not in lower and b"\ntransfer-encoding:" not in lower

    def _why(self, error: Exception | None, response: Response) -> str:
        if isinstance(error, ssl.SSLError):
            return failures.kind_of(error)
        if response.first_ns:
            return failures.CUT_SHORT
        return failures.CLOSED if error is None else failures.kind_of(error)


class OnceConnection(Connection):
    """A connection for a single request."""

    __slots__ = ()

    def on_message_complete(self) -> None:
        """Note that the answer was parsed: nothing follows it."""
        super().on_message_complete()
        self._keep = False
