"""Localhost and Monday again, on grown clones of the application's database."""

import asyncio
from typing import Any

import msgspec

from nineam.collect.feed import Feed
from nineam.collect.sums import Collector
from nineam.diagnose.picture import Picture
from nineam.errors import ApplicationError
from nineam.load.fleet import Fleet
from nineam.model import Phase
from nineam.monday.clones import Clones, CloneSize
from nineam.monday.conduct import Conductor
from nineam.monday.events import Listener, Said
from nineam.monday.fixed import phase_of_plan
from nineam.monday.plan import RunPlan, Stair, phase_of
from nineam.monday.setup import Setup
from nineam.monday.starting import Running, started
from nineam.monday.watches import watching
from nineam.store.reader import read
from nineam.store.writer import Writer

WARMUP_S = 0.5
PATIENCE_S = 30.0
"""How long the polite user waits for what the data has made slow."""

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
        for number, size in enumerate(clones.sizes, 1):
            self._listener(Said(text=f"the application again, on a database of {size.rows:,} rows"))
            is_full = number == len(clones.sizes)
            if is_full:
                await asyncio.to_thread(clones.witness.begin)
            level = number, again if is_full else None
            try:
                async with started(self._towards(size), self._writer, self._listener, feed) as running:
                    await self._play(running, collector, level, exempt, processes, clones)
            except ApplicationError as error:
                facts["problem"] = f"with {size.rows:,} rows: {error.message}"
                break
        else:
            facts["proven"], facts["proof"] = await asyncio.to_thread(clones.witness.tell)
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
        exempt: frozenset[str],
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
                await conductor.play(*level, exempt)
                await asyncio.to_thread(clones.witness.look)
        finally:
            await load.stop()


class GrownConductor(Conductor):
    """Plays on a clone what was played on the original."""

    async def play(self, number: int, level: Level | None, exempt: frozenset[str]) -> None:
        """Play the polite user on clone `number`, and Monday's load where there is one."""
        self._exempt = exempt
        await self._alone("grown-warmup", number, WARMUP_S)
        await self._alone("grown", number, self._plan.localhost_s)
        if level is not None:
            await self._phase("grown-monday", number, *level)

    async def _alone(self, kind: str, number: int, seconds: float) -> None:
        phase = Phase(name=kind, executor="polite", duration_s=seconds, graceful_stop_s=PATIENCE_S)
        await self._phase(kind, number, Stair(users=1), phase)


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
        "tables": {name: [table.rows, table.after] for name, table in clones.tables.items()},
        "proven": False,
        "proof": "it did not live on the largest clone to the end",
        "problem": "",
    }
