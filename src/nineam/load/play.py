"""One scenario in a phase, from its start to the last of its iterations."""

import asyncio
import time

from nineam.load import failures
from nineam.load.executors import Executor
from nineam.load.scene import Scene
from nineam.model import Phase, Scenario
from nineam.model.scenario import own_duration_of

LAST_WORDS_S = 1.0
LOOK_EVERY_S = 0.005
LOOK_FOR_UNFINISHED_S = 0.05
LAST_TURNS = 3  # of the loop, so that what is due in the very last instant still begins
LONGEST_OVERTIME = 2.0  # times its duration that a play may go on for what it has not visited yet, or `overtime_s`

clock = time.perf_counter_ns


def scenarios_of(phase: Phase) -> tuple[Scenario, ...]:
    """Give the scenarios of a phase: an ordinary one is one scenario of the phase's own name."""
    if phase.scenarios:
        return phase.scenarios
    only = Scenario(
        name=phase.name,
        executor=phase.executor,
        graceful_stop_s=phase.graceful_stop_s,
        duration_s=phase.duration_s,
        max_duration_s=phase.duration_s,
        vus=phase.vus,
        rate=phase.rate,
        max_vus=phase.max_vus,
        think_s=phase.think_s,
        overtime_s=phase.overtime_s,
    )
    return (only,)


class Play:
    """Runs an executor for its time. `halt` ends it at once; `clear` sees everybody home.

    As in k6, iterations that are under way at the end may be finished within `graceful_stop_s`.
    """

    def __init__(self, scene: Scene, scenario: Scenario, executor: Executor) -> None:
        self.scene = scene
        self.scenario = scenario
        self.executor = executor
        self.halted = asyncio.Event()
        self._cleared = False

    @property
    def over(self) -> bool:
        """Whether it was cleared up after."""
        return self._cleared

    async def run(self, began_ns: int) -> None:
        """Wait for the start, play, and wait for those who are not done yet; clears up unless it was halted."""
        start_ns = began_ns + round(self.scenario.start_s * 1e9)
        if await self._wait((start_ns - clock()) / 1e9):
            self.executor.begin(start_ns)
            await self._last(start_ns)
            for _ in range(LAST_TURNS):
                await asyncio.sleep(0)
        self.executor.end()
        await self.settle()
        if not self.halted.is_set():
            await self.clear()

    async def settle(self) -> None:
        """Wait for the iterations that are under way, as long as the scenario is patient."""
        await self._wait(self.scenario.graceful_stop_s)

    async def clear(self) -> None:
        """Interrupt what is still under way and see all users home; who does not go is shut out."""
        if self._cleared:
            return
        self._cleared = True
        self.scene.ending = True
        self.interrupt()
        await asyncio.sleep(0)
        self.executor.cut()
        if not await self.executor.idle(LAST_WORDS_S):
            for user in self.executor.busy:
                user.shut_out()
        self.scene.ending = False
        self.scene.take_back(await self.executor.leave())

    def interrupt(self) -> None:
        """Fail the requests that this scenario has in flight."""
        if self.executor.busy:
            self.scene.client.interrupt_users(self.executor.busy, failures.INTERRUPTED)

    async def _last(self, start_ns: int) -> None:
        duration_s = own_duration_of(self.scenario)
        going = True
        while going:
            elapsed_s = (clock() - start_ns) / 1e9
            overtime_s = max(duration_s * LONGEST_OVERTIME, self.scenario.overtime_s)
            limit_s = duration_s + overtime_s if self.executor.unfinished else duration_s
            if elapsed_s >= limit_s:
                return
            overtime = elapsed_s >= duration_s
            going = await self._wait(LOOK_FOR_UNFINISHED_S if overtime else duration_s - elapsed_s)

    async def _wait(self, seconds: float) -> bool:
        """Wait so long; False when it was halted meanwhile, or there is nothing left to do."""
        waiting = [asyncio.ensure_future(event.wait()) for event in (self.halted, self.executor.empty)]
        if seconds > 0:
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for each in waiting:
            each.cancel()
        return not self.halted.is_set() and not self.executor.empty.is_set()


class OrdinaryPlay(Play):
    """A phase of a climb: at its end nothing more is sent, and only what is in flight is waited for."""

    async def settle(self) -> None:
        """Wait for the answers that are still to come."""
        self.scene.ending = True
        await asyncio.sleep(0)  # who was just answered goes on first
        self.executor.cut()
        patience_s = 0.0 if self.halted.is_set() else self.scenario.graceful_stop_s
        until = clock() + round(patience_s * 1e9)
        while self.scene.client.in_flight() and clock() < until and not self.halted.is_set():
            await asyncio.sleep(LOOK_EVERY_S)

    def interrupt(self) -> None:
        """Fail all requests that are in flight."""
        self.scene.client.interrupt(failures.INTERRUPTED)
