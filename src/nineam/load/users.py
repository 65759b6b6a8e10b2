"""Virtual users: what a journey is given, and how its iterations are run.

An executor calls `run(journey, intended_ns)`; the user calls back `finished(user, got_nothing)` when the iteration
is over.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any, Unpack

from nineam import script
from nineam.feeds import NoRowsLeft
from nineam.load.asking import Asker
from nineam.load.journeys import describe_problem
from nineam.load.outgoing import Options, Outgoing
from nineam.load.response import Response
from nineam.load.roles import Surroundings, nobody
from nineam.load.websocket import WebSocketOptions, WebSocketSession

ITERATIONS_OF_NOTHING = 1000
NOTHING_NS = 1_000_000
AFTER_THE_LAST_ROW_S = 1.0

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


class User(Asker):
    """A virtual user of a journey: its own connection, cookies and state, kept from iteration to iteration.

    `headers` are sent with each of its requests. Requests never raise for what the application does.
    """

    def __init__(self, engine: Surroundings, number: int) -> None:
        super().__init__(engine)
        self.id = number
        self.state = State()
        self.finished: Callable[[Any, bool], None] = nobody
        self._random: Random | None = None  # 2.5 kB each: made for those who draw
        self._work: tuple[script.Journey, int] | None = None
        self._wakeup: asyncio.Future[None] | None = None
        self._set_up: dict[str, script.Journey] = {}
        self._complained: set[object] = set()
        self._did_nothing = 0
        self._begin_life()

    # --- what a journey calls ---

    def get(self, path: str, **options: Unpack[Options]) -> Coroutine[Any, Any, Response]:
        """GET `path`."""
        if options:
            return self._ask_with("GET", path, options)
        return self._plainly(self._known.get(path) or self._engine.client.plain("GET", path))

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
            return self._plainly(self._engine.client.plain(method.upper(), path))
        return self._ask_with(method.upper(), path, options)

    def send(self, outgoing: Outgoing) -> Coroutine[Any, Any, Response]:
        """Send a request that was built before; await what this returns."""
        return self._plainly(outgoing)

    def websocket(self, path: str, **options: Unpack[WebSocketOptions]) -> WebSocketSession:
        """Open a WebSocket, for `async with`. Raises `WebSocketError` when the application does not let it be opened.

        `name` is what it counts under, the path otherwise; `timeout` is for opening it.
        """
        return WebSocketSession(self, path, options)

    async def think(self, shortest: float, longest: float | None = None) -> None:
        """Wait as a person would: seconds, uniform between the two (exactly the first when there is one)."""
        if self._engine.ending:
            raise asyncio.CancelledError
        self._late_ns = 0
        seconds = shortest if longest is None else self._draw().uniform(shortest, longest)
        await self._engine.alarm.sleep(max(0.0, seconds))

    def _draw(self) -> Random:
        if self._random is None:
            self._random = Random(f"{self._engine.seed}/user/{self.id}")  # noqa: S311 - think times, no secrets
        return self._random

    def group(self, name: str) -> script.group:
        """Name a part of the journey, for `with` or `async with`."""
        return script.group(name)

    # --- what an executor calls ---

    def move(self, engine: Surroundings) -> None:
        """Be in other surroundings from now on: those of another scenario, say."""
        self._engine = engine

    def run(self, item: script.Journey, intended_ns: int) -> None:
        """Begin one iteration of a journey."""
        self._work = (item, intended_ns)
        waiting = self._wakeup
        if waiting is not None:
            if not waiting.done():
                waiting.set_result(None)
            elif waiting.cancelled():  # by a journey that cancelled its own task when there was nothing left to cancel
                self._begin_life()

    def cancel(self) -> None:
        """End the iteration, unless it waits for an answer: then it ends with that."""
        if self._work is not None:  # it has not begun: that only happens in the loop's next turn
            self._work = None
            self.finished(self, False)
        elif self._wakeup is None and not self._in_flight:
            self._task.cancel()

    def shut_out(self) -> None:
        """Send nothing, ever again."""
        self._closed = True
        self._task.cancel()
        self._close_lanes()

    async def close(self) -> None:
        """Run the teardowns of the journeys this user has begun, then leave."""
        for teardown in dict.fromkeys(journey.teardown for journey in self._set_up.values()):
            if teardown is not None:
                await self._guarded(teardown)
        self._closed = True
        self._task.cancel()
        await asyncio.wait([self._task], timeout=1.0)
        self._close_lanes()

    def rest(self) -> None:
        """Close idle connections while this user is not needed."""
        self._close_lanes()

    # --- iterations ---

    def _begin_life(self) -> None:
        self._wakeup = self._create_future()
        self._task = asyncio.get_running_loop().create_task(self._live())
        self._task.add_done_callback(self._died)

    def _died(self, task: "asyncio.Task[None]") -> None:
        """Go on with a new task, should anything have ended the old one before the user left."""
        if task.cancelled() or (error := task.exception()) is None or self._closed:
            return
        iterating = self._wakeup is None
        self._begin_life()
        self._count(error)
        if iterating:
            self.finished(self, True)

    async def _live(self) -> None:
        script.current_user.set(self)
        self._wakeup = None
        while not self._closed:
            if self._work is None:
                self._wakeup = self._create_future()
                await self._wakeup
                self._wakeup = None
                continue
            (journey, intended_ns), self._work = self._work, None
            began, sent = clock(), self._sent
            self._late_ns = max(0, began - intended_ns)
            self._last_status = 200
            self._engine.collector.started(self._late_ns // 1000)
            try:
                if journey.name in self._set_up or await self._begin(journey):
                    await journey.function(self)
                    self._engine.collector.finished((clock() - began) // 1000)
            except asyncio.CancelledError as error:
                self._calm_down(error)
            except GeneratorExit:  # this very coroutine is being closed
                raise
            except BaseException as error:  # noqa: BLE001 - ends the iteration, never the load
                self._last_status = self._last_status if self._sent > sent else 0
                await self._failed(error, began)
            if sent == self._sent:  # nothing was awaited, perhaps: others must have their turn
                self._notice_idling(journey, clock() - began)
                await self._let_others()
            self.finished(self, self._last_status == 0)

    def _calm_down(self, error: asyncio.CancelledError | None = None) -> None:
        """Get over a cancellation that was meant for the iteration; one meant for the user goes on."""
        if self._closed:
            raise asyncio.CancelledError
        if error is not None and not self._task.cancelling() and not self._engine.ending:
            self._count(error)  # nobody here has cancelled anything: what the journey awaited was cancelled
        while self._task.cancelling():
            self._task.uncancel()

    async def _let_others(self, seconds: float = 0.0) -> None:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self._calm_down()

    async def _begin(self, journey: script.Journey) -> bool:
        """Set the user up for a journey, unless the same setup was run for another one.

        When that fails it is said once for each user, and tried again later.
        """
        try:
            if journey.setup is not None and all(each.setup is not journey.setup for each in self._set_up.values()):
                await journey.setup(self)
        except (asyncio.CancelledError, GeneratorExit):
            raise
        except BaseException as error:  # noqa: BLE001 - likewise
            self._last_status = 0
            if isinstance(error.__cause__, NoRowsLeft):
                await self._out_of_rows(error)
            elif journey.name not in self._complained:
                self._complained.add(journey.name)
                self._count(error)
            return False
        self._set_up[journey.name] = journey
        return True

    async def _failed(self, error: BaseException, began: int) -> None:
        if isinstance(error.__cause__, NoRowsLeft):
            await self._out_of_rows(error)
            return
        self._count(error)
        self._engine.collector.finished((clock() - began) // 1000)

    async def _out_of_rows(self, error: BaseException) -> None:
        """Say once that there is nothing left for this user to do; from now on it only waits."""
        self._last_status = 0
        if NoRowsLeft not in self._complained:
            self._complained.add(NoRowsLeft)
            self._count(error)
        await self._let_others(AFTER_THE_LAST_ROW_S)

    def _notice_idling(self, journey: script.Journey, took_ns: int) -> None:
        self._did_nothing = self._did_nothing + 1 if took_ns < NOTHING_NS and self._last_status else 0
        if self._did_nothing == ITERATIONS_OF_NOTHING:
            message = f"journey {journey.name} sends nothing and waits for nothing"
            self._engine.collector.problem(message, journey.where)

    async def _guarded(self, function: script.JourneyFunction) -> None:
        try:
            await function(self)
        except (asyncio.CancelledError, GeneratorExit):
            raise
        except BaseException as error:  # noqa: BLE001 - likewise
            self._count(error)

    def _count(self, error: BaseException) -> None:
        self._engine.collector.problem(*describe_problem(error, self._engine.journeys_file))
