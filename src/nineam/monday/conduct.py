"""Conducts a run: warm up, localhost, the stairs of Monday, and the way back down."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from nineam.app.process import Application, describe_exit
from nineam.collect.sums import Collector
from nineam.errors import ApplicationError
from nineam.histogram import Histogram
from nineam.load.metrics import response_times
from nineam.load.process import LoadProcess
from nineam.merging import merge
from nineam.model import EndpointStats, HistogramData, LoadEvent, LoadStats, Phase
from nineam.monday.events import Event, Listener, PhaseBegan, PhaseEnded, Progress, Said
from nineam.monday.observer import Switch, measure
from nineam.monday.plan import ENOUGH, RunPlan, Stair, broken, first_stair, ladder, named, phase_of
from nineam.store.writer import Writer


class Conductor:
    """One run against an application that answers already. `app` is None for an URL that nineam did not start."""

    def __init__(
        self,
        plan: RunPlan,
        load: LoadProcess,
        app: Application | None,
        collector: Collector,
        writer: Writer,
        listener: Listener,
        switch: Switch | None = None,
    ) -> None:
        self._plan = plan
        self._load = load
        self._app = app
        self._collector = collector
        self._writer = writer
        self._listener = listener
        self._switch = switch
        self._service_s = 0.05
        self._number = 0
        self._stats = LoadStats()
        self._exempt: frozenset[str] = frozenset()

    async def run(self) -> None:
        """Run every phase. Raises ApplicationError when the application dies on the way; what was seen is kept."""
        await self._polite("warmup", self._plan.warmup_s)
        localhost = await self._polite("localhost", self._plan.localhost_s)
        self._learn(localhost)
        await self._climb()
        await self._polite("after", self._plan.after_s)
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
            or percentile(endpoint.response, _judged_by(plan, endpoint)) / 1000 > plan.objective_ms
        )
        self._writer.meta("exempt", sorted(self._exempt))
        failing = [endpoint for endpoint in localhost.endpoints if endpoint.failed]
        for endpoint in failing:
            self._say(
                f"{endpoint.name} fails with one polite user already: "
                f"{endpoint.failed} of {endpoint.requests}{named(endpoint.commonest_failure)}"
            )
        for name in sorted(self._exempt):
            self._say(f"{name} misses the objective with one polite user already; Monday is not judged by it")

    async def _climb(self) -> None:
        """Climb until a stair breaks twice; then, when there is a goal, show what it is like up there."""
        goal = self._plan.goal
        stairs = list(ladder(goal, first_stair(goal, self._service_s)))
        for stair in stairs[:-1] if goal.limit else stairs:
            if await self._breaks(stair):
                break
        else:
            if goal.limit:
                await self._breaks(stairs[-1], last=True)
            return
        if goal.limit:
            await self._stair(stairs[-1], last=True)

    async def _breaks(self, stair: Stair, *, last: bool = False) -> bool:
        """Try a stair, and once more before it counts as broken."""
        if not await self._stair(stair, last=last):
            return False
        if await self._stair(stair, last=last):
            return True
        self._say("the same load held the second time: the first was a disturbance")
        return False

    async def _stair(self, stair: Stair, *, last: bool = False) -> str:
        self._number += 1
        return await self._phase("monday", self._number, stair, phase_of(self._plan, stair, self._number, last=last))

    async def _polite(self, kind: str, seconds: float) -> LoadStats:
        phase = Phase(name=kind, executor="polite", duration_s=seconds, graceful_stop_s=5.0)
        await self._phase(kind, 0, Stair(users=1), phase)
        return self._stats

    async def _phase(self, kind: str, number: int, stair: Stair, phase: Phase) -> str:
        """Run one phase to its end; why it did not hold, or nothing."""
        begin = time.perf_counter_ns()
        row = self._writer.begin_phase(kind, number, stair.rate, stair.users, begin)
        self._collector.begin_phase(row, begin)
        self._tell(PhaseBegan(kind=kind, stair=number, users=stair.users, rate=stair.rate, seconds=phase.duration_s))
        self._stats = LoadStats()
        ended = begin
        async for event in self._load.run(phase):
            ended = event.at_ns
            self._take(row, kind, event)
            self._check_alive()
        await self._settle()
        why = broken(self._plan, self._stats, self._exempt, percentile)
        # what was sent while the load was on is the phase; the answers that came in afterwards belong to it
        ended = min(ended, begin + int(phase.duration_s * 1e9)) if kind == "monday" else ended
        self._writer.end_phase(row, ended, not why)
        self._writer.commit()
        self._tell(self._summary(kind, number, stair, (ended - begin) / 1e9, why))
        return why

    def _take(self, row: int, kind: str, event: LoadEvent) -> None:
        self._stats = merge(self._stats, event.stats)
        self._writer.load(row, event.at_ns, event.stats)
        self._collector.flush()
        times = response_times(event.stats.endpoints)
        seconds = max(0.1, event.stats.generator.wall_s)
        self._tell(
            Progress(
                kind=kind,
                elapsed_s=event.elapsed_s,
                active_users=event.active_vus,
                rate=times.count / seconds,
                p95_ms=times.percentile(95) / 1000,
                failed=sum(endpoint.failed for endpoint in self._stats.endpoints),
                requests=sum(endpoint.requests for endpoint in self._stats.endpoints),
            )
        )

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

    def _summary(self, kind: str, number: int, stair: Stair, seconds: float, why: str) -> PhaseEnded:
        times = response_times(self._stats.endpoints)
        failed = sum(endpoint.failed for endpoint in self._stats.endpoints)
        return PhaseEnded(
            kind=kind,
            stair=number,
            rate=stair.rate,
            users=stair.users,
            achieved_rate=times.count / max(0.1, seconds),
            p95_ms=times.percentile(95) / 1000,
            failed_rate=failed / max(1, times.count),
            broke=why,
        )

    def _say(self, text: str) -> None:
        self._writer.insert("notice", [(text,)])
        self._tell(Said(text=text))

    def _tell(self, event: Event) -> None:
        self._listener(event)


def _judged_by(plan: RunPlan, endpoint: EndpointStats) -> float:
    """The percentile to judge an endpoint by: of a handful of requests the median, because the rest is chance."""
    return plan.objective_percent if endpoint.requests >= ENOUGH else 50.0


def percentile(histogram: HistogramData, percent: float) -> float:
    """Return a percentile of a histogram at rest, in microseconds."""
    return Histogram.from_data(histogram).percentile(percent)


@contextlib.asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `work` beside the block and end it with the block."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
