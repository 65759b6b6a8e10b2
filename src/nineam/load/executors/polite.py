"""One user alone: what the application is like when nobody else is there."""

from functools import partial
from typing import Any

from nineam.load.executors.executor import AFTER_NOTHING_NS, Executor, Stage, clock
from nineam.load.roles import VirtualUser
from nineam.model import Scenario

POLITE_PAUSE_NS = 20_000_000


class Polite(Executor):
    """One user through everything in turn, with a short pause, and at least once through all of it."""

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        super().__init__(stage, scenario)
        draws = stage.draws()
        self.draw = draws.in_turn
        self._to_visit = len(draws) if stage.part.share(1) else 0

    @property
    def unfinished(self) -> bool:
        """Whether something was never visited."""
        return self._to_visit > 0

    def begin(self, began_ns: int) -> None:
        """Start the user at once, in the first of the processes."""
        if self.stage.part.share(1):
            self.stage.alarm.at(began_ns, self._enter)

    def again(self, user: VirtualUser[Any], got_nothing: bool) -> bool:
        """Go on to the next one."""
        self._to_visit -= 1
        pause = AFTER_NOTHING_NS if got_nothing else POLITE_PAUSE_NS
        self.stage.alarm.at(clock() + pause, partial(self.go, user))
        return False

    def _enter(self, due_ns: int) -> None:
        if not self.ended:
            self.go(self.join(), due_ns)
