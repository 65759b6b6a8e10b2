"""What was recorded, again: requests at the instants of a tape, faster or slower."""

from collections.abc import Iterator
from typing import Any

from nineam.errors import UsageError
from nineam.load.executors.arrivals import NEVER, ArrivalRate
from nineam.load.executors.executor import Stage
from nineam.load.tape import Tape, check_tape, read_tape
from nineam.model import Scenario


class Replay(ArrivalRate):
    """Starts request number `index` of the plan when the tape says; ends when the tape does.

    Raises `UsageError` when there is no tape, or its beginning is none.
    """

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        check_tape(stage.tape_file, len(stage.items))
        self._index = 0
        super().__init__(stage, scenario)
        self.draw = self._recorded

    def arrivals(self) -> Iterator[int]:
        """Give the offsets of our part of the tape, and note which request each is."""
        tape = read_tape(self.stage.tape_file, len(self.stage.items))
        end = round(self.scenario.duration_s * 1e9) or NEVER
        for offset, index in self.numbered().stripe(self._readable(tape)):
            due = round(offset / self.scenario.speed)
            if due >= end:
                return
            self._index = index
            yield due

    def _readable(self, tape: Tape) -> Tape:
        try:
            yield from tape
        except UsageError as error:  # found in the middle of the load: what came before it counts
            self.stage.collector.problem(error.message, "")

    def _recorded(self) -> Any:
        return self.stage.items[self._index]

    def _wait_for_next(self) -> None:
        super()._wait_for_next()
        if self._next is NEVER:
            self.end()
