"""Open load: iterations begin when the schedule says, whether or not earlier ones have ended."""

import itertools
import sys
from collections.abc import Iterator
from typing import Any

from nineam.load import schedule
from nineam.load.executors.executor import Executor, Stage, clock
from nineam.load.roles import VirtualUser
from nineam.load.schedule import Part
from nineam.model import Scenario

NEVER = sys.maxsize


class ArrivalRate(Executor):
    """Arrivals at a constant, a ramping or a random rate; users are made as they are needed, up to `max_vus`."""

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        super().__init__(stage, scenario)
        self._max_vus = self.numbered().share(scenario.max_vus)
        self._arrivals = self.arrivals()
        self._began_ns = 0
        self._next = NEVER
        self._idle: list[VirtualUser[Any]] = []

    def numbered(self) -> Part:
        """Say which arrivals are ours."""
        return schedule.our_arrivals(self.scenario, self.stage.part)

    def arrivals(self) -> Iterator[int]:
        """Give the offsets of our arrivals."""
        return schedule.arrivals(self.scenario, self.stage.seed, self.stage.part)

    def begin(self, began_ns: int) -> None:
        """Wait for the first arrival."""
        self._began_ns = began_ns
        self._wait_for_next()

    def again(self, user: VirtualUser[Any], got_nothing: bool) -> bool:  # noqa: ARG002 - arrivals do not care
        """Wait for an arrival."""
        self._idle.append(user)
        return False

    def missed(self) -> int:
        """Those that were due and never came to their turn."""
        if not self._began_ns:
            return 0
        due = clock() - self._began_ns
        return sum(1 for _ in itertools.takewhile(due.__ge__, itertools.chain([self._next], self._arrivals)))

    def drop(self, iterations: int) -> None:
        """Count an arrival that found nobody; what was drawn for it goes with it."""
        self.draw()
        self.stage.dropped(iterations)

    def _arrive(self, due_ns: int) -> None:
        if self.ended:
            return
        if self._idle:
            self.go(self._idle.pop(), due_ns)
        elif len(self.users) < self._max_vus:
            self.go(self.join(), due_ns)
        else:
            self.drop(1)
        self._wait_for_next()

    def _wait_for_next(self) -> None:
        self._next = next(self._arrivals, NEVER)
        if self._next is not NEVER:
            self.stage.alarm.at(self._began_ns + self._next, self._arrive)
