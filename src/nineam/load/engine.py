"""The engine of one load process: turns a plan into users and phases into statistics."""

import asyncio
import contextlib
import math
import time
from collections.abc import Callable
from typing import Any

from nineam import script
from nineam.errors import UsageError
from nineam.load import failures, schedule
from nineam.load.alarm import Alarm
from nineam.load.collector import Collector
from nineam.load.executors import EXECUTORS, Executor
from nineam.load.health import Probe
from nineam.load.http import Client, Lane
from nineam.load.journeys import load_journeys, resolved
from nineam.load.outgoing import Outgoing
from nineam.load.plain import PlainUser
from nineam.load.roles import VirtualUser
from nineam.load.users import User
from nineam.load.watchdog import Watchdog
from nineam.model import LoadEvent, LoadPlan, LoadStats, Phase, RequestSpec

TICK_S = 0.5
BEAT_S = 0.05
LAST_WORDS_S = 1.0
LOOK_EVERY_S = 0.005
LAST_TURNS = 3  # of the loop, so that what is due in the very last instant still begins
HELD = "holds every user up for more than a second: await instead of blocking"
LONGEST_OVERTIME = 2.0  # times its duration that a phase may go on for what it has not visited yet

clock = time.perf_counter_ns


class Engine:
    """Runs phases one after the other; users, their connections and cookies live from phase to phase.

    Raises `UsageError` for an address, a request or a journeys file that cannot be used. Needs a running loop.
    """

    def __init__(self, plan: LoadPlan, hopeless: Callable[[str], None]) -> None:
        self.client = Client(plan.base_url, timeout_s=plan.timeout_s, mark_requests=plan.mark_requests)
        self.collector = Collector()
        self.seed = plan.seed
        self.ending = False
        self.journeys_file = resolved(plan.journeys_file)
        self._items, self._weights = _items(plan, self.client)
        self.alarm = Alarm(asyncio.get_running_loop())
        self._probe = Probe(self, plan.health_path) if plan.health_path else None
        self._shared_lane = Lane(self.client)
        self._idle: list[VirtualUser[Any]] = []
        self._users = 0
        self._stop = asyncio.Event()
        self._watchdog = Watchdog(self.journeys_file, hopeless)
        self._lag_ns = 0
        self._cpu_s, self._wall_ns = 0.0, 0
        script.attach(self.collector)
        self._watchdog.start()
        self.client.sweep()
        self._beat(clock())

    # --- what the executors ask for ---

    def draws(self, phase: Phase) -> schedule.Weighted[Any]:
        """Make the draw of requests or journeys for a phase, the same for the same seed."""
        return schedule.Weighted(self._items, self._weights, schedule.source(self.seed, phase.name, "what"))

    def user(self) -> VirtualUser[Any]:
        """Give an idle user, a new one when there is none."""
        if self._idle:
            return self._idle.pop()
        self._users += 1
        return User(self, self._users) if self.journeys_file else PlainUser(self, self._shared_lane)

    # --- phases ---

    async def run(self, phase: Phase, emit: Callable[[LoadEvent], None]) -> None:
        """Run a phase; emits ticks and, at the end, `done`."""
        executor = EXECUTORS[phase.executor](self, phase)
        self._make_room(phase)
        self._interval()
        began = clock()
        if self._probe:
            self._probe.begin(began)
        executor.begin(began)
        await self._last(phase, executor, began, emit)
        for _ in range(LAST_TURNS):
            await asyncio.sleep(0)
        await self._settle(executor, phase)
        cut_off = self.stopped  # what an impatient controller cuts off is no failure of the application
        before = self._event("done", phase, began, executor.active_vus) if cut_off else None
        await self._clear(executor)
        emit(before or self._event("done", phase, began, executor.active_vus))

    def stop(self) -> None:
        """End the running phase now, and start no other."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stop.is_set()

    async def close(self) -> None:
        """Let users leave and close everything."""
        if self._idle and self.journeys_file:
            await asyncio.wait([asyncio.ensure_future(user.close()) for user in self._idle], timeout=2.0)
        self._watchdog.stop()
        self._beating.cancel()
        self.alarm.close()
        self.client.close()
        script.attach(None)

    async def _last(self, phase: Phase, executor: Executor, began: int, emit: Callable[[LoadEvent], None]) -> None:
        while not self.stopped:
            elapsed = (clock() - began) / 1e9
            overtime = elapsed - phase.duration_s
            if overtime >= (phase.duration_s * LONGEST_OVERTIME if executor.unfinished else 0):
                return
            await self._pause(TICK_S if overtime >= 0 else min(TICK_S, -overtime))
            emit(self._event("tick", phase, began, executor.active_vus))

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)

    async def _settle(self, executor: Executor, phase: Phase) -> None:
        """Start nothing more and wait for what is in flight, as long as the phase is patient."""
        self.ending = True
        executor.end()
        if self._probe:
            self._probe.end()
        await asyncio.sleep(0)  # who was just answered goes on first
        for user in list(executor.busy):
            user.cancel()
        patience_s = 0.0 if self.stopped else phase.graceful_stop_s
        until = clock() + round(patience_s * 1e9)
        while self.client.in_flight() and clock() < until:
            await asyncio.sleep(LOOK_EVERY_S)

    async def _clear(self, executor: Executor) -> None:
        """Interrupt what is still in flight and see all users home; who does not go is shut out."""
        self.client.interrupt(failures.INTERRUPTED)
        await asyncio.sleep(0)
        for user in list(executor.busy):
            user.cancel()
        if not await executor.idle(LAST_WORDS_S):
            for user in executor.busy:
                user.shut_out()
        self.alarm.forget()
        self.ending = False
        self._idle.extend(user for user in executor.users if user not in executor.busy)

    def _make_room(self, phase: Phase) -> None:
        """Close the connections that the phase will not need, so that they do not occupy the application."""
        needed = max(1, phase.vus if phase.executor == "constant-vus" else math.ceil(phase.rate))
        self._shared_lane.close(keep=needed)
        for user in self._idle[: max(0, len(self._idle) - needed)]:
            if isinstance(user, User):
                user.rest()

    # --- measuring itself ---

    def _beat(self, due_ns: int) -> None:
        # by the loop's own timer: the alarm serves what is due first first, and a beat must not wait for that
        now = clock()
        self._lag_ns = max(self._lag_ns, now - due_ns)
        self._watchdog.beat()
        self._beating = asyncio.get_running_loop().call_later(BEAT_S, self._beat, now + round(BEAT_S * 1e9))

    def _event(self, kind: Any, phase: Phase, began: int, active_vus: int) -> LoadEvent:
        now = clock()
        while self._watchdog.found:
            self.collector.problem(HELD, self._watchdog.found.pop())
        return LoadEvent(
            kind=kind,
            at_ns=now,
            phase=phase.name,
            elapsed_s=(now - began) / 1e9,
            active_vus=active_vus,
            stats=self._interval(),
        )

    def _interval(self) -> LoadStats:
        cpu_s, wall_ns = time.process_time(), clock()
        stats = self.collector.take(
            cpu_s=cpu_s - self._cpu_s, wall_s=(wall_ns - self._wall_ns) / 1e9, loop_lag_ms=self._lag_ns / 1e6
        )
        self._cpu_s, self._wall_ns, self._lag_ns = cpu_s, wall_ns, 0
        return stats


def _items(plan: LoadPlan, client: Client) -> tuple[tuple[Any, ...], tuple[float, ...]]:
    if plan.journeys_file:
        journeys = load_journeys(plan.journeys_file)
        return journeys, tuple(journey.weight for journey in journeys)
    if not plan.requests:
        hint = "Give a journeys file, or requests to send."
        raise UsageError("there is nothing to send: no requests and no journeys", hint=hint)
    return tuple(_outgoing(spec, client) for spec in plan.requests), tuple(spec.weight for spec in plan.requests)


def _outgoing(spec: RequestSpec, client: Client) -> Outgoing:
    headers = {name.lower(): value for name, value in spec.headers}
    try:
        prepared = client.build(spec.method.upper(), spec.path, headers=headers, data=spec.body or None)
    except ValueError as error:
        raise UsageError(f"{spec.method} {spec.path} cannot be sent: {error}") from error
    prepared.name = spec.name
    return prepared
