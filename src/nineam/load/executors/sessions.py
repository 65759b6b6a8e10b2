"""Open arrivals of closed users: a new user comes, makes its clicks with thinking between them, and leaves."""

import asyncio
from functools import partial
from typing import Any

from nineam.load import schedule
from nineam.load.executors.arrivals import ArrivalRate
from nineam.load.executors.executor import AFTER_NOTHING_NS, Stage, clock
from nineam.load.roles import VirtualUser
from nineam.model import Scenario

GOODBYE_S = 5.0


class Sessions(ArrivalRate):
    """Every arrival is a new user: its own connection, cookies and state; setup, `iterations` iterations, teardown.

    `busy` are all who have come and not yet left, thinking or not.
    """

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        super().__init__(stage, scenario)
        self._choice = stage.choice("think")
        self._left: dict[VirtualUser[Any], int] = {}
        self._thinking: set[VirtualUser[Any]] = set()
        self._leaving: set[asyncio.Task[None]] = set()
        self._over = False

    def missed(self) -> int:
        """All iterations of those who never came to their turn."""
        return super().missed() * self.scenario.iterations

    def finished(self, user: VirtualUser[Any], got_nothing: bool) -> None:
        """Let a user think and go on, after the end of the arrivals too, or leave after its last iteration."""
        if self._over:
            self.rest(user)
            return
        self._left[user] -= 1
        if self._left[user] <= 0:
            self._say_goodbye(user)
            return
        pause = schedule.think_ns(self.scenario.think_s, self._choice)
        self._thinking.add(user)
        self.stage.alarm.at(clock() + max(pause, AFTER_NOTHING_NS if got_nothing else 0), partial(self._click, user))

    def cut(self) -> None:
        """End the iterations that are under way; those who think are done."""
        self._over = True
        for user in self._thinking:
            self.rest(user)
        self._thinking.clear()
        super().cut()

    async def leave(self) -> list[VirtualUser[Any]]:
        """Nobody stays."""
        for user in self._left.keys() - self.busy:
            self._say_goodbye(user)
        if self._leaving:
            await asyncio.wait(self._leaving, timeout=GOODBYE_S)
        return []

    def _arrive(self, due_ns: int) -> None:
        if self.ended:
            return
        if len(self._left) < self._max_vus:
            user = self.stage.visitor()
            user.finished = self.finished
            self._left[user] = self.scenario.iterations
            self.go(user, due_ns)
        else:
            self.drop(self.scenario.iterations)
        self._wait_for_next()

    def _click(self, user: VirtualUser[Any], due_ns: int) -> None:
        if user in self._thinking:
            self._thinking.discard(user)
            user.run(self.draw(), due_ns)

    def _say_goodbye(self, user: VirtualUser[Any]) -> None:
        self._left.pop(user, None)
        self._thinking.discard(user)
        task = asyncio.get_running_loop().create_task(self._goodbye(user))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _goodbye(self, user: VirtualUser[Any]) -> None:
        try:
            await user.close()
        finally:
            user.shut_out()
            self.rest(user)
