"""The health probe: five times a second, on a connection of its own, counted apart from all endpoints."""

import time
from typing import Protocol

from nineam.load import failures
from nineam.load.alarm import Alarm
from nineam.load.collector import Collector
from nineam.load.http import Client
from nineam.load.response import Response

EVERY_NS = 200_000_000
TIMEOUT_NS = 1_000_000_000

clock = time.perf_counter_ns


class Surroundings(Protocol):
    """What the probe needs of the engine."""

    client: Client
    alarm: Alarm
    collector: Collector


class Probe:
    """Asks for the health path while it is running; a probe still unanswered delays the next one."""

    def __init__(self, engine: Surroundings, path: str) -> None:
        self._engine = engine
        self._lane = engine.client.lane()
        self._outgoing = engine.client.build("GET", path)
        self._running = False
        self._pending: Response | None = None

    @property
    def waits(self) -> bool:
        """Whether a probe has no answer yet."""
        return self._pending is not None

    def begin(self, began_ns: int) -> None:
        """Probe from an instant on."""
        self._running = True
        self._engine.alarm.at(began_ns, self._probe)

    def end(self) -> None:
        """Probe no more, and wait for no answer: it would count in the next phase."""
        self._running = False
        if self._pending is not None:
            self._lane.abandon(self._pending, failures.INTERRUPTED)

    def _probe(self, due_ns: int) -> None:
        if not self._running:
            return
        now = clock()
        if self._pending is None:
            self._pending = Response(self._outgoing, due_ns, now, now + TIMEOUT_NS, self._answered)
            self._lane.send(self._pending)
        self._engine.alarm.at(max(due_ns + EVERY_NS, now), self._probe)

    def _answered(self, response: Response) -> None:
        self._pending = None
        if response.error != failures.INTERRUPTED:  # it was given up here, which says nothing about the application
            self._engine.collector.record_health(response)
