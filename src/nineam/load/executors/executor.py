"""What every executor is: it starts iterations between `begin` and `end`; `busy` are the users in the middle of one."""

import abc
import asyncio
import time
from collections.abc import Callable, Collection, Iterator
from typing import Any, Protocol

from nineam.load.alarm import Alarm
from nineam.load.collector import Collector
from nineam.load.roles import VirtualUser
from nineam.load.schedule import Part, Weighted
from nineam.model import Scenario

AFTER_NOTHING_NS = 100_000_000  # who was refused does not hammer: a real user does not either

clock = time.perf_counter_ns


class Stage(Protocol):
    """What an executor needs around it.

    `items` are all there are, in the order of the plan; `kinds` are those of the users (or the arrivals), in turn.
    """

    alarm: Alarm
    collector: Collector
    seed: int
    part: Part
    items: tuple[Any, ...]
    tape_file: str
    kinds: Iterator[str]

    def draws(self, part: Part | None = None) -> Weighted[Any]:
        """Make the draw of what the scenario runs: one of our own, or our part of that of a whole schedule."""

    def choice(self, purpose: str) -> Any:
        """Give a random source for a purpose, this process's own."""

    def user(self) -> VirtualUser[Any]:
        """Give an idle user, a new one when there is none."""

    def user_of(self, kind: str) -> VirtualUser[Any]:
        """Give an idle user of a kind, a new one when there is none."""

    def visitor(self) -> VirtualUser[Any]:
        """Give a new user, who has nothing in common with any other."""

    def welcome(self, user: VirtualUser[Any]) -> None:
        """Let a user who was evicted go on."""

    def dropped(self, iterations: int) -> None:
        """Count iterations that were due and never began."""

    def evict(self, users: Collection[VirtualUser[Any]]) -> None:
        """End the iterations of some users, and what they have in flight."""


class Executor(abc.ABC):
    """Base of the executors: counts who is busy, and knows when the last one has finished.

    `empty` is set once it has ended and nobody is busy. An executor that has nothing more to begin ends itself.
    """

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        self.stage = stage
        self.scenario = scenario
        self.busy: set[VirtualUser[Any]] = set()
        self.users: list[VirtualUser[Any]] = []
        self.ended = False
        self.empty = asyncio.Event()
        self.draw: Callable[[], Any] = stage.draws(self.numbered()).draw

    @property
    def active_vus(self) -> int:
        """How many users the load consists of at this moment."""
        return len(self.busy)

    @property
    def unfinished(self) -> bool:
        """Whether the phase should go on beyond its duration, for a while."""
        return False

    def numbered(self) -> Part | None:
        """Say which lines of the whole schedule are ours, where iterations are lines of one."""
        return None

    @abc.abstractmethod
    def begin(self, began_ns: int) -> None:
        """Start iterations from `began_ns` on, which may still be a moment away: the alarm is never early."""

    @abc.abstractmethod
    def again(self, user: VirtualUser[Any], got_nothing: bool) -> bool:
        """Do what a user does after an iteration, while the phase lasts; True when it began the next one."""

    def end(self) -> None:
        """Start no further iteration."""
        if not self.ended:
            self.ended = True
            self.stage.dropped(self.missed())
        if not self.busy:
            self.empty.set()

    def missed(self) -> int:
        """How many iterations were due by now and never began."""
        return 0

    def cut(self) -> None:
        """End the iterations that are under way, except those that wait for an answer."""
        for user in list(self.busy):
            user.cancel()

    async def idle(self, timeout_s: float) -> bool:
        """Wait until nobody is busy; False when that took longer than the timeout."""
        try:
            async with asyncio.timeout(timeout_s):
                await self.empty.wait()
        except TimeoutError:
            return False
        return True

    async def leave(self) -> list[VirtualUser[Any]]:
        """Give the users who stay for what comes next, once it is all over."""
        return [user for user in self.users if user not in self.busy]

    def join(self) -> VirtualUser[Any]:
        """One more user takes part."""
        return self.take_in(self.stage.user())

    def take_in(self, user: VirtualUser[Any]) -> VirtualUser[Any]:
        """Let a user take part."""
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
            self.empty.set()

    def rest(self, user: VirtualUser[Any]) -> None:
        """Note that a user is busy no more."""
        self.busy.discard(user)
        if self.ended and not self.busy:
            self.empty.set()
