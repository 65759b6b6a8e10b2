"""Where trials happen: an application that is started afresh for each, its dependencies behind the fault proxy."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nineam.app.process import Application, describe_exit
from nineam.faults.client import FaultProxy
from nineam.model import RequestSpec
from nineam.model.fault import FaultCount, UpstreamCount
from nineam.model.trial import Dependency
from nineam.trials.healthwatch import HealthWatch
from nineam.trials.player import Player, seconds
from nineam.trials.subject import Fact, Leading, Subject, facts, facts_of, led
from nineam.trials.trial import Pace
from nineam.trials.window import Window, answered, recovery_s

GRACE_S = 1.0
"""What an application gets to end when its trial is over: it may hang, and nobody minds any more."""
POLL_S = 0.1
TOO_MANY = 429
"""The status of an application that limits how often one address may ask."""
LATE_MS = 250.0
HEALTHY = 0.95
SLOW_S = 2.0
"""Who has waited longer for an answer, in the calm, is one who gets none."""
LEAST_REQUESTS = 5.0
"""Fewer than so many say little about whether all is well."""


@dataclass
class Lab:
    """Everything that trials share. `touches` has the round trips to each dependency of a request to an endpoint."""

    subject: Subject
    proxy: FaultProxy | None
    leading: Leading
    pace: Pace
    base_url: str = ""
    requests: tuple[RequestSpec, ...] = ()
    health_path: str = ""
    touches: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    health_touches: Mapping[str, float] = field(default_factory=dict)
    rate: float = 10.0
    knee: float = 0.0
    say: Callable[[str], None] = lambda _: None

    @property
    def names(self) -> tuple[str, ...]:
        """The endpoints."""
        return tuple(each.name for each in self.requests)

    def touching(self, dependency: Dependency) -> tuple[str, ...]:
        """The endpoints that talk to a dependency."""
        return tuple(name for name in self.names if self.touches.get(name, {}).get(dependency.name, 0) > 0)

    def apart_from(self, dependency: Dependency) -> tuple[str, ...]:
        """The endpoints that do not."""
        return tuple(name for name in self.names if name not in self.touching(dependency))

    def facts(self, dependency: Dependency) -> tuple[Fact, ...]:
        """What the application told of its connections to a dependency."""
        return facts_of(dependency, facts(self.leading.report), self.leading.ports.get(dependency.name, 0))

    def counts(self, dependency: Dependency) -> UpstreamCount:
        """What went through the proxy to a dependency until now."""
        assert self.proxy is not None
        return self.proxy.counts(dependency.name)[0]

    @contextlib.asynccontextmanager
    async def session(
        self, *, wait: bool = True, health: bool = False, grace_s: float = GRACE_S, patience_s: float = 0.0
    ) -> AsyncIterator["Session"]:
        """Start the application, and end it again with everything that belongs to it, healed.

        With `wait` it is ready, with `health` its check is asked all the time. Clients give up after `patience_s`
        (0: as the pace says). Raises ApplicationError when it does not start, or does not become ready.
        """
        app = await Application.start(
            self.subject.command, cwd=Path(self.subject.cwd), env=led(self.subject, self.leading), grace_s=grace_s
        )
        session = None
        try:
            url = self.subject.url or None
            if wait:
                self.base_url = await app.wait_ready(url, self.subject.ready_timeout_s)
            session = Session(self, app, patience_s or self.pace.patience_s, health=health)
            yield session
        finally:
            try:
                if session is not None:
                    session.close()
                if self.proxy is not None:
                    self.proxy.heal()
            finally:
                await app.stop()


class Session:
    """One start of the application: its ordinary requests, its health check, and the faults it meets."""

    def __init__(self, lab: Lab, app: Application, patience_s: float, *, health: bool) -> None:
        self.lab, self.app = lab, app
        self.player = Player(lab.base_url, lab.requests, limit_s=patience_s)
        self.health = HealthWatch(lab.base_url, lab.health_path) if health and lab.health_path else None
        self.control_window = Window((), 0.0)

    @staticmethod
    def now() -> float:
        """Return the instant, in seconds of the clock that samples have."""
        return seconds()

    def close(self) -> None:
        """Send no more."""
        self.player.close()
        if self.health is not None:
            self.health.close()

    async def control(self, rate: float = 0.0, names: Sequence[str] = ()) -> Window:
        """Send ordinary requests and look how they fare before anything happens.

        They go on until the end of the session. Every endpoint is asked once before, as the first time is different.
        """
        for name in dict.fromkeys(names or self.lab.names):
            await self.player.answer(name)
        if names:
            self.player.choose(names)
        began = seconds()
        self.player.start(rate or self.lab.rate)
        await self.wait(self.lab.pace.control_s)
        self.control_window = answered(self.player.between(began, seconds()), SLOW_S)
        return self.control_window

    async def wait(self, duration_s: float) -> None:
        """Let time pass, or the application end."""
        await asyncio.wait({self.app.died}, timeout=duration_s)
        if self.app.died.done():
            await asyncio.sleep(min(duration_s, POLL_S))

    @contextlib.asynccontextmanager
    async def fault(self, dependency: Dependency, name: str, **parameters: Any) -> AsyncIterator["Meeting"]:
        """Apply a fault for as long as the block lasts."""
        assert self.lab.proxy is not None
        proxy = self.lab.proxy
        meeting = Meeting(began=seconds())
        proxy.apply(name, parameters, upstream=dependency.name)
        before = self.lab.counts(dependency).flights_up
        try:
            yield meeting
        finally:
            passed = self.lab.counts(dependency).flights_up - before
            counts = proxy.heal(name, upstream=dependency.name)
            meeting.ended = seconds()
            meeting.count = counts[0] if counts else None
            needing = self.player.between(meeting.began, meeting.ended).only(self.lab.touching(dependency))
            meeting.kept_away = 0 if passed else needing.requests

    async def recovery(self, healed: float, watch_s: float = 0.0) -> "Recovery":
        """Watch until the requests fare as before, for `watch_s` seconds at most (0: as the pace says)."""
        width_s = max(self.lab.pace.width_s, LEAST_REQUESTS / max(0.5, self.player.rate))
        watch_s = watch_s or self.lab.pace.watch_s
        while True:
            now = seconds()
            recent = [each for each in self.player.samples() if each.at >= healed]
            found = recovery_s(recent, healed, self.control_window, now, width_s)
            if found is not None:
                return Recovery(recovered=True, seconds=round(found, 2))
            if now - healed > watch_s + width_s or self.app.died.done():
                return Recovery(recovered=False, seconds=None)
            await asyncio.sleep(POLL_S)

    def died(self) -> str:
        """Say how the application ended; empty while it lives."""
        return describe_exit(self.app.died.result()) if self.app.died.done() else ""

    def proof(self) -> dict[str, Any]:
        """Say what was sent, and how late."""
        late = sorted(self.player.late_ms)
        p99 = late[min(len(late) - 1, math.ceil(0.99 * len(late)) - 1)] if late else 0.0
        turned_away = sum(each.status == TOO_MANY for each in self.player.samples())
        share = turned_away / max(1, len(late))
        return {
            "requests": len(late),
            "slip_p99_ms": round(p99, 1),
            "trustworthy": p99 <= LATE_MS,
            "turned_away": round(share, 3),
        }


@dataclass
class Meeting:
    """A fault from when it was applied until it was healed, and what it touched.

    `kept_away` are requests that need the dependency, made while nothing at all reached it: who is refused by the
    system is seen by no proxy.
    """

    began: float
    ended: float = 0.0
    count: FaultCount | None = None
    kept_away: int = 0

    def proof(self) -> dict[str, Any]:
        """Say what it touched."""
        if self.count is None:
            return {}
        return {
            "fault": self.count.fault,
            "upstream": self.count.upstream,
            "times": self.count.times,
            "connections": self.count.connections,
            "kept_away": self.kept_away,
            "seconds": round(self.ended - self.began, 2),
        }


@dataclass(frozen=True)
class Recovery:
    """Whether the application was as good as before, and after how many seconds."""

    recovered: bool
    seconds: float | None
