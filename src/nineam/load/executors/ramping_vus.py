"""Closed load: a number of users that rises and falls."""

from functools import partial
from typing import Any

from nineam.load import schedule
from nineam.load.executors.constant_vus import ConstantVus
from nineam.load.executors.executor import AFTER_NOTHING_NS, Stage, clock
from nineam.load.roles import VirtualUser
from nineam.load.schedule import Change
from nineam.model import Scenario

CUT_AGAIN_NS = 100_000_000


class RampingVus(ConstantVus):
    """Users come and go as the stages say; who has to go may finish its iteration within `graceful_ramp_down_s`.

    A user who has gone comes back, with its cookies and state, when the ramp rises again.
    """

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        super().__init__(stage, scenario)
        self._grace_ns = round(scenario.graceful_ramp_down_s * 1e9)
        self._changes = schedule.changes(scenario, stage.part)
        self._began_ns = 0
        self._by_number: dict[int, VirtualUser[Any]] = {}
        self._wanted: set[VirtualUser[Any]] = set()
        self._pausing: set[VirtualUser[Any]] = set()
        self._until_ns: dict[VirtualUser[Any], int] = {}

    @property
    def active_vus(self) -> int:
        """Those who are wanted, and those who are still finishing."""
        return len(self._wanted | self.busy)

    def begin(self, began_ns: int) -> None:
        """Wait for the first change."""
        self._began_ns = began_ns
        self._wait_for_next()

    def again(self, user: VirtualUser[Any], got_nothing: bool) -> bool:
        """Think and go on, unless the user is not wanted any more."""
        if user not in self._wanted:
            return False
        now = clock()
        if not got_nothing and not self._think_s:
            user.run(self.draw(), now)
            return True
        pause = schedule.think_ns(self._think_s, self._choice)
        self._pausing.add(user)
        self.stage.alarm.at(now + max(pause, AFTER_NOTHING_NS if got_nothing else 0), partial(self._back, user))
        return False

    def _back(self, user: VirtualUser[Any], due_ns: int) -> None:
        self._pausing.discard(user)
        if user in self._wanted:
            self.go(user, due_ns)

    def _wait_for_next(self) -> None:
        change = next(self._changes, None)
        if change is not None:
            self.stage.alarm.at(self._began_ns + change.offset_ns, partial(self._change, change))

    def _change(self, change: Change, due_ns: int) -> None:
        if self.ended:
            return
        if change.on:
            self._come(change.vu, due_ns)
        else:
            self._go_away(self._by_number[change.vu], due_ns)
        self._wait_for_next()

    def _come(self, number: int, due_ns: int) -> None:
        user = self._by_number.get(number)
        if user is None:
            user = self._by_number[number] = self.join()
        self.stage.welcome(user)
        self._wanted.add(user)
        self._until_ns.pop(user, None)
        if user not in self.busy and user not in self._pausing:
            self.go(user, due_ns)

    def _go_away(self, user: VirtualUser[Any], due_ns: int) -> None:
        self._wanted.discard(user)
        if user in self.busy:
            self._cut_at(user, due_ns + self._grace_ns)

    def _cut_at(self, user: VirtualUser[Any], due_ns: int) -> None:
        self._until_ns[user] = due_ns
        self.stage.alarm.at(due_ns, partial(self._cut, user))

    def _cut(self, user: VirtualUser[Any], due_ns: int) -> None:
        if self._until_ns.get(user) == due_ns and user in self.busy and not self.ended:
            self.stage.evict([user])
            self._cut_at(user, clock() + CUT_AGAIN_NS)  # should it not have gone by then
