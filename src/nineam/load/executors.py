"""The executors: who starts an iteration when. Names and meaning are k6's; `polite` is our own.

An executor starts iterations between `begin` and `end`; `busy` are the users in the middle of one.
"""

import abc
import asyncio
import itertools
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol

from nineam.load import schedule
from nineam.load.alarm import Alarm
from nineam.load.collector import Collector
from nineam.load.roles import VirtualUser
from nineam.model import Phase

POLITE_PAUSE_NS = 20_000_000
AFTER_NOTHING_NS = 100_000_000  # who was refused does not hammer: a real user does not either

NEVER = sys.maxsize

clock = time.perf_counter_ns


class Stage(Protocol):
    """What an executor needs of the engine."""

    alarm: Alarm
    collector: Collector
    seed: int

    def draws(self, phase: Phase) -> schedule.Weighted[Any]:
        """Make the draw of requests or journeys for a phase."""

    def user(self) -> VirtualUser[Any]:
        """Give an idle user, a new one when there is none."""


class Executor(abc.ABC):
    """Base of the executors: counts who is busy, and knows when the last one has finished."""

    def __init__(self, stage: Stage, phase: Phase) -> None:
        self.stage = stage
        self.phase = phase
        self.busy: set[VirtualUser[Any]] = set()
        self.users: list[VirtualUser[Any]] = []
        self.ended = False
        self.draw: Callable[[], Any] = stage.draws(phase).draw
        self._all_idle = asyncio.Event()

    @property
    def active_vus(self) -> int:
        """How many users the load consists of at this moment."""
        return len(self.busy)

    @property
    def unfinished(self) -> bool:
        """Whether the phase should go on beyond its duration, for a while."""
        return False

    @abc.abstractmethod
    def begin(self, began_ns: int) -> None:
        """Start iterations from `began_ns` on."""

    @abc.abstractmethod
    def again(self, user: VirtualUser[Any], got_nothing: bool) -> bool:
        """Do what a user does after an iteration, while the phase lasts; True when it began the next one."""

    def end(self) -> None:
        """Start no further iteration."""
        self.ended = True
        if not self.busy:
            self._all_idle.set()

    async def idle(self, timeout_s: float) -> bool:
        """Wait until nobody is busy; False when that took longer than the timeout."""
        try:
            await asyncio.wait_for(self._all_idle.wait(), timeout_s)
        except TimeoutError:
            return False
        return True

    def join(self) -> VirtualUser[Any]:
        """One more user takes part."""
        user = self.stage.user()
        user.finished = self.finished
        self.users.append(user)
        return user

    def go(self, user: VirtualUser[Any], due_ns: int) -> None:
        """Let a user begin an iteration that was due at an instant."""
        if not self.ended:
            self.busy.add(user)
            user.run(self.draw(), due_ns)

    def finished(self, user: VirtualUser[Any], got_nothing: bool) -> None:
        """Note that a user's iteration is over."""
        if not self.ended and self.again(user, got_nothing):
            return
        self.busy.discard(user)
        if self.ended and not self.busy:
            self._all_idle.set()


class ConstantVus(Executor):
    """Closed: a fixed number of users, each thinking between its iterations."""

    def __init__(self, stage: Stage, phase: Phase) -> None:
        super().__init__(stage, phase)
        self._choice = schedule.source(stage.seed, phase.name, "think")
        self._think_s = phase.think_s

    @property
    def active_vus(self) -> int:
        """Those who have begun, thinking or not."""
        return len(self.users)

    def begin(self, began_ns: int) -> None:
        """Users start spread over one think time."""
        for offset in schedule.starts(self.phase):
            self.stage.alarm.at(began_ns + offset, self._enter)

    def again(self, user: VirtualUser[Any], got_nothing: bool) -> bool:
        """Think, then go again; the next iteration is intended for the moment the thinking ends."""
        now = clock()
        if not got_nothing and not self._think_s:
            user.run(self.draw(), now)
            return True
        pause = schedule.think_ns(self._think_s, self._choice)
        self.stage.alarm.at(now + max(pause, AFTER_NOTHING_NS if got_nothing else 0), partial(self.go, user))
        return False

    def _enter(self, due_ns: int) -> None:
        if not self.ended:
            self.go(self.join(), due_ns)


class ArrivalRate(Executor):
    """Open: iterations begin when the schedule says, whether or not earlier ones have ended."""

    def __init__(self, stage: Stage, phase: Phase) -> None:
        super().__init__(stage, phase)
        self._arrivals: Iterator[int] = schedule.arrivals(phase, stage.seed)
        self._began_ns = 0
        self._next = NEVER
        self._idle: list[VirtualUser[Any]] = []

    def begin(self, began_ns: int) -> None:
        """Wait for the first arrival."""
        self._began_ns = began_ns
        self._wait_for_next()

    def again(self, user: VirtualUser[Any], got_nothing: bool) -> bool:  # noqa: ARG002 - arrivals do not care
        """Wait for an arrival."""
        self._idle.append(user)
        return False

    def end(self) -> None:
        """Start no further iteration; those that were due and never came to their turn are dropped ones."""
        super().end()
        due = clock() - self._began_ns
        missed = sum(1 for _ in itertools.takewhile(due.__ge__, itertools.chain([self._next], self._arrivals)))
        self.stage.collector.dropped_iterations += missed

    def _arrive(self, due_ns: int) -> None:
        if self.ended:
            return
        if self._idle:
            self.go(self._idle.pop(), due_ns)
        elif len(self.users) < self.phase.max_vus:
            self.go(self.join(), due_ns)
        else:
            self.stage.collector.dropped_iterations += 1
        self._wait_for_next()

    def _wait_for_next(self) -> None:
        self._next = next(self._arrivals, NEVER)
        if self._next is not NEVER:
            self.stage.alarm.at(self._began_ns + self._next, self._arrive)


class Polite(Executor):
    """One user through everything in turn, with a short pause, and at least once through all of it."""

    def __init__(self, stage: Stage, phase: Phase) -> None:
        super().__init__(stage, phase)
        draws = stage.draws(phase)
        self.draw = draws.in_turn
        self._to_visit = len(draws)

    @property
    def unfinished(self) -> bool:
        """Whether something was never visited."""
        return self._to_visit > 0

    def begin(self, began_ns: int) -> None:
        """Start the user at once."""
        self.go(self.join(), began_ns)

    def again(self, user: VirtualUser[Any], got_nothing: bool) -> bool:
        """Go on to the next one."""
        self._to_visit -= 1
        pause = AFTER_NOTHING_NS if got_nothing else POLITE_PAUSE_NS
        self.stage.alarm.at(clock() + pause, partial(self.go, user))
        return False


EXECUTORS: dict[str, type[Executor]] = {
    "polite": Polite,
    "constant-vus": ConstantVus,
    "constant-arrival-rate": ArrivalRate,
    "poisson-arrival-rate": ArrivalRate,
}
