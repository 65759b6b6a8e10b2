"""Arrivals of clients that are not all alike: each has its kind, whoever of that kind is free takes it."""

from collections import defaultdict
from typing import Any

from nineam.load.executors.arrivals import ArrivalRate
from nineam.load.executors.executor import Stage
from nineam.load.executors.replay import Replay
from nineam.load.roles import VirtualUser
from nineam.model import Scenario


class MixedArrivals(ArrivalRate):
    """Arrivals whose kinds come in turn, so that shares hold however long each kind takes."""

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        super().__init__(stage, scenario)
        self._free: defaultdict[str, list[VirtualUser[Any]]] = defaultdict(list)
        self._kinds: dict[VirtualUser[Any], str] = {}

    def again(self, user: VirtualUser[Any], got_nothing: bool) -> bool:  # noqa: ARG002 - as for all arrivals
        """Wait for an arrival of the user's kind."""
        self._free[self._kinds[user]].append(user)
        return False

    def _arrive(self, due_ns: int) -> None:
        if self.ended:
            return
        kind = next(self.stage.kinds)
        if self._free[kind]:
            self.go(self._free[kind].pop(), due_ns)
        elif len(self.users) < self._max_vus:
            user = self.take_in(self.stage.user_of(kind))
            self._kinds[user] = kind
            self.go(user, due_ns)
        else:
            self.drop(1)
        self._wait_for_next()


class MixedReplay(MixedArrivals, Replay):
    """The same for what was recorded."""
