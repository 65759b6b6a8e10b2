"""Where trials happen: an application that is started afresh for each, its dependencies behind the fault proxy."""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nineam.app.process import Application, describe_exit
from nineam.errors import ApplicationError
from nineam.faults.client import FaultProxy
from nineam.model import RequestSpec
from nineam.model.fault import UpstreamCount
from nineam.model.trial import Course, Dependency
from nineam.payloads.aim import Aim
from nineam.trials.healthwatch import HealthWatch
from nineam.trials.meeting import Meeting, Recovery
from nineam.trials.player import Player, seconds
from nineam.trials.servers import Server, server_from
from nineam.trials.subject import Fact, Leading, Subject, facts, facts_of, led
from nineam.trials.trial import Pace
from nineam.trials.window import Window, course, decided, queueing, recovery_s

GRACE_S = 1.0
"""What an application gets to end when its trial is over: it may hang, and nobody minds any more."""
POLL_S = 0.1
TOO_MANY = 429
"""The status of an application that limits how often one address may ask."""
LATE_MS = 250.0
HEALTHY = 0.95
SLOW_S = 2.0
"""So long is waited for the last answers to requests of the calm."""
LEAST_REQUESTS = 5.0
"""Fewer than so many say little about whether all is well."""
DECIDED_S = 2.0
"""So long is a recovery watched on which nothing depends any more: the gate has failed already."""
ENDED_BY_SERVER = "WORKER TIMEOUT"
"""What gunicorn prints when it ends a worker that is stuck."""
PRINTED = 200
NAMED = 4


@dataclass
class Lab:
    """Everything that trials share. `touches` has the round trips to each dependency of a request to an endpoint.

    `boot_s` are the seconds that the last start took, `beyond` is of how many requests nobody sends any.
    `aims` are what may be sent wrongly, `unasked` the endpoints that may not: nobody asked for their method.
    """

    subject: Subject
    proxy: FaultProxy | None
    leading: Leading
    pace: Pace
    base_url: str = ""
    requests: tuple[RequestSpec, ...] = ()
    beyond: int = 0
    aims: tuple[Aim, ...] = ()
    unasked: tuple[str, ...] = ()
    health_path: str = ""
    touches: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    health_touches: Mapping[str, float] = field(default_factory=dict)
    rate: float = 10.0
    knee: float = 0.0
    boot_s: float = 0.0
    course: Course | None = None
    say: Callable[[str], None] = lambda _: None

    @property
    def names(self) -> tuple[str, ...]:
        """The endpoints."""
        return tuple(each.name for each in self.requests)

    @property
    def server(self) -> Server:
        """What the command says of the server."""
        file = Path(self.subject.cwd, "gunicorn.conf.py").is_file()
        return server_from(self.subject.command, self.subject.environment, config_file=file)

    def unsent(self, methods: Collection[str] = ()) -> tuple[str, ...]:
        """Say in one line, or none, what was not sent because nobody asked for its method (one of some `methods`)."""
        names = [name for name in self.unasked if not methods or name.partition(" ")[0] in methods]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        return (f"{', '.join(names[:NAMED])}{more}: only sent with --methods",) if names else ()

    @property
    def log(self) -> Path:
        """The file that gets what the application prints, in sessions that listen."""
        return self.leading.report.with_name("application.log")

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
        self,
        *,
        wait: bool = True,
        health: bool = False,
        listen: bool = False,
        grace_s: float = GRACE_S,
        patience_s: float = 0.0,
    ) -> AsyncIterator["Session"]:
        """Start the application, and end it again with everything that belongs to it, healed.

        With `wait` it is ready, with `health` its check is asked all the time, with `listen` what it prints is kept.
        Clients give up after `patience_s` (0: as the pace says). Raises ApplicationError when it does not start, or
        does not become ready.
        """

        async def start() -> Application:
            environment, log = led(self.subject, self.leading), self.log if listen else None
            folder = Path(self.subject.cwd)
            return await Application.start(
                self.subject.command, cwd=folder, env=environment, log_file=log, grace_s=grace_s
            )

        app = await start()
        session = None
        try:
            url = self.subject.url or None
            if wait:
                began = time.monotonic()
                self.base_url = await app.wait_ready(url, self.subject.ready_timeout_s)
                self.boot_s = time.monotonic() - began
            session = Session(self, app, patience_s or self.pace.patience_s, health=health)
            session.start_again = start
            yield session
        finally:
            try:
                if session is not None:
                    self.course = session.course()
                    session.close()
                if self.proxy is not None:
                    self.proxy.heal()
            finally:
                await (app if session is None else session.app).stop()


class Session:
    """One start of the application: its ordinary requests, its health check, and the faults it meets."""

    def __init__(self, lab: Lab, app: Application, patience_s: float, *, health: bool) -> None:
        self.lab, self.app = lab, app
        self.player = Player(lab.base_url, lab.requests, limit_s=patience_s)
        self.health = HealthWatch(lab.base_url, lab.health_path) if health and lab.health_path else None
        self.control_window = Window((), 0.0)
        self.troubles: list[tuple[float, float]] = []
        self.start_again: Callable[[], Awaitable[Application]] | None = None

    @staticmethod
    def now() -> float:
        """Return the instant, in seconds of the clock that samples have."""
        return seconds()

    def close(self) -> None:
        """Send no more."""
        self.player.close()
        if self.health is not None:
            self.health.close()

    def course(self) -> Course | None:
        """Tell what became of the ordinary requests until now."""
        return course(self.player.samples(), self.troubles, seconds())

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
        until = seconds()
        while self.player.between(began, until).hanging and seconds() - until < SLOW_S and not self.died():
            await asyncio.sleep(POLL_S)
        self.control_window = decided(self.player.between(began, until))
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
            self.troubles.append((meeting.began, meeting.ended))
            meeting.count = counts[0] if counts else None
            needing = self.player.between(meeting.began, meeting.ended).only(self.lab.touching(dependency))
            meeting.kept_away = 0 if passed else needing.requests

    async def recovery(self, healed: float, watch_s: float = 0.0, *, decided: bool = False) -> "Recovery":
        """Watch until the requests fare as before, for `watch_s` seconds at most (0: as the pace says).

        It is not watched for long when `decided`: the gate has failed, whatever comes.
        """
        width_s = max(self.lab.pace.width_s, LEAST_REQUESTS / max(0.5, self.player.rate))
        watch_s = min(watch_s or self.lab.pace.watch_s, DECIDED_S if decided else math.inf)
        while True:
            now = seconds()
            recent = [each for each in self.player.samples() if each.at >= healed]
            found = recovery_s(recent, healed, self.control_window, now, width_s)
            if found is not None:
                return Recovery(recovered=True, seconds=round(found, 2))
            if now - healed > watch_s + width_s or self.app.died.done():
                return Recovery(recovered=False, seconds=None, watched_s=watch_s, cut_short=decided)
            await asyncio.sleep(POLL_S)

    async def revive(self) -> bool:
        """Wait until the application answers, and start it again when it has ended; whether it answers."""
        with contextlib.suppress(ApplicationError):
            if self.app.died.done() and self.start_again is not None:
                await self.app.stop()
                self.app = await self.start_again()
            await self.app.wait_ready(self.lab.base_url, self.lab.subject.ready_timeout_s)
            return True
        return False

    def died(self) -> str:
        """Say how the application ended; empty while it lives."""
        return describe_exit(self.app.died.result()) if self.app.died.done() else ""

    def ended_workers(self) -> int:
        """How many workers the server itself has ended because they were stuck."""
        return sum(ENDED_BY_SERVER in line for line in self.app.tail(PRINTED))

    def proof(self) -> dict[str, Any]:
        """Say what was sent, how late, and whether requests did not queue up before anything happened."""
        late = sorted(self.player.late_ms)
        p99 = late[min(len(late) - 1, math.ceil(0.99 * len(late)) - 1)] if late else 0.0
        turned_away = sum(each.status == TOO_MANY for each in self.player.samples())
        share = turned_away / max(1, len(late))
        return {
            "requests": len(late),
            "slip_p99_ms": round(p99, 1),
            "trustworthy": p99 <= LATE_MS,
            "calm": not queueing(self.control_window),
            "turned_away": round(share, 3),
        }
