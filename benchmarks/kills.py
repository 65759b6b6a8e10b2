"""`python -m benchmarks.kills`: trials ended at random moments, and what is left of them.

Each trial runs in a process tree of its own, marked by a variable in its environment, so that whoever comes of it is
known again, whoever its parent is by then. At a moment drawn from the seed it gets a signal, most often SIGKILL. Then
nothing marked may be alive within 15 s, and the dependencies have to answer at their own addresses.
"""

import argparse
import http.client
import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import NamedTuple

import psutil
import psycopg

from benchmarks.outcomes import Verdict, machine
from benchmarks.programs import ROOT
from benchmarks.servers import running
from benchmarks.tables import markdown, range_of, spread

APPLICATIONS = ROOT / "tests" / "e2e" / "apps"
TRIALS = ("silent-stall", "connect-blackhole", "database-down", "http-hang", "boot-without-dependency", "sigterm-drain")
PACE = ("--control-time", "1", "--fault-time", "1.5", "--watch-time", "3", "--patience", "6", "--rate", "15")
SIGNALS = (signal.SIGKILL,) * 7 + (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
LONGEST_S = 16.0
"""Starting and one trial, about."""
GONE_WITHIN_S = 15.0
MARK = "NINEAM_KILLS_MARK"
numbers = itertools.count(1)


class Surroundings(NamedTuple):
    """The dependencies as they are without nineam."""

    database: str
    port: int


class Moment(NamedTuple):
    """What is killed: which trial, with what, how long after its start in seconds."""

    trial: str
    signal: signal.Signals
    after_s: float


class Ended(NamedTuple):
    """How that went: living processes before, seconds until all were gone, what stayed."""

    moment: Moment
    living: int
    gone_s: float
    orphans: tuple[str, ...]
    broken: tuple[str, ...]
    files: int


def main() -> int:
    """End as many as asked, print what stayed; the exit code says whether nothing did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="postgresql://postgres@localhost:5432/postgres")
    given = parser.parse_args()
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell's background job is born deaf to it, and so its children
    print(machine(), flush=True)
    with running("benchmarks.server", core=None) as payments, ThreadPoolExecutor(given.at_once) as pool:
        surroundings = Surroundings(given.database, int(payments.said))
        ended = list(pool.map(lambda moment: end(moment, surroundings), moments(Random(given.seed), given.times)))
    print(*lines(ended), sep="\n")
    verdict = verdict_of(ended)
    print("", verdict, sep="\n")
    return int(not verdict.held)


def moments(random: Random, times: int) -> list[Moment]:
    """Draw what is killed, with what and when."""
    return [Moment(random.choice(TRIALS), random.choice(SIGNALS), random.uniform(0, LONGEST_S)) for _ in range(times)]


def end(moment: Moment, surroundings: Surroundings) -> Ended:
    """Start a trial, end it at its moment, and look at what is left."""
    mark = f"{os.getpid()}-{next(numbers)}"
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        started = _start(moment.trial, mark, Path(folder), surroundings)
        time.sleep(moment.after_s)  # any moment is the point
        living = len(_marked(mark))
        if started.poll() is None:
            started.send_signal(moment.signal)
        began = time.monotonic()
        left = _wait_until_gone(started, mark)
        gone_s = time.monotonic() - began
        files = sum(1 for path in Path(folder).rglob("*") if not path.is_dir())
        broken = tuple(_broken(surroundings))
    for process in left:
        process.kill()
    ended = Ended(moment, living, gone_s, tuple(map(str, left)), broken, files)
    print("." if not left and not broken else f"\n{ended}\n", end="", file=sys.stderr, flush=True)
    return ended


def _start(trial: str, mark: str, folder: Path, surroundings: Surroundings) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        MARK: mark,
        "TMPDIR": str(folder),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DATABASE_URL": surroundings.database,
        "PAYMENTS_URL": f"http://localhost:{surroundings.port}",
    }
    nineam = Path(sys.executable).with_name("nineam")
    venv = str(Path(sys.executable).parent.parent)
    return subprocess.Popen(
        [nineam, "trial", "trial_shop:app", trial, "--python", venv, *PACE],
        cwd=APPLICATIONS,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _marked(mark: str) -> list[psutil.Process]:
    """Find the living processes that have the mark."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def _wait_until_gone(started: subprocess.Popen[bytes], mark: str) -> list[psutil.Process]:
    deadline = time.monotonic() + GONE_WITHIN_S
    while True:
        started.poll()
        left = _marked(mark)
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.05)


def _broken(surroundings: Surroundings) -> Iterable[str]:
    """Name what does not answer at its own address."""
    try:
        with psycopg.connect(surroundings.database, connect_timeout=5) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error as problem:
        yield f"the database: {problem}"
    try:
        connection = http.client.HTTPConnection("localhost", surroundings.port, timeout=5)
        connection.request("GET", "/charge")
        connection.getresponse().read()
    except OSError as problem:
        yield f"the HTTP dependency: {problem}"


def lines(ended: list[Ended]) -> list[str]:
    """Give the table: by signal, how many were running, how long they lasted, what stayed."""
    rows = []
    for name, times in sorted(Counter(each.moment.signal.name for each in ended).items()):
        of_it = [each for each in ended if each.moment.signal.name == name]
        living = [each for each in of_it if each.living]
        rows.append(
            (
                name,
                str(times),
                str(len(living)),
                range_of(spread([float(each.living) for each in living] or [0.0]), 0),
                range_of(spread([each.gone_s for each in living] or [0.0])),
                str(sum(len(each.orphans) for each in of_it)),
                str(sum(len(each.broken) for each in of_it)),
                str(sum(1 for each in of_it if each.files)),
            )
        )
    head = ("signal", "times", "running", "processes", "s until gone", "orphans", "addresses dead", "left files")
    return markdown(head, rows)


def verdict_of(ended: list[Ended]) -> Verdict:
    """Judge: no process and no fault is left."""
    orphans, broken = (sum(len(each.orphans) for each in ended), sum(len(each.broken) for each in ended))
    living = sum(1 for each in ended if each.living)
    measured = f"{orphans} orphans, {broken} dead addresses; {living} of {len(ended)} were running"
    return Verdict(f"nothing is left after {len(ended)} ends at random moments", measured, not orphans and not broken)


if __name__ == "__main__":
    sys.exit(main())
