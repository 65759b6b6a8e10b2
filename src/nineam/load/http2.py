"""HTTP/2: many requests at a time on one connection, through the `h2` library; only loaded where it is asked for.

Over TLS the server chooses, and one that does not speak HTTP/2 is talked to in HTTP/1.1; without TLS it is expected to
speak it (prior knowledge).
"""

import asyncio
import os
import ssl
import time
from typing import TYPE_CHECKING, cast

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, Event, ResponseReceived, StreamEnded, StreamReset
from h2.exceptions import H2Error
from h2.settings import SettingCodes, Settings

from nineam.load import failures
from nineam.load.frames import HEAD, FrameReader, Goodbye
from nineam.load.http2_stream import Stream, request_headers
from nineam.load.response import Response
from nineam.load.retries import may_repeat
from nineam.load.wire import LARGEST_ANSWER

if TYPE_CHECKING:
    from nineam.load.http2_lane import Http2Lane

WINDOW = 16_777_216  # how much a server may send before it hears from us, per stream and in all

clock = time.perf_counter_ns


class Http2Connection(asyncio.Protocol):
    """A connection of one lane, with a stream for each exchange under way."""

    def __init__(self, lane: "Http2Lane") -> None:
        self.lane = lane
        self.open = False
        self.uses = 0
        self._streams: dict[int, Stream] = {}
        self._h2 = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        wishes = {SettingCodes.ENABLE_PUSH: 0, SettingCodes.INITIAL_WINDOW_SIZE: WINDOW}
        self._h2.local_settings = Settings(client=True, initial_values=wishes)
        self._frames = FrameReader()
        self._goodbye: Goodbye | None = None
        self._mark = lane.client.mark_requests
        self._scheme = lane.client.target.scheme.encode()
        self._descriptor = -1
        self._unclaimed = 0

    # --- what the lane and the client call ---

    def has_room(self) -> bool:
        """Whether one more request can be sent here."""
        if not self.open or self._goodbye is not None or self._transport.is_closing():
            return False
        most = self._h2.remote_settings.max_concurrent_streams
        return len(self._streams) < (min(most, self.lane.streams) if self.lane.streams else most)

    def in_flight(self) -> int:
        """How many requests are under way."""
        return len(self._streams)

    def exchanges(self) -> list[Response]:
        """Give the requests under way."""
        return [stream.response for stream in self._streams.values()]

    def start(self, response: Response) -> None:
        """Send a request; `response.answered` is called once it is answered or has failed."""
        outgoing = response.outgoing
        response.sent_ns = now = clock()
        before = response.bytes_sent
        self.uses += 1
        number = self._h2.get_next_available_stream_id()
        headers = request_headers(outgoing.head, response.extra, self._scheme, now if self._mark else 0)
        stream = self._streams[number] = Stream(number, response, first=self.uses == 1)
        nothing_follows = not outgoing.body and outgoing.upload is None
        try:
            self._h2.send_headers(number, headers, end_stream=nothing_follows)
            if outgoing.upload is not None:
                stream.upload(outgoing, self._push, self._broken_body)
            elif outgoing.body:
                stream.give(outgoing.body, last=True)
                self._push(stream, flush=False)
        except H2Error as error:
            self._end(stream, f"{failures.HTTP2}: {type(error).__name__}")
            return
        response.bytes_sent = before + self._flush()
        response.sending_ns = clock() - now

    def abandon(self, response: Response, kind: str) -> None:
        """Fail one request, if it is under way here; the others go on."""
        for stream in list(self._streams.values()):
            if stream.response is response:
                self._reset(stream, ErrorCodes.CANCEL)
                self._end(stream, kind)

    def fail(self, kind: str) -> None:
        """Fail everything under way and close."""
        streams = list(self._streams.values())
        self.abort()
        for stream in streams:
            self._end(stream, kind)

    def abort(self) -> None:
        """Close at once; exchanges under way are left to their owner."""
        if self.open:
            self.open = False
            self.lane.left(self)
            self._transport.abort()

    # --- what the event loop calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over a connection that is up, and introduce ourselves."""
        self._transport = cast("asyncio.Transport", transport)
        if transport.get_extra_info("ssl_object") is None:
            self._descriptor = transport.get_extra_info("socket").fileno()
        self.open = True
        self.lane.client.multiplexed.add(self)
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(WINDOW)
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Take some bytes of whatever answers."""
        now = clock()
        if not self._frames.begun and data.startswith(b"HTTP/1"):
            self.fail(failures.NOT_HTTP2)
            return
        self._unclaimed += len(data)
        frames, goodbye = self._frames.feed(data)
        try:
            events = self._h2.receive_data(frames)
        except Exception:  # noqa: BLE001 - no bytes, however wrong, may stop the load
            self._flush()
            self.fail(failures.MALFORMED)
            return
        for event in events:
            self._take(event, now)
        if goodbye is not None:
            self._part(goodbye)
        for stream in list(self._streams.values()):
            self._push(stream, flush=False)
        self._flush()
        self._close_when_done()

    def connection_lost(self, exc: Exception | None) -> None:
        """Settle what is open: the other side closed, or the connection broke."""
        was_open, self.open = self.open, False
        if was_open:
            self.lane.left(self)
        for stream in list(self._streams.values()):
            if not stream.first and may_repeat(stream.response, clock()):
                self._repeat(stream)
            else:
                self._end(stream, self._why(exc, stream.response))

    # --- what h2 says ---

    def _take(self, event: Event, now: int) -> None:
        stream = self._streams.get(getattr(event, "stream_id", None) or 0)
        if stream is None:
            if isinstance(event, DataReceived):  # of a stream that was given up: the others need the window
                self._h2.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id)
            return
        response = stream.response
        response.bytes_received += self._unclaimed
        self._unclaimed = 0
        if isinstance(event, ResponseReceived):
            response.first_ns = now
            stream.take_head(event.headers)
        elif isinstance(event, DataReceived):
            stream.chunks.append(event.data)
            self._h2.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id)
            if response.bytes_received > LARGEST_ANSWER:
                self.abandon(response, failures.TOO_LARGE)
        elif isinstance(event, StreamEnded):
            self._answer(stream, now)
        elif isinstance(event, StreamReset):
            self._was_reset(stream, event.error_code)

    def _answer(self, stream: Stream, now: int) -> None:
        del self._streams[stream.number]
        if not stream.sent_all:
            self._reset(stream, ErrorCodes.CANCEL)
        stream.close()
        response = stream.response
        response.end_ns = now
        response.status = stream.status
        response.body = b"".join(stream.chunks)
        response.look_at_head()
        response.answered(response)

    def _was_reset(self, stream: Stream, code: int | None) -> None:
        refused = code == ErrorCodes.REFUSED_STREAM  # which promises that nothing was done
        if refused and stream.may_go_again():
            self._repeat(stream)
        else:
            self._end(stream, f"{failures.STREAM_RESET}: {code_name(code or 0)}")

    def _part(self, goodbye: Goodbye) -> None:
        """The server takes no more requests; those that it says it never saw go elsewhere."""
        self._goodbye = goodbye
        for stream in list(self._streams.values()):
            if stream.number <= goodbye.last_stream:
                continue
            if stream.may_go_again():
                self._repeat(stream)
            else:
                self._end(stream, self._why(None, stream.response))

    # --- inside ---

    def _push(self, stream: Stream, flush: bool = True) -> None:
        """Send as much of a body as the server has room for."""
        while stream.waiting() and stream.number in self._streams:
            window = self._h2.local_flow_control_window(stream.number)
            most = min(window, self._h2.max_outbound_frame_size)
            if most <= 0 and stream.needs_room():
                break
            piece, last = stream.next_piece(most)
            self._h2.send_data(stream.number, piece, end_stream=last)
            stream.response.bytes_sent += HEAD + len(piece)
        if flush:
            self._flush()

    def _broken_body(self, stream: Stream, error: Exception) -> None:
        waiter = stream.response.waiter
        if isinstance(waiter, asyncio.Future) and not waiter.done():
            waiter.set_exception(error)  # the journey's own mistake, told where it was made
        self.abandon(stream.response, f"{failures.BODY}: {type(error).__name__}")

    def _reset(self, stream: Stream, code: ErrorCodes) -> None:
        try:
            self._h2.reset_stream(stream.number, code)
        except H2Error:  # it is closed already
            return
        self._flush()

    def _repeat(self, stream: Stream) -> None:
        self._streams.pop(stream.number, None)
        stream.close()
        self.lane.resend(stream.response)

    def _end(self, stream: Stream, kind: str) -> None:
        if self._streams.pop(stream.number, None) is None:
            return
        stream.close()
        response = stream.response
        response.status, response.error, response.end_ns = 0, kind, clock()
        response.answered(response)
        self._close_when_done()

    def _close_when_done(self) -> None:
        once = self.lane.client.options.no_connection_reuse and self.uses
        if not self._streams and (self._goodbye is not None or once):
            self.abort()

    def _flush(self) -> int:
        """Write what h2 has ready, straight to the socket where that is possible; how many bytes."""
        data = self._h2.data_to_send()
        if not data or self._transport.is_closing():
            return 0
        written = 0
        if self._descriptor >= 0:
            try:
                written = os.write(self._descriptor, data)
            except BlockingIOError:
                written = 0
            except OSError:
                self._transport.abort()
                return 0
        if written < len(data):
            self._descriptor = -1  # from now on everything has to queue behind the rest
            self._transport.write(data[written:])
        return len(data)

    def _why(self, error: Exception | None, response: Response) -> str:
        if isinstance(error, ssl.SSLError):
            return failures.kind_of(error)
        if self._goodbye is not None:
            return f"{failures.GOAWAY}: {code_name(self._goodbye.code)}"
        if response.first_ns:
            return failures.CUT_SHORT
        return failures.CLOSED if error is None else failures.kind_of(error)


def code_name(code: int) -> str:
    """Give an error code's name in the standard, the same one for all that it does not know."""
    try:
        return ErrorCodes(code).name
    except ValueError:
        return "unknown code"
