"""Virtual users: what a journey is given, and how its iterations are run.

An executor calls `run(journey, intended_ns)`; the user calls back `finished(user, got_nothing)` when the iteration
is over.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Coroutine
from random import Random
from typing import Any, Unpack
from urllib.parse import urljoin

from nineam import script
from nineam.load.cookies import Jar
from nineam.load.failures import TOO_MANY_REDIRECTS
from nineam.load.http import Lane
from nineam.load.journeys import describe_problem
from nineam.load.outgoing import Options, Outgoing, header_lines
from nineam.load.response import Response
from nineam.load.roles import Surroundings, nobody

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 10

clock = time.perf_counter_ns


class State(dict[str, Any]):
    """What a journey keeps between iterations: `user.state.token` or `user.state["token"]`."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"user.state has no '{name}'") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


class User:
    """A virtual user of a journey: its own connection, cookies and state, kept from iteration to iteration.

    `headers` are sent with each of its requests. Requests never raise for what the application does.
    """

    def __init__(self, engine: Surroundings, number: int) -> None:
        self.id = number
        self.state = State()
        self.headers: dict[str, str] = {}
        self.cookies = Jar()
        self.finished: Callable[[Any, bool], None] = nobody
        self._engine = engine
        self._lane = Lane(engine.client)
        self._timeout_ns = engine.client.timeout_ns
        self._known = engine.client.known
        self._loop = asyncio.get_running_loop()
        self._create_future = self._loop.create_future
        self._random = Random(f"{engine.seed}/user/{number}")  # noqa: S311 - think times, no secrets
        self._work: tuple[script.Journey, int] | None = None
        self._wakeup: asyncio.Future[None] | None = None
        self._set_up: dict[str, script.Journey] = {}
        self._late_ns = self._in_flight = self._sent = self._last_status = 0
        self._closed = False
        self._task = self._loop.create_task(self._live())

    # --- what a journey calls ---

    def get(self, path: str, **options: Unpack[Options]) -> Coroutine[Any, Any, Response]:
        """GET `path`."""
        if options:
            return self._ask_with("GET", path, options)
        return self._ask(self._known.get(path) or self._engine.client.plain("GET", path))

    def post(self, path: str, **options: Unpack[Options]) -> Coroutine[Any, Any, Response]:
        """POST to `path`."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Unpack[Options]) -> Coroutine[Any, Any, Response]:
        """PUT to `path`."""
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Unpack[Options]) -> Coroutine[Any, Any, Response]:
        """PATCH `path`."""
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Unpack[Options]) -> Coroutine[Any, Any, Response]:
        """DELETE `path`."""
        return self.request("DELETE", path, **options)

    def head(self, path: str, **options: Unpack[Options]) -> Coroutine[Any, Any, Response]:
        """HEAD of `path`."""
        return self.request("HEAD", path, **options)

    def options(self, path: str, **options: Unpack[Options]) -> Coroutine[Any, Any, Response]:
        """OPTIONS of `path`."""
        return self.request("OPTIONS", path, **options)

    def request(self, method: str, path: str, **options: Unpack[Options]) -> Coroutine[Any, Any, Response]:
        """Send any request; await what this returns. Redirects within the application are followed."""
        if not options:
            return self._ask(self._engine.client.plain(method.upper(), path))
        return self._ask_with(method.upper(), path, options)

    async def think(self, shortest: float, longest: float | None = None) -> None:
        """Wait as a person would: seconds, uniform between the two (exactly the first when there is one)."""
        if self._engine.ending:
            raise asyncio.CancelledError
        self._late_ns = 0
        seconds = shortest if longest is None else self._random.uniform(shortest, longest)
        await self._engine.alarm.sleep(max(0.0, seconds))

    def group(self, name: str) -> script.group:
        """Name a part of the journey, for `with` or `async with`."""
        return script.group(name)

    # --- what an executor calls ---

    def run(self, item: script.Journey, intended_ns: int) -> None:
        """Begin one iteration of a journey."""
        self._work = (item, intended_ns)
        if self._wakeup is not None and not self._wakeup.done():
            self._wakeup.set_result(None)

    def cancel(self) -> None:
        """End the iteration, unless it waits for an answer: then it ends with that."""
        if not self._in_flight:
            self._task.cancel()

    def shut_out(self) -> None:
        """Send nothing, ever again."""
        self._closed = True
        self._task.cancel()
        self._lane.close()

    async def close(self) -> None:
        """Run the teardowns of the journeys this user has begun, then leave."""
        for journey in self._set_up.values():
            if journey.teardown is not None:
                await self._guarded(journey.teardown)
        self._closed = True
        self._task.cancel()
        await asyncio.wait([self._task], timeout=1.0)
        self._lane.close()

    def rest(self) -> None:
        """Close idle connections while this user is not needed."""
        self._lane.close()

    # --- iterations ---

    async def _live(self) -> None:
        while not self._closed:
            if self._work is None:
                self._wakeup = self._create_future()
                await self._wakeup
            if self._work is None:
                continue
            (journey, intended_ns), self._work = self._work, None
            began, sent = clock(), self._sent
            self._late_ns = max(0, began - intended_ns)
            self._last_status = 200
            self._engine.collector.started(self._late_ns // 1000)
            try:
                if journey.name not in self._set_up:
                    await self._begin(journey)
                await journey.function(self)
                self._engine.collector.finished((clock() - began) // 1000)
            except asyncio.CancelledError:
                self._calm_down()
            except Exception as error:  # noqa: BLE001 - a bug in a journey ends the iteration, never the load
                self._count(error)
                self._engine.collector.finished((clock() - began) // 1000)
                self._last_status = self._last_status if self._sent > sent else 0
            if sent == self._sent:  # nothing was awaited, perhaps: others must have their turn
                await self._let_others()
            self.finished(self, self._last_status == 0)

    def _calm_down(self) -> None:
        """Get over a cancellation that was meant for the iteration; one meant for the user goes on."""
        if self._closed:
            raise asyncio.CancelledError
        while self._task.cancelling():
            self._task.uncancel()

    async def _let_others(self) -> None:
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            self._calm_down()

    async def _begin(self, journey: script.Journey) -> None:
        if journey.setup is not None:
            await journey.setup(self)
        self._set_up[journey.name] = journey

    async def _guarded(self, function: script.JourneyFunction) -> None:
        try:
            await function(self)
        except Exception as error:  # noqa: BLE001 - as above
            self._count(error)

    def _count(self, error: Exception) -> None:
        self._engine.collector.problem(*describe_problem(error, self._engine.journeys_file))

    # --- requests ---

    async def _ask(
        self, outgoing: Outgoing, extra: bytes = b"", expect: Collection[int] | None = None, timeout_ns: int = 0
    ) -> Response:
        """Send, wait, follow redirects: the hot path, so it calls little."""
        hops = 0
        while True:
            if self._engine.ending or self._closed:  # what was in flight has been answered, no more is sent
                raise asyncio.CancelledError
            now = clock()
            waiter = self._create_future()
            deadline = now + (timeout_ns or self._timeout_ns)
            response = Response(outgoing, now - self._late_ns, now, deadline, self._answered, waiter)
            self._late_ns = 0
            if expect is not None:
                response.expect = expect
            if extra or self.headers or self.cookies.kept:
                response.extra = self._extra(outgoing.path, extra)
            self._in_flight += 1
            self._sent += 1
            self._lane.send(response)
            try:
                await waiter
            finally:
                self._in_flight -= 1
            if response.status not in REDIRECTS or (expect is not None and response.status in expect):
                return response
            following = self._next_hop(response)
            if following is None:
                return response
            hops += 1
            if hops > MOST_REDIRECTS:
                response.status, response.error = 0, TOO_MANY_REDIRECTS
                return response
            outgoing = following

    def _answered(self, response: Response) -> None:
        self._last_status = response.status
        self._engine.collector.record(response)
        if response.mentions()[0]:
            self.cookies.store(value for name, value in response.headers.lines if name == "set-cookie")
        waiter = response.waiter
        if not waiter.done():
            waiter.set_result(None)

    def _extra(self, path: str, cookie_line: bytes) -> bytes:
        lines = header_lines({name.lower(): value for name, value in self.headers.items()})
        if not cookie_line and self.cookies.kept:
            cookie = self.cookies.header(path.partition("?")[0])
            cookie_line = header_lines({"cookie": cookie}) if cookie else b""
        return lines + cookie_line

    def _ask_with(self, method: str, path: str, options: Options) -> Coroutine[Any, Any, Response]:
        rest: dict[str, Any] = dict(options)
        expect = rest.pop("expect", None)
        statuses = frozenset([expect] if isinstance(expect, int) else expect) if expect is not None else None
        timeout_ns = round((rest.pop("timeout", None) or 0) * 1e9)
        cookies = rest.pop("cookies", None)
        outgoing = self._engine.client.build(method, path, **rest)
        line = b""
        if cookies:
            line = header_lines({"cookie": self.cookies.header(outgoing.path.partition("?")[0], cookies)})
        return self._ask(outgoing, line, statuses, timeout_ns)

    def _next_hop(self, response: Response) -> Outgoing | None:
        asked = response.outgoing
        url = urljoin(asked.url, response.headers.get("location", ""))
        if "location" not in response.headers or not _same_origin(url, self._engine.client.target.origin):
            return None
        keeps = response.status in (307, 308) or asked.method in ("GET", "HEAD")
        method = asked.method if keeps else "GET"
        return self._engine.client.follow(asked, method, url, asked.body if keeps else b"")


def _same_origin(url: str, origin: str) -> bool:
    return url == origin or url.startswith((f"{origin}/", f"{origin}?"))
