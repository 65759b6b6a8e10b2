"""What watching costs: CPU time per request of the same application, watched by nobody, by nineam and by others.

The servers of all watchers run at once on one core and are asked in turn, in blocks of the same number of requests.
What counts is the CPU clock of the application's processes, all their threads included.
"""

import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.cores import stay_on
from benchmarks.outcomes import Outcome, Settings
from benchmarks.overhead import report, sampling, shelves
from benchmarks.overhead.applications import APPLICATIONS, SAMPLING, Application, chosen
from benchmarks.overhead.blocks import interleaved, requests_for
from benchmarks.overhead.interpreter import Interpreter, interpreter
from benchmarks.overhead.listening import Listener, listening
from benchmarks.overhead.proof import proof
from benchmarks.overhead.pyspy import attached
from benchmarks.overhead.report import Compared
from benchmarks.overhead.serving import Place, serving
from benchmarks.overhead.watchers import NOTHING, OTHER, PY_SPY, WATCHERS, Watcher

ROUNDS, SECONDS, USERS = 5, 0.4, 4
POSTGRES = "postgresql://postgres@127.0.0.1:5432/test"


class Sitting(NamedTuple):
    """What one run of the bench shares."""

    settings: Settings
    place: Place
    listener: Listener
    watchers: tuple[Watcher, ...]


def measure(settings: Settings) -> Outcome:
    """Measure every application with every watcher that is installed."""
    python = interpreter()
    asked = [watcher for watcher in WATCHERS if watcher.name == NOTHING or settings.wants(watcher.name)]
    watchers = tuple(watcher for watcher in asked if python.has(watcher))
    applications = chosen(settings.applications)
    with _as_generator(settings), _placed(settings, python) as (place, listener, skipped):
        sitting = Sitting(settings, place, listener, watchers)
        able = [one for one in applications if one.name not in skipped and python.runs(one)]
        compared = [(one, _compared(sitting, one)) for one in able]
        sampled = sampling.measure(settings, place, skipped)
    missing = {one.name: "not installed" for one in asked if one not in watchers and one.name != OTHER}
    missing |= {one.name: "not installed" for one in applications if one not in able} | skipped
    return report.outcome(report.Found(python, asked, watchers, missing, compared, sampled))


@contextlib.contextmanager
def _placed(settings: Settings, python: Interpreter) -> Iterator[tuple[Place, Listener, dict[str, str]]]:
    """Give what all servers share, and the applications that cannot run, with the reason."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nineam-bench-")))
        shelves.make_file(folder / "shelf.sqlite3")
        data, skipped = {"SHELF_FILE": str(folder / "shelf.sqlite3")}, {}
        needing = [one.name for one in APPLICATIONS if one.needs_postgres and _takes_part(settings, one)]
        try:
            url = os.environ.get("NINEAM_BENCH_POSTGRES", POSTGRES)
            if needing:
                schema = f"nineam_bench_{os.getpid()}"
                stack.enter_context(shelves.in_postgres(url, schema))
                data |= {"SHELF_POSTGRES": url, "SHELF_SCHEMA": schema}
        except Exception as error:  # noqa: BLE001 - no psycopg, no server, no rights: there is no PostgreSQL then
            skipped = dict.fromkeys(needing, f"no PostgreSQL ({type(error).__name__})")
        listener = stack.enter_context(listening(folder / "agent.sock"))
        yield Place(python, settings.cores.server, folder, listener.path, data), listener, skipped


def _takes_part(settings: Settings, application: Application) -> bool:
    return SAMPLING in settings.applications or application in chosen(settings.applications)


@contextlib.contextmanager
def _as_generator(settings: Settings) -> Iterator[None]:
    """Move this process, which sends the requests, to the generators' core; SIGTERM ends the servers too."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    stay_on(settings.cores.generator)
    try:
        yield
    finally:
        stay_on(settings.cores.server)
        signal.signal(signal.SIGTERM, before)


def _compared(sitting: Sitting, application: Application) -> Compared:
    settings, place = sitting.settings, sitting.place
    settings.tell(f"{application.name}: {application.does}")
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(serving(place, application, watcher, settings.users or USERS))
            for watcher in sitting.watchers
        ]
        proofs = {served.watcher.name: proof(served, application.path, sitting.listener) for served in servers}
        program = place.interpreter.program(PY_SPY)
        outside = stack.enter_context(attached(program, servers, settings.cores.generator, place.folder))
        counts = [requests_for(served, application.path, settings.seconds or SECONDS) for served in servers]
        count = counts[0]  # the first is watched by nobody
        rounds = interleaved(
            servers,
            outside,
            settings.repeats or ROUNDS,
            settings.cores.server,
            lambda served: (served.client.back_to_back(application.path, count), count)[1],
            settings.tell,
        )
    return Compared(count, proofs, rounds)
