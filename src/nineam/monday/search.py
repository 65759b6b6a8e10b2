"""Conducts the trials of a run's capacity, and keeps what the diagnosis needs to read them again."""

import time
from collections.abc import Awaitable, Callable, Sequence
from random import Random

from nineam.diagnose.capacity_bounds import Objective, allowed_of, trial_of
from nineam.diagnose.capacity_fit import Trial
from nineam.model import LoadStats, Phase
from nineam.monday.capacity_loads import seconds_each, seek
from nineam.monday.plan import RunPlan, open_load
from nineam.store.writer import Writer

PlayPhase = Callable[[Phase], Awaitable[Sequence[LoadStats]]]


class Search:
    """The trials of one run. `play(phase)` plays one and returns what was counted, tick by tick."""

    def __init__(self, plan: RunPlan, play: PlayPhase, writer: Writer, exempt: frozenset[str]) -> None:
        self._plan = plan
        self._play = play
        self._writer = writer
        self._objective = Objective(plan.objective_ms, allowed_of(plan.objective_percent), exempt)
        self._number = 0

    async def run(self, around: float) -> None:
        """Play trials around a rate that is about what the application carries."""
        seconds, allowed = seconds_each(self._plan.capacity_s), self._objective.allowed
        self._writer.meta("capacity", {"seconds": seconds, "allowed": allowed})
        chance = Random(f"{self._plan.load.seed}/capacity")  # noqa: S311 - an order of loads, no secrets
        await seek(around, self._plan.capacity_s, allowed, self._trial, time.monotonic, chance)

    async def _trial(self, rate: float, seconds: float) -> Trial | None:
        """Play one; nothing when nobody answered, because then there is nothing to find."""
        self._number += 1
        ticks = await self._play(open_load(f"capacity-{self._number}", rate, seconds))
        trial = trial_of(rate, ticks, seconds, self._objective)
        return trial if trial.requests else None
