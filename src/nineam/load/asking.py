"""How a virtual user sends requests: its lane, headers and cookies, and what a journey wishes of single requests."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Unpack

from nineam import script
from nineam.load import failures
from nineam.load.cookies import Jar
from nineam.load.expectations import Expectation, expectation
from nineam.load.http import Lane
from nineam.load.outgoing import Options, Outgoing, header_lines
from nineam.load.response import Response
from nineam.load.roles import Surroundings
from nineam.load.streaming import StreamedResponse, StreamLane
from nineam.load.timeouts import Timeouts

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 10

clock = time.perf_counter_ns


class Asker:
    """Sends requests for one user. `headers` are sent with each; requests never raise for what the application does."""

    def __init__(self, engine: Surroundings) -> None:
        self.headers: dict[str, str] = {}
        self.cookies = Jar()
        self._engine = engine
        self._lane = engine.client.lane()
        self._stream_lane: Lane | None = None
        self._timeout_ns = engine.client.timeout_ns
        self._known = engine.client.known
        self._create_future = asyncio.get_running_loop().create_future
        self._late_ns = self._in_flight = self._sent = self._last_status = self._open_groups = 0
        self._closed = False
        self._plainly: Callable[[Outgoing], Coroutine[Any, Any, Response]] = self._ask

    def enter_group(self, name: str) -> None:  # noqa: ARG002 - requests ask for the names around them
        """From now on requests ask which groups are around them."""
        self._open_groups += 1
        self._plainly = self._ask_in_groups

    def leave_group(self, name: str) -> None:  # noqa: ARG002 - likewise
        """Unless a group is still open, requests need not ask any more."""
        self._open_groups -= 1
        if self._open_groups <= 0:
            self._plainly = self._ask

    @asynccontextmanager
    async def stream(self, method: str, path: str, **options: Unpack[Options]) -> AsyncIterator[StreamedResponse]:
        """Send a request and read its answer piece by piece, for `async with`; `timeout` is the longest silence.

        Leaving the block before the end closes the connection; the request counts with what was received.
        """
        response = await self._open(*self._wish(method.upper(), path, options, StreamWish))
        try:
            yield response
        finally:
            response.leave()

    async def _ask(self, outgoing: Outgoing, wish: "Wish | None" = None) -> Response:
        """Send, wait, follow redirects: the hot path, so it calls little."""
        while True:
            if self._engine.ending or self._closed:  # what was in flight has been answered, no more is sent
                raise asyncio.CancelledError
            now = clock()
            waiter = self._create_future()
            response = Response(outgoing, now - self._late_ns, now, now + self._timeout_ns, self._answered, waiter)
            self._late_ns = 0
            if wish is not None:
                wish.prepare(response)
            elif self.headers or self.cookies.kept:
                response.extra = self._extra(outgoing.path)
            self._in_flight += 1
            self._sent += 1
            self._lane.send(response)
            try:
                await waiter
            except asyncio.CancelledError:
                self._lane.abandon(response, failures.CANCELLED)
                raise
            finally:
                self._in_flight -= 1
            if response.status not in REDIRECTS:
                return response
            wish = wish or Wish(self)
            following = wish.next(response)
            if following is None:
                return response
            outgoing = following

    async def _open(self, outgoing: Outgoing, wish: "Wish") -> StreamedResponse:
        """Send, wait for the head of the answer, follow redirects."""
        lane = self._stream_lane = self._stream_lane or StreamLane(self._engine.client)
        while True:
            if self._engine.ending or self._closed:
                raise asyncio.CancelledError
            now = clock()
            waiter = self._create_future()
            deadline_ns = now + self._timeout_ns
            response = StreamedResponse(outgoing, now - self._late_ns, now, deadline_ns, wish.answered, waiter)
            self._late_ns = 0
            wish.prepare(response)
            self._in_flight += 1
            self._sent += 1
            lane.send(response)
            try:
                await waiter
            except asyncio.CancelledError:
                lane.abandon(response, failures.CANCELLED)
                raise
            if not wish.leads_on(response):
                return response
            response.leave()  # counts it, as one too many perhaps
            following = wish.next(response)
            if following is None:
                return response
            outgoing = following

    def _answered(self, response: Response) -> None:
        self._last_status = response.status
        waiter = response.waiter
        try:
            self._engine.collector.record(response)
            if response.mentions()[0]:
                lines = (value for name, value in response.headers.lines if name == "set-cookie")
                self.cookies.store(lines, response.outgoing.path)
        finally:
            if not waiter.done():
                waiter.set_result(None)

    def _extra(self, path: str, cookies: Mapping[str, str] | None = None) -> bytes:
        lines = header_lines({name.lower(): value for name, value in self.headers.items()})
        if not cookies and not self.cookies.kept:
            return lines
        cookie = self.cookies.header(path.partition("?")[0], cookies)
        return lines + (header_lines({"cookie": cookie}) if cookie else b"")

    def _close_lanes(self) -> None:
        self._lane.close()
        if self._stream_lane is not None:
            self._stream_lane.close()

    def _ask_in_groups(self, outgoing: Outgoing) -> Coroutine[Any, Any, Response]:
        return self._ask(outgoing, Wish(self))

    def _ask_with(self, method: str, path: str, options: Options) -> Coroutine[Any, Any, Response]:
        return self._ask(*self._wish(method, path, options))

    def _wish(
        self, method: str, path: str, options: Options, kind: "type[Wish] | None" = None
    ) -> "tuple[Outgoing, Wish]":
        rest: dict[str, Any] = dict(options)
        wish = (kind or Wish)(self)
        if "expect" in rest and (expect := rest.pop("expect")) is not None:
            wish.expectation = expectation(expect)
        wish.cookies = rest.pop("cookies", None)
        if tags := rest.pop("tags", None):
            script.check_tags(tags)
            wish.tags = (*wish.tags, *tags.items())
        if (redirects := rest.pop("redirects", True)) is not True:
            wish.redirects = int(redirects)
        return self._engine.client.build(method, path, **rest), wish


class Wish:
    """What a journey wishes of one request and of those that its redirects lead to."""

    __slots__ = ("_hops", "asker", "cookies", "expectation", "redirects", "tags")

    def __init__(self, asker: Asker) -> None:
        self.asker = asker
        self.cookies: Mapping[str, str] | None = None
        self.expectation: Expectation | None = None
        self.redirects: int | None = None
        self._hops = 0
        groups = dict.fromkeys(script.current_groups.get())  # one within another of the same name is no second one
        self.tags: Iterable[tuple[str, object]] = tuple(("group", name) for name in groups)

    def prepare(self, response: Response) -> None:
        """Make a request that is about to be sent as wished."""
        asker = self.asker
        response.answered = self.answered
        limits = response.outgoing.timeouts
        if limits is not None and limits.total_ns:
            response.deadline_ns = response.issued_ns + limits.total_ns
        response.extra = asker._extra(response.outgoing.path, self.cookies)

    def answered(self, response: Response) -> None:
        """Judge an answer, unless a redirect leads on to the real one, and count it under its tags."""
        try:
            if response.status in REDIRECTS and self.leads_on(response):
                self._count_hops(response)
            elif self.expectation is not None:
                self.expectation.judge(response)
            if self.tags:
                milliseconds = (response.end_ns - response.intended_ns) / 1e6
                self.asker._engine.collector.tagged(milliseconds, response.failed, self.tags)
        finally:
            self.asker._answered(response)

    def next(self, response: Response) -> Outgoing | None:
        """Give the request that a redirect asks for, None when it is not followed."""
        url = self._address(response) if self.leads_on(response) else None
        if url is None:
            return None
        self._hops += 1
        asked = response.outgoing
        keeps = response.status in (307, 308) or asked.method in ("GET", "HEAD")
        method = asked.method if keeps else "GET"
        return self.asker._engine.client.follow(asked, method, url, asked.body if keeps else b"")

    def leads_on(self, response: Response) -> bool:
        """Whether an answer is a redirect that is to be followed."""
        if response.status not in REDIRECTS or "location" not in response.headers:
            return False
        if self.expectation is not None and self.expectation.accepts(response.status):
            return False
        upload = response.outgoing.upload
        if upload is not None and not upload.again and response.status in (307, 308):
            return False
        if self.redirects is not None and self._hops >= self.redirects:
            return False
        return self._address(response) is not None

    def _address(self, response: Response) -> str | None:
        target = self.asker._engine.client.target
        return target.reached(response.outgoing.url, response.headers["location"])

    def _count_hops(self, response: Response) -> None:
        """Fail a redirect that is one too many."""
        if self.redirects is None and self._hops >= MOST_REDIRECTS:
            response.status, response.error = 0, failures.TOO_MANY_REDIRECTS


class StreamWish(Wish):
    """What a journey wishes of a stream, which is in flight until its last byte has arrived or nobody reads it.

    Its timeout is the longest silence, of which the connection takes care: it knows when the journey does not read.
    """

    __slots__ = ("_silence_ns",)

    def __init__(self, asker: Asker) -> None:
        super().__init__(asker)
        self._silence_ns = 0

    def prepare(self, response: Response) -> None:
        """Make a request that is about to be sent as wished."""
        super().prepare(response)
        outgoing = response.outgoing
        if outgoing.timeouts is not None:
            connect_ns, read_ns, total_ns = outgoing.timeouts
            self._silence_ns = read_ns or total_ns or self._silence_ns
            outgoing.timeouts = Timeouts(connect_ns)
        if self._silence_ns:
            response.deadline_ns = response.issued_ns + self._silence_ns

    def answered(self, response: Response) -> None:
        """Count an answer that has ended."""
        self.asker._in_flight -= 1
        super().answered(response)
