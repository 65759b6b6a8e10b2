"""The engine of one load process: turns a plan into users and phases into statistics."""

import asyncio
import itertools
import math
import time
from collections.abc import Callable
from typing import Any

import msgspec

from nineam import feeds, script
from nineam.load import limits
from nineam.load.alarm import Alarm
from nineam.load.casting import kinds_of
from nineam.load.collector import Collector
from nineam.load.executors import EXECUTORS, MIXED
from nineam.load.health import Probe
from nineam.load.http import Client
from nineam.load.journeys import describe_problem
from nineam.load.play import OrdinaryPlay, Play, scenarios_of
from nineam.load.roles import VirtualUser
from nineam.load.scene import Scene, Tagged, tagged
from nineam.load.schedule import Part
from nineam.load.sources import open_source
from nineam.load.sources.source import Source
from nineam.load.wardrobe import Wardrobe
from nineam.load.watchdog import HELD, Watchdog
from nineam.model import JourneyProblem, LoadEvent, LoadPlan, LoadStats, Phase, Scenario
from nineam.model.scenario import highest_rate, most_vus

TICK_S = 0.5
BEAT_S = 0.05
RETRIED = "http_req_retried"

clock = time.perf_counter_ns


class Engine:
    """Runs phases one after the other; users, their connections and cookies live from phase to phase.

    Raises `UsageError` for an address, a request or a journeys file that cannot be used. Needs a running loop.
    """

    def __init__(self, plan: LoadPlan, hopeless: Callable[[str], None]) -> None:
        self.client = Client(
            plan.base_url, timeout_s=plan.timeout_s, mark_requests=plan.mark_requests, options=plan.http
        )
        self.collector = Collector()
        self.seed = plan.seed
        self.part = Part(plan.shard, plan.shards)
        self.tape_file = plan.tape_file
        self.ending = False
        self.alarm = Alarm(asyncio.get_running_loop(), self._own_mistake)
        self.client.sweeper.failed = self._own_mistake
        self.shared_lane = self.client.lane(shared=True)
        feeds.share(plan.shard, plan.shards, plan.seed)
        self.source: Source = open_source(plan, self)
        self.journeys_file: str = self.source.file
        self._probe = Probe(self, plan.health_path) if plan.health_path else None
        self.clients = plan.clients
        self.client.payloads = itertools.cycle(plan.payloads[plan.shard :: plan.shards]) if plan.payloads else None
        self.wardrobe = Wardrobe(self, self.source.visitor or self.source.user)
        self._idle: list[VirtualUser[Any]] = []
        self._users = 0
        self._plays: list[Play] = []
        self._stopped = False
        self._say_held: Callable[[str], None] | None = None
        self._watchdog = Watchdog(self.journeys_file, self._held, hopeless)
        self._lag_ns = self._known_names = 0
        self._cpu_s, self._wall_ns = 0.0, 0
        script.attach(self.collector)
        self._watchdog.start()
        self.client.sweep()
        self._beat(clock())

    # --- what the scenes ask for ---

    def user(self, kind: str) -> VirtualUser[Any]:
        """Give an idle user of a kind (empty: an ordinary one), a new one when there is none."""
        if kind:
            return self.wardrobe.user(kind, self._number)
        return self._idle.pop() if self._idle else self.source.user(self._number(), self)

    def visitor(self, kind: str) -> VirtualUser[Any]:
        """Give a new user of a kind, who shares nothing with any other."""
        if kind:
            return self.wardrobe.visitor(kind, self._number())
        return (self.source.visitor or self.source.user)(self._number(), self)

    def take_back(self, users: list[VirtualUser[Any]]) -> None:
        """Keep users for what comes next."""
        self._idle.extend(self.wardrobe.take_back(users))

    def _number(self) -> int:
        """Count users so that no other load process has the same numbers."""
        self._users += 1
        return self.part.shard + 1 + self.part.shards * (self._users - 1)

    # --- phases ---

    async def run(self, phase: Phase, emit: Callable[[LoadEvent], None], begin_ns: int = 0) -> None:
        """Run a phase, from `begin_ns` on when that is still to come; emits ticks and, at the end, `done`.

        Raises `UsageError` when one of its scenarios cannot be played.
        """
        self._plays = self._stage(phase)
        self._make_room(scenarios_of(phase))
        self._interval()
        began = max(clock(), begin_ns)
        if self._probe:
            self._probe.begin(began)
        self._say_held = lambda where: emit(self._event("tick", phase, began, _held(where)))
        await self._watch(phase, began, emit)
        if self._probe:
            self._probe.end()
        cut_off = any(play.halted.is_set() for play in self._plays)
        # what an impatient controller cuts off is no failure of the application
        before = self._event("done", phase, began) if cut_off else None
        for play in self._plays:
            await play.clear()
        self.alarm.forget()
        emit(before or self._event("done", phase, began))
        self._plays = []
        self._say_held = None

    def stop(self) -> None:
        """End the running phase now, and start no other."""
        self._stopped = True
        self.end_phase()

    def end_phase(self) -> None:
        """End the running phase now, if there is one."""
        for play in self._plays:
            play.halted.set()

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped

    async def close(self) -> None:
        """Let users leave and close everything."""
        users = [*self._idle, *self.wardrobe.idle]
        if users and self.journeys_file:
            await asyncio.wait([asyncio.ensure_future(user.close()) for user in users], timeout=2.0)
        if self.source.end is not None:
            self.source.end()
        self._watchdog.stop()
        self._beating.cancel()
        self.alarm.close()
        self.client.close()
        script.attach(None)
        feeds.share(0, 1, 0)

    def _stage(self, phase: Phase) -> list[Play]:
        """Prepare the scenarios; they are counted apart when there are several, or one has tags."""
        scenarios = scenarios_of(phase)
        kind = Play if phase.scenarios else OrdinaryPlay
        executors = MIXED if self.clients else EXECUTORS
        plays = []
        for index, scenario in enumerate(scenarios):
            apart = len(scenarios) > 1 or scenario.tags
            kinds = kinds_of(self.clients, scenarios, index, self.part)
            scene = Scene(self, scenario, tagged(self.collector, scenario) if apart else self.collector, kinds)
            plays.append(kind(scene, scenario, executors[scenario.executor](scene, scenario)))
        return plays

    async def _watch(self, phase: Phase, began: int, emit: Callable[[LoadEvent], None]) -> None:
        """Let the scenarios play, and say twice a second (and at the end of the phase's own time) what happened."""
        playing = {asyncio.ensure_future(play.run(began)) for play in self._plays}
        while playing:
            left_s = phase.duration_s - (clock() - began) / 1e9
            ended, playing = await asyncio.wait(playing, timeout=min(TICK_S, left_s) if left_s > 0 else TICK_S)
            for each in ended:
                each.result()
            if playing:
                emit(self._event("tick", phase, began))

    def _make_room(self, scenarios: tuple[Scenario, ...]) -> None:
        """Close the connections that the phase will not need, so that they do not occupy the application."""
        needed = max(1, sum(self.part.share(math.ceil(max(most_vus(s), highest_rate(s)))) for s in scenarios))
        self.shared_lane.close(keep=needed)
        for user in self._idle[: max(0, len(self._idle) - needed)]:
            user.rest()

    # --- measuring itself ---

    def _held(self, where: str) -> None:
        # from the watching thread: the loop, which could count it, may never come to that
        if self._say_held is not None:
            self._say_held(where)

    def _own_mistake(self, error: Exception) -> None:
        self.collector.problem(*describe_problem(error, self.journeys_file))

    def _beat(self, due_ns: int) -> None:
        # by the loop's own timer: the alarm serves what is due first first, and a beat must not wait for that
        now = clock()
        self._lag_ns = max(self._lag_ns, now - due_ns)
        self._watchdog.beat()
        self._beating = asyncio.get_running_loop().call_later(BEAT_S, self._beat, now + round(BEAT_S * 1e9))

    def _event(self, kind: Any, phase: Phase, began: int, stats: LoadStats | None = None) -> LoadEvent:
        now = clock()
        return LoadEvent(
            kind=kind,
            at_ns=now,
            phase=phase.name,
            elapsed_s=max(0, now - began) / 1e9,
            active_vus=sum(play.executor.active_vus for play in self._plays if not play.over),
            stats=stats or self._interval(),
        )

    def _interval(self) -> LoadStats:
        cpu_s, wall_ns = time.process_time(), clock()
        for play in self._plays:
            if isinstance(play.scene.collector, Tagged):
                play.scene.collector.flush()
        for name, times in self.client.retried.items():
            self.collector.counter(RETRIED, times, {"name": name})
        self.client.retried.clear()
        stats = self.collector.take(
            cpu_s=cpu_s - self._cpu_s, wall_s=(wall_ns - self._wall_ns) / 1e9, loop_lag_ms=self._lag_ns / 1e6
        )
        stats = msgspec.structs.replace(stats, named=self._newly_named())
        self._cpu_s, self._wall_ns, self._lag_ns = cpu_s, wall_ns, 0
        in_flight = self.client.in_flight() - (self._probe is not None and self._probe.waits)
        return limits.noted(stats, len(self.client.connections) + len(self.client.multiplexed), max(0, in_flight))

    def _newly_named(self) -> dict[str, str]:
        known, self._known_names = self._known_names, len(self.client.named)
        return dict(itertools.islice(self.client.named.items(), known, None))


def _held(where: str) -> LoadStats:
    return LoadStats(problems=(JourneyProblem(message=HELD, where=where),))
