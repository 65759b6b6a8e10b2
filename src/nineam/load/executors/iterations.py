"""Closed load until so many iterations are done."""

from typing import Any

from nineam.load import schedule
from nineam.load.executors.constant_vus import ConstantVus
from nineam.load.executors.executor import Stage, clock
from nineam.load.roles import VirtualUser
from nineam.load.schedule import Part
from nineam.model import Scenario


class SharedIterations(ConstantVus):
    """The users share the iterations: who is faster does more of them."""

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        super().__init__(stage, scenario)
        self._left = schedule.shared_iterations(scenario, stage.part)
        self._begun = False

    def numbered(self) -> Part | None:
        """Say which of the iterations are ours."""
        return self.stage.part.among(self.scenario.vus)

    def begin(self, began_ns: int) -> None:
        """Start the users, if there is anything to do for them."""
        self._begun = True
        super().begin(began_ns)
        if not self._left:
            self.end()

    def go(self, user: VirtualUser[Any], due_ns: int) -> None:
        """Begin an iteration if one is left; the last one ends the executor."""
        if self.ended or not self.claim(user):
            return
        super().go(user, due_ns)
        if not self._left:
            self.end()

    def again(self, user: VirtualUser[Any], got_nothing: bool) -> bool:
        """Take the next iteration if one is left."""
        if not self.may(user):
            return False
        if got_nothing or self._think_s:
            return super().again(user, got_nothing)
        self.go(user, clock())
        return True

    def missed(self) -> int:
        """Those that were left; before the start none was due."""
        return self._left if self._begun else 0

    def may(self, user: VirtualUser[Any]) -> bool:  # noqa: ARG002 - here all users are alike
        """Whether an iteration is left for a user."""
        return self._left > 0

    def claim(self, user: VirtualUser[Any]) -> bool:
        """Take one of the iterations that are left for a user; False when there is none."""
        if not self.may(user):
            return False
        self._left -= 1
        return True


class PerVuIterations(SharedIterations):
    """Each user does so many."""

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        super().__init__(stage, scenario)
        self._left = stage.part.share(scenario.vus) * scenario.iterations
        self._done: dict[VirtualUser[Any], int] = {}

    def numbered(self) -> Part | None:
        """Say that no iteration has a number among all."""
        return None

    def may(self, user: VirtualUser[Any]) -> bool:
        """Whether the user has not yet done its own."""
        return self._done.get(user, 0) < self.scenario.iterations

    def claim(self, user: VirtualUser[Any]) -> bool:
        """Take one of the user's own; False when it has done them all."""
        if not super().claim(user):
            return False
        self._done[user] = self._done.get(user, 0) + 1
        return True
