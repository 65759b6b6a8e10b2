"""Answers that are read piece by piece, while they arrive: downloads, server-sent events.

A stream has connections of its own, so that an ordinary answer need not look whether it is one. What the journey has
not read yet is held up to `MOST_HELD`; then the connection is not read any more, and the application has to wait.
"""

import asyncio
import codecs
import re
import sys
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import httptools

from nineam.load import failures
from nineam.load.decoding import PIECE, DecodingError, Unpacker
from nineam.load.http import Lane
from nineam.load.lines import Lines, TooLong
from nineam.load.response import END_OF_HEAD, AnswerError, Response
from nineam.load.sse import Event, EventParser
from nineam.load.wire import Connection, clock

MOST_HELD = 262_144
FEW_HELD = 65_536
NEVER = sys.maxsize
SILENCE_NS = 1_000_000_000
END_OF_LINE = re.compile("\n")


class StreamedResponse(Response):
    """An answer whose head is there and whose body comes in pieces: read it with one of the iterators, once.

    An answer that is cut short ends the iteration over it; `status` is 0 then and `error` says why. One that the end
    of the phase interrupts ends the journey's iteration.
    """

    __slots__ = (
        "_begun",
        "_connection",
        "_held",
        "_more",
        "_parts",
        "complete",
        "interrupted",
        "last_ns",
        "pause_ns",
        "silence_ns",
    )

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.last_ns = 0
        self.silence_ns = self.pause_ns = 0
        self.complete = self.interrupted = self._begun = False
        self._connection: StreamConnection | None = None
        self._parts: deque[bytes] = deque()
        self._held = 0
        self._more: asyncio.Future[None] | None = None

    # --- what a journey calls ---

    async def chunks(self) -> AsyncIterator[bytes]:
        """Give the body as it arrives, decompressed. Raises `AnswerError` when its compression is broken."""
        try:
            unpacker = Unpacker(self.headers.get("content-encoding", ""))
            async for part in self._as_sent():
                for chunk in unpacker.feed(part):
                    yield chunk
                    if len(chunk) >= PIECE:  # little may be very much unpacked: others must have their turn
                        await asyncio.sleep(0)
            if self.complete:
                unpacker.end()
        except DecodingError as error:
            raise self._stream_is_not(error) from error

    async def lines(self) -> AsyncIterator[str]:
        """Give the body line by line, without the ends of the lines. Raises `AnswerError` for one that never ends."""
        decode = codecs.getincrementaldecoder(self._charset())("replace").decode
        lines = Lines(END_OF_LINE)
        try:
            async for chunk in self.chunks():
                for line in lines.feed(decode(chunk)):
                    yield line.removesuffix("\r")
        except TooLong as error:
            raise self._stream_is_not(error) from error
        if rest := lines.rest() + decode(b"", True):
            yield rest.removesuffix("\r")

    async def events(self) -> AsyncIterator[Event]:
        """Give server-sent events as they arrive; one that is not complete at the end is none.

        Raises `AnswerError` for one that never ends.
        """
        parser = EventParser()
        try:
            async for chunk in self.chunks():
                for event in parser.feed(chunk):
                    yield event
        except TooLong as error:
            raise self._stream_is_not(error) from error

    async def read(self) -> bytes:
        """Give all the rest of the body."""
        return b"".join([chunk async for chunk in self.chunks()])

    def leave(self) -> None:
        """Read no more; closes the connection unless everything has arrived."""
        if not self.end_ns and self._connection is not None:
            self._connection.leave()

    # --- what the connection calls ---

    def begin(self, status: int, connection: "StreamConnection") -> None:
        """The head is there: the journey may go on."""
        self.status = status
        self.raw = self.head + END_OF_HEAD
        self._connection = connection
        if not self.waiter.done():
            self.waiter.set_result(None)

    def heard(self, now: int) -> None:
        """Note that something arrived."""
        if self.last_ns:
            self.pause_ns = max(self.pause_ns, now - self.last_ns)
        self.last_ns = now
        self.first_ns = self.first_ns or now

    def goes_on(self, now: int) -> bool:
        """Say whether this has no end by its nature and is delivering; its own pauses say what a silence is."""
        endless = self.headers.get("content-type", "").lower().startswith("text/event-stream")
        return endless and self._begun and now - self.last_ns <= max(SILENCE_NS, 2 * self.pause_ns)

    def take(self, part: bytes) -> int:
        """Keep a part of the body until it is read; says how many bytes are kept by now."""
        self._parts.append(part)
        self._held += len(part)
        self._begun = True
        self.wake()
        return self._held

    def wake(self) -> None:
        """Something has arrived, or the end."""
        if self._more is not None and not self._more.done():
            self._more.set_result(None)

    # --- inside ---

    async def _as_sent(self) -> AsyncIterator[bytes]:
        while True:
            while self._parts:
                part = self._parts.popleft()
                self._held -= len(part)
                if self._connection is not None and self._held < FEW_HELD:
                    self._connection.read_on()
                yield part
            if self.interrupted:
                raise asyncio.CancelledError
            if self.end_ns:
                return
            self._more = asyncio.get_running_loop().create_future()
            await self._more

    def _stream_is_not(self, expected: ValueError) -> AnswerError:
        return AnswerError(f"{self.outgoing.name} answered a stream that is not {expected}")

    def _charset(self) -> str:
        _, _, charset = self.headers.get("content-type", "").lower().partition("charset=")
        try:
            return codecs.lookup(charset.partition(";")[0].strip(" \"'") or "utf-8").name
        except LookupError:
            return "utf-8"


class StreamConnection(Connection):
    """A connection whose answers are passed on while they arrive."""

    __slots__ = ("_paused",)

    def __init__(self, lane: Lane) -> None:
        super().__init__(lane)
        self.on_body = self._pass_on
        self._parser = httptools.HttpResponseParser(self)
        self._paused = False

    def start(self, response: Response) -> None:
        """Send a request; its timeout is from now on the longest silence."""
        assert isinstance(response, StreamedResponse)
        response.silence_ns = response.deadline_ns - response.issued_ns
        super().start(response)

    def leave(self) -> None:
        """Close in the middle of an answer, which counts with what has arrived."""
        response, self.response = self.response, None
        self._stop_sending()
        self.abort()
        if isinstance(response, StreamedResponse):
            response.end_ns = response.last_ns
            response.answered(response)
            response.wake()

    def fail(self, kind: str) -> None:
        """Give up the exchange under way; events that were still coming at the end of the phase are no failure."""
        response = self.response
        if not isinstance(response, StreamedResponse):
            super().fail(kind)
            return
        response.interrupted = kind == failures.INTERRUPTED
        if response.interrupted and response.goes_on(response.last_ns if self._paused else clock()):
            self.leave()
        else:
            super().fail(kind)
            response.wake()

    def data_received(self, data: bytes) -> None:
        """Take some bytes of an answer."""
        response = self.response
        if not isinstance(response, StreamedResponse):
            self.abort()
            return
        now = clock()
        response.heard(now)
        response.deadline_ns = NEVER if self._paused else now + response.silence_ns
        response.bytes_received += len(data)
        if not response.status:
            response.raw += data
        if not self._parsed(data):
            self.fail(failures.MALFORMED)
        elif self._complete:
            response.end_ns = now
            self._finish(response)

    def on_headers_complete(self) -> None:
        """Let the journey go on with the head; an interim one does not count."""
        status = self._parser.get_status_code()
        response = self.response
        if isinstance(response, StreamedResponse) and not response.status and (status >= 200 or status == 101):
            response.begin(status, self)

    def read_on(self) -> None:
        """The journey has caught up."""
        if self._paused:
            self._paused = False
            response = self.response
            if isinstance(response, StreamedResponse):
                response.deadline_ns = clock() + response.silence_ns
            if self.open:
                self._transport.resume_reading()

    def _pass_on(self, part: bytes) -> None:
        response = self.response
        if isinstance(response, StreamedResponse) and response.take(part) > MOST_HELD and not self._paused:
            self._paused = True
            response.deadline_ns = NEVER
            self._transport.pause_reading()

    def _parsed(self, data: bytes) -> bool:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._keep = False
        except httptools.HttpParserError:
            self._keep = False
            return self._complete
        return True

    def _finish(self, response: Response) -> None:
        self.read_on()
        super()._finish(response)
        if isinstance(response, StreamedResponse):
            response.complete = True
            response.wake()


class StreamLane(Lane):
    """The connections of one user's streams."""

    __slots__ = ()

    async def open(self, response: Response) -> StreamConnection:
        """Open a connection for a request. Raises `OSError`."""
        connection: StreamConnection = await self.client.connector.open(lambda: StreamConnection(self), response)
        return connection
