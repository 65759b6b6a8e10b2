"""Conducts a run: warm up, localhost, the stairs of Monday, and the way back down."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from functools import partial

from nineam.app.process import Application, describe_exit
from nineam.collect.feed import Feed
from nineam.collect.sums import Collector
from nineam.endpoints import judged
from nineam.errors import ApplicationError
from nineam.histogram import Histogram
from nineam.load.fleet import Fleet
from nineam.load.watchdog import HELD
from nineam.merging import merge
from nineam.model import LoadEvent, LoadStats, Phase
from nineam.monday.aborting import Failed, failed, spoken
from nineam.monday.announcing import began, progress
from nineam.monday.announcing import ended as announced
from nineam.monday.capacity_loads import Climbed, climbed, estimate
from nineam.monday.events import Counted, Event, Listener, Said
from nineam.monday.fixed import phase_of_plan, stair_of
from nineam.monday.judging import judged_by, percentile
from nineam.monday.last_words import with_last_words
from nineam.monday.observer import looking_away, measure
from nineam.monday.offended import offended
from nineam.monday.plan import RunPlan, Stair, broken, first_stair, ladder, phase_of, unwell
from nineam.monday.proof import Proof
from nineam.monday.search import Search
from nineam.store.writer import Writer

LOADED = ("monday", "proof", "capacity", "grown-monday")
"""Phases that are their load: what is answered later belongs to them, but does not make them longer."""


class Conductor:
    """One run against an application that answers already. `app` is None for an URL that nineam did not start."""

    def __init__(
        self,
        plan: RunPlan,
        load: Fleet,
        app: Application | None,
        collector: Collector,
        writer: Writer,
        listener: Listener,
        feed: Feed | None = None,
    ) -> None:
        self._plan = plan
        self._load = load
        self._app = app
        self._collector = collector
        self._writer = writer
        self._listener = listener
        self._feed = feed
        self._switch = None if feed is None else lambda on: feed.switch(on=on)
        self._service_s = 0.05
        self._number = 0
        self._stats = LoadStats()
        self._exempt: frozenset[str] = frozenset()
        self._all_fail = False
        self._aborted: Failed | None = None
        self._ticks: list[LoadStats] = []
        self._stairs: list[Climbed] = []
        self._held: set[str] = set()
        self._offended: set[str] = set()

    async def run(self) -> None:
        """Run every phase. Raises ApplicationError when the application dies on the way; what was seen is kept."""
        await self._polite("warmup", self._plan.warmup_s)
        localhost = await self._polite("localhost", self._plan.localhost_s)
        self._learn(localhost)
        await self._monday()
        await self._prove()
        await self._polite("after", self._plan.after_s)
        await self._trials()
        await self._observer()

    async def _observer(self) -> None:
        """Measure what the agent itself costs, when there is one."""
        if self._app is None or self._switch is None or not self._plan.observer_s:
            return

        async def block(seconds: float) -> LoadStats:
            return await self._polite("observer", seconds)

        cost = await measure(block, self._switch, self._app.tree, self._plan.observer_s)
        self._writer.meta("observer_cpu_percent", cost)

    def _learn(self, localhost: LoadStats) -> None:
        """Take from the dream what Monday needs: how long a request takes, and who is slow even alone."""
        plan = self._plan
        total = Histogram()
        for endpoint in localhost.endpoints:
            total.merge(Histogram.from_data(endpoint.service))
        if total.count:
            self._service_s = total.mean() / 1e6
        self._exempt = frozenset(
            endpoint.name
            for endpoint in localhost.endpoints
            if endpoint.failed == endpoint.requests
            or percentile(endpoint.response, judged_by(plan, endpoint)) / 1000 > plan.objective_ms
        )
        self._writer.meta("exempt", sorted(self._exempt))
        users = judged(localhost.endpoints)
        self._all_fail = bool(users) and all(endpoint.failed == endpoint.requests for endpoint in users)
        for endpoint in localhost.endpoints:
            if text := unwell(endpoint, exempt=endpoint.name in self._exempt):
                self._writer.insert("notice", [(text,)])

    async def _monday(self) -> None:
        """Run the plan as it is, go straight to the goal, or climb."""
        plan = self._plan
        if plan.scenarios:
            await self._fixed()
        elif plan.climb:
            await self._climb()
        else:
            *_, goal = ladder(plan.goal, plan.goal.limit)
            await self._stair(goal, last=True)

    async def _fixed(self) -> None:
        scenarios = self._plan.scenarios
        self._number = 1
        why = await self._phase("monday", self._number, stair_of(scenarios), phase_of_plan(scenarios))
        self._writer.meta("broke", why)

    async def _climb(self) -> None:
        """Climb until a stair breaks twice; then, when there is a goal, show what it is like up there."""
        goal = self._plan.goal
        stairs = list(ladder(goal, first_stair(goal, self._service_s)))
        if self._all_fail:
            self._say("every request of one polite user failed: more of the same load are not tried")
            await self._stair(stairs[0])
            return
        for stair in stairs[:-1] if goal.limit else stairs:
            if await self._breaks(stair):
                break
        else:
            if goal.limit:
                await self._breaks(stairs[-1], last=True)
            return
        if goal.limit and not self._aborted:
            await self._stair(stairs[-1], last=True)

    async def _breaks(self, stair: Stair, *, last: bool = False) -> bool:
        """Try a stair, and once more before it counts as broken."""
        if not await self._stair(stair, last=last):
            return False
        if self._aborted or await self._stair(stair, last=last):
            return True
        self._say("the same load held the second time: the first was a disturbance")
        return False

    async def _stair(self, stair: Stair, *, last: bool = False) -> str:
        self._number += 1
        phase = phase_of(self._plan, stair, self._number, last=last)
        why = await self._phase("monday", self._number, stair, phase)
        self._stairs.append(climbed(stair.rate, self._ticks, phase.duration_s, held=not why))
        return why

    async def _trials(self) -> None:
        """Find out how much is carried where the climb broke, while the agent looks away."""
        around = estimate(self._stairs)
        if not around or not self._plan.seeks_capacity or self._aborted or self._all_fail:
            return
        with looking_away(self._switch):
            await Search(self._plan, partial(self._extra, "capacity"), self._writer, self._exempt).run(around)

    async def _prove(self) -> None:
        """Where the seconds of the load cannot tell which of two layers is to blame, slow each of them down and see."""
        if self._feed is not None and not self._aborted and not self._all_fail:
            play = partial(self._extra, "proof")
            await Proof(self._plan, play, self._writer, self._feed.slow).run(estimate(self._stairs))

    async def _extra(self, kind: str, phase: Phase) -> Sequence[LoadStats]:
        """Play a phase of trials or of an experiment; return what was counted, tick by tick."""
        self._number += 1
        await self._phase(kind, self._number, Stair(rate=phase.rate), phase)
        return self._ticks

    async def _polite(self, kind: str, seconds: float) -> LoadStats:
        phase = Phase(name=kind, executor="polite", duration_s=seconds, graceful_stop_s=5.0)
        await self._phase(kind, 0, Stair(users=1), phase)
        return self._stats

    async def _phase(self, kind: str, number: int, stair: Stair, phase: Phase) -> str:
        """Run one phase to its end; why it did not hold, or nothing."""
        begin = time.perf_counter_ns()
        row = self._writer.begin_phase(kind, number, stair.rate, stair.users, begin)
        self._collector.begin_phase(row, begin)
        self._tell(began(self._plan, kind, number, stair, phase))
        self._stats, self._ticks = LoadStats(), []
        over = begin
        async with contextlib.aclosing(with_last_words(self._load.run(phase), self._load.end_phase)) as events:
            async for event in events:
                over = event.at_ns
                self._take(row, kind, event)
                self._check_alive()
                if kind == "monday":
                    await self._abort(event)
        await self._settle()
        for text in offended(self._stats, self._offended):
            self._say(text)
        why = self._why(kind)
        # what was sent while the load was on is the phase; the answers that came in afterwards belong to it
        over = min(over, begin + int(phase.duration_s * 1e9)) if kind in LOADED else over
        self._writer.end_phase(row, over, not why)
        self._writer.commit()
        seconds = (over - begin) / 1e9
        said = announced(self._plan, kind, number, stair, self._stats, seconds=seconds, why=why, exempt=self._exempt)
        self._tell(said)
        return why

    def _why(self, kind: str) -> str:
        """Say why the phase did not hold, or nothing."""
        if kind == "monday" and self._aborted is not None:
            return spoken(self._aborted)
        return broken(self._plan, self._stats, self._exempt, percentile)

    async def _abort(self, event: LoadEvent) -> None:
        """End the load when a threshold that may do so has failed; what was counted until then is reported."""
        if self._aborted or event.kind == "done":
            return
        self._aborted = failed(self._plan, self._stats, event.elapsed_s, event.active_vus)
        if self._aborted is not None:
            self._say(spoken(self._aborted))
            self._writer.meta("aborted", self._aborted)
            await self._load.end_phase()

    def _take(self, row: int, kind: str, event: LoadEvent) -> None:
        self._stats = merge(self._stats, event.stats)
        self._ticks.append(event.stats)
        self._writer.load(row, event.at_ns, event.stats, event.active_vus)
        self._tell(Counted(event=event))
        self._warn(event)
        self._collector.flush()
        self._tell(progress(kind, event, self._stats))

    def _warn(self, event: LoadEvent) -> None:
        """Say at once, and once, which line of a journey holds everybody up."""
        for problem in event.stats.problems:
            if problem.message == HELD and problem.where not in self._held:
                self._held.add(problem.where)
                self._tell(Said(text=f"{problem.where} {HELD}"))

    def _check_alive(self) -> None:
        if self._app is not None and self._app.died.done():
            raise ApplicationError(
                f"the application died in mid-run ({describe_exit(self._app.died.result())})",
                details=self._app.tail() or ("it printed nothing",),
                hint="what was measured until then is in the run file",
            )

    async def _settle(self) -> None:
        """Give the agents the moment they need to send what belongs to the phase that ended."""
        await asyncio.sleep(0.25)
        self._collector.flush()

    def _say(self, text: str) -> None:
        self._writer.insert("notice", [(text,)])
        self._tell(Said(text=text))

    def _tell(self, event: Event) -> None:
        self._listener(event)
