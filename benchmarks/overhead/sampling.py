"""What sampling takes of a core: the same paced requests with the agent's sampler and without it."""

import contextlib
from collections.abc import Container
from typing import NamedTuple

from benchmarks.outcomes import Settings
from benchmarks.overhead.applications import APPLICATIONS, SAMPLING, Application
from benchmarks.overhead.blocks import Round, interleaved
from benchmarks.overhead.pyspy import Attached
from benchmarks.overhead.serving import Place, Served, serving
from benchmarks.overhead.watchers import NINEAM, NO_SAMPLES, WATCHERS
from benchmarks.tables import Spread, spread

SECONDS = 2.0
ROUNDS = 4


class Pace(NamedTuple):
    """A path of an application and how often it is asked for: `rate` a second, one at a time."""

    application: str
    path: str
    rate: float
    does: str


PACES = (
    Pace("fastapi", "/trivial", 500.0, "FastAPI, answers at once"),
    Pace("fastapi", "/waits", 9.5, "FastAPI, a request always waits and nothing runs"),
    Pace("fastapi-orm-async", "/authors", 30.0, "FastAPI and asyncpg, 21 queries"),
    Pace("django-orm", "/authors", 50.0, "Django, 21 queries"),
)


class Sampled(NamedTuple):
    """A pace, and rounds with and without the sampler."""

    pace: Pace
    rounds: dict[str, list[Round]]

    def shares(self) -> Spread:
        """Give the spread of what sampling took of a core, in percent, by rounds."""
        pairs = zip(self.rounds[NINEAM], self.rounds[NO_SAMPLES], strict=True)
        return spread([(on.cpu_us - off.cpu_us) * self.pace.rate / 1e4 for on, off in pairs])

    def core(self) -> Spread:
        """Give the spread of what the application took of a core without sampling, in percent."""
        return spread([off.cpu_us * self.pace.rate / 1e4 for off in self.rounds[NO_SAMPLES]])


def measure(settings: Settings, place: Place, skipped: Container[str]) -> list[Sampled]:
    """Measure each pace whose application is there; none when nineam or sampling does not take part."""
    if not settings.wants(NINEAM) or (settings.applications and SAMPLING not in settings.applications):
        return []
    able = {one.name: one for one in APPLICATIONS if one.name not in skipped and place.interpreter.runs(one)}
    return [_sampled(settings, place, able[pace.application], pace) for pace in PACES if pace.application in able]


def _sampled(settings: Settings, place: Place, application: Application, pace: Pace) -> Sampled:
    settings.tell(f"sampling: {pace.does}, {pace.rate:g} requests a second")
    count = max(1, round(pace.rate * (settings.seconds * 4 if settings.seconds else SECONDS)))

    def run(served: Served) -> int:
        served.client.paced(pace.path, pace.rate, count)
        return count

    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(serving(place, application, watcher, 1))
            for watcher in WATCHERS
            if watcher.name in (NINEAM, NO_SAMPLES)
        ]
        for served in servers:
            run(served)
        core, rounds = settings.cores.server, settings.repeats or ROUNDS
        return Sampled(pace, interleaved(servers, Attached(), rounds, core, run, settings.tell))
