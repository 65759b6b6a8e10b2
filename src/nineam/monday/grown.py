"""Localhost and Monday again, on grown clones of the application's database."""

import asyncio
from typing import Any

import msgspec

from nineam.collect.feed import Feed
from nineam.collect.sums import Collector
from nineam.diagnose.picture import Picture
from nineam.endpoints import judged
from nineam.errors import ApplicationError
from nineam.load.fleet import Fleet
from nineam.model import LoadStats, Phase
from nineam.monday.clones import Clones, CloneSize
from nineam.monday.conduct import Conductor
from nineam.monday.events import Listener, Said
from nineam.monday.fixed import phase_of_plan
from nineam.monday.judging import percentile
from nineam.monday.plan import RunPlan, Stair, broken, failing, phase_of
from nineam.monday.setup import Setup
from nineam.monday.starting import Running, started
from nineam.monday.watches import watching
from nineam.store.reader import read
from nineam.store.writer import Writer

WARMUP_S = 0.5
PATIENCE_S = 30.0
"""How long the polite user waits for what the data has made slow."""
OVERTIME_S = 60.0
"""How much longer than planned the polite user goes on, for what was not asked yet because the rest took long."""
OFTEN = 0.5
"""An endpoint of which more than this part fails on the smallest clone, and nothing without, is no witness."""

LIKELY = "which is most likely the clone's fault"

Level = tuple[Stair, Phase]


class GrownRun:
    """The second half of a run with clones: the application once more for each of them."""

    def __init__(self, setup: Setup, plan: RunPlan, writer: Writer, listener: Listener) -> None:
        self._setup = setup
        self._plan = plan
        self._writer = writer
        self._listener = listener

    async def run(self, clones: Clones, feed: Feed, collector: Collector, processes: int) -> None:
        """Play all sizes, and Monday on the largest. An application that cannot live on a clone ends it early."""
        run = read(self._writer.path)
        again, exempt = monday_again(self._plan, Picture(run)), frozenset(run.meta.get("exempt", ()))
        facts = _facts(clones)
        self._writer.meta("grown", facts)
        judge = Judge(exempt=exempt, sound=_sound(Picture(run)))
        for number, size in enumerate(clones.sizes, 1):
            self._listener(Said(text=f"the application again, on a database of {size.rows:,} rows"))
            is_full = number == len(clones.sizes)
            if is_full:
                await asyncio.to_thread(clones.witness.begin)
            level = number, again if is_full else None
            try:
                async with started(self._towards(size), self._writer, self._listener, feed) as running:
                    await self._play(running, collector, level, judge, processes, clones)
            except ApplicationError as error:
                facts["problem"] = f"with {size.rows:,} rows: {error.message}"
                break
        else:
            facts["proven"], facts["proof"] = await asyncio.to_thread(clones.witness.tell)
        facts |= {"broke": judge.broke, "suspects": judge.suspects}
        self._writer.meta("grown", facts)
        self._writer.commit()

    def _towards(self, size: CloneSize) -> Setup:
        environment = self._setup.environment | size.variables
        return msgspec.structs.replace(self._setup, environment=environment)

    async def _play(
        self,
        running: Running,
        collector: Collector,
        level: tuple[int, Level | None],
        judge: "Judge",
        processes: int,
        clones: Clones,
    ) -> None:
        plan = msgspec.structs.replace(
            self._plan, load=msgspec.structs.replace(self._plan.load, base_url=running.base_url)
        )
        load, app = Fleet(processes), running.app
        conductor = GrownConductor(plan, load, app, collector, self._writer, self._listener, running.feed)
        try:
            await load.start(plan.load)
            pids = app.tree if app else tuple
            async with watching(self._writer, pids, lambda: load.pids, running.base_url, None):
                await conductor.play(*level, judge)
                await asyncio.to_thread(clones.witness.look)
        finally:
            await load.stop()


class Judge:
    """What Monday is judged by on all clones: not by what was too slow alone, nor by what the clone itself breaks.

    `sound` endpoints never failed on the original with one polite user; `suspects` are those of them that answer with
    an error on the smallest clone already, with the error. `broke` is why Monday did not hold, empty where it did.
    """

    def __init__(self, exempt: frozenset[str], sound: frozenset[str]) -> None:
        self.exempt = exempt
        self.sound = sound
        self.suspects: dict[str, str] = {}
        self.broke = ""

    def suspect(self, stats: LoadStats) -> None:
        """Look at what the polite user saw on the smallest clone."""
        for endpoint in judged(stats.endpoints):
            how = endpoint.commonest_failure
            if endpoint.name in self.sound and endpoint.failed > OFTEN * endpoint.requests and how.startswith("5"):
                self.suspects[endpoint.name] = how

    def reason(self, plan: RunPlan, stats: LoadStats) -> str:
        """Say why the load did not hold, failures first, or nothing."""
        kept = tuple(endpoint for endpoint in stats.endpoints if endpoint.name not in self.suspects)
        if self.suspects and not kept:
            return ""
        stats = msgspec.structs.replace(stats, endpoints=kept)
        return failing(stats, self.exempt) or broken(plan, stats, self.exempt, percentile)


class GrownConductor(Conductor):
    """Plays on a clone what was played on the original."""

    async def play(self, number: int, level: Level | None, judge: Judge) -> None:
        """Play the polite user on clone `number`, and Monday's load where there is one."""
        self._judge, self._exempt = judge, judge.exempt
        await self._alone("grown-warmup", number, WARMUP_S)
        await self._alone("grown", number, self._plan.localhost_s)
        if number == 1:
            judge.suspect(self._stats)
            for name, how in judge.suspects.items():
                self._say(f"{name} answers {how} on the smallest clone already, {LIKELY}: Monday is not judged by it")
        if level is not None:
            judge.broke = await self._phase("grown-monday", number, *level)

    async def _alone(self, kind: str, number: int, seconds: float) -> None:
        phase = Phase(
            name=kind, executor="polite", duration_s=seconds, graceful_stop_s=PATIENCE_S, overtime_s=OVERTIME_S
        )
        await self._phase(kind, number, Stair(users=1), phase)

    def _why(self, kind: str) -> str:  # noqa: ARG002 - the base's
        return self._judge.reason(self._plan, self._stats)


def _sound(picture: Picture) -> frozenset[str]:
    """Return the endpoints that always answered on the original, by the load's own names for them."""
    seen = picture.stats(picture.localhost).endpoints
    return frozenset(stats.name for stats in seen if stats.requests and not stats.failed)


def monday_again(plan: RunPlan, picture: Picture) -> Level | None:
    """Return the load of the stair that stands for Monday, to be played once more; None when there was none."""
    stair = picture.monday
    if stair is None:
        return None
    level = Stair(users=stair.users, rate=stair.rate)
    if plan.scenarios:
        return level, phase_of_plan(plan.scenarios)
    at_goal = bool(plan.goal.limit) and plan.goal.limit in (stair.users, stair.rate)
    return level, phase_of(plan, level, stair.stair, last=at_goal)


def _facts(clones: Clones) -> dict[str, Any]:
    """What the run file keeps for the diagnosis."""
    return {
        "database": clones.database,
        "variable": clones.variable,
        "rows": [clones.rows, *(size.rows for size in clones.sizes)],
        "growing": [clones.growing, *(size.growing for size in clones.sizes)],
        "tables": {name: [table.rows, table.after] for name, table in clones.tables.items()},
        "proven": False,
        "proof": "it did not live on the largest clone to the end",
        "problem": "",
        "broke": "",
        "suspects": {},
    }
