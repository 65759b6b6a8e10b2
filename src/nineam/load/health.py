"""The health probe: five times a second, on a connection of its own, counted apart from all endpoints."""

import time
from typing import Protocol

from nineam.load.alarm import Alarm
from nineam.load.collector import Collector
from nineam.load.http import Client, Lane
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
        self._lane = Lane(engine.client)
        self._outgoing = engine.client.build("GET", path)
        self._running = False
        self._waiting = False

    def begin(self, began_ns: int) -> None:
        """Probe from an instant on."""
        self._running = True
        self._engine.alarm.at(began_ns, self._probe)

    def end(self) -> None:
        """Probe no more."""
        self._running = False

    def _probe(self, due_ns: int) -> None:
        if not self._running:
            return
        now = clock()
        if not self._waiting:
            self._waiting = True
            self._lane.send(Response(self._outgoing, due_ns, now, now + TIMEOUT_NS, self._answered))
        self._engine.alarm.at(max(due_ns + EVERY_NS, now), self._probe)

    def _answered(self, response: Response) -> None:
        self._waiting = False
        self._engine.collector.record_health(response)
