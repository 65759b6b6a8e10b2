"""Closed load: a fixed number of users."""

from functools import partial
from typing import Any

from nineam.load import schedule
from nineam.load.executors.executor import AFTER_NOTHING_NS, Executor, Stage, clock
from nineam.load.roles import VirtualUser
from nineam.model import Scenario


class ConstantVus(Executor):
    """A fixed number of users, each thinking between its iterations."""

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        super().__init__(stage, scenario)
        self._choice = stage.choice("think")
        self._think_s = scenario.think_s

    @property
    def active_vus(self) -> int:
        """Those who have begun, thinking or not."""
        return len(self.users)

    def begin(self, began_ns: int) -> None:
        """Users start spread over one think time."""
        for offset in schedule.starts(self.scenario, self.stage.part):
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
