"""Users without a journey: one discovered request per iteration."""

import time
from collections.abc import Callable
from typing import Any

from nineam.load import failures
from nineam.load.http import Lane
from nineam.load.outgoing import Outgoing
from nineam.load.response import Response
from nineam.load.roles import Surroundings, nobody

clock = time.perf_counter_ns


class PlainUser:
    """Sends one request per iteration, on the lane that all plain users share; costs no task and no future."""

    __slots__ = ("__weakref__", "_engine", "_lane", "finished")

    def __init__(self, engine: Surroundings, lane: Lane) -> None:
        self._engine = engine
        self._lane = lane
        self.finished: Callable[[Any, bool], None] = nobody

    def move(self, engine: Surroundings) -> None:
        """Be in other surroundings from now on."""
        self._engine = engine

    def run(self, item: Outgoing, intended_ns: int) -> None:
        """Send `item`."""
        now = clock()
        self._engine.collector.started((now - intended_ns) // 1000)
        deadline = now + self._engine.client.timeout_ns
        self._lane.send(Response(item, intended_ns, now, deadline, self._answered))

    def cancel(self) -> None:
        """Nothing to end: the iteration is the answer it waits for."""

    def shut_out(self) -> None:
        """Nothing to shut out: such a user has no will of its own."""

    def rest(self) -> None:
        """Nothing to close: the connections are those of all plain users."""

    async def close(self) -> None:
        """Nothing to leave."""

    def _answered(self, response: Response) -> None:
        collector = self._engine.collector
        collector.record(response)
        got_nothing = response.status == 0
        if not got_nothing or response.error != failures.INTERRUPTED:
            collector.finished((response.end_ns - response.issued_ns) // 1000)
        self.finished(self, got_nothing)


class PlainVisitor(PlainUser):
    """A plain user with a lane of its own, which it closes when it leaves."""

    __slots__ = ()

    def __init__(self, engine: Surroundings) -> None:
        super().__init__(engine, engine.client.lane())

    def shut_out(self) -> None:
        """Close the connection."""
        self._lane.close()

    def rest(self) -> None:
        """Close idle connections while this user is not needed."""
        self._lane.close()

    async def close(self) -> None:
        """Close the connection."""
        self._lane.close()
