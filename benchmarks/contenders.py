"""The load generators that are compared: how each is found, started and asked how many requests it completed."""

import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from nineam.model import Command, LoadEvent, LoadPlan, Phase, RequestSpec

SCRIPTS = Path(__file__).parent / "scripts"
PATH = "/api/orders"


class Task(NamedTuple):
    """What every contender has to do: `users` connections back to back for some seconds."""

    base_url: str
    users: int
    seconds: float


class Job(NamedTuple):
    """How a contender does it: a command, what it reads, more environment, how its output gives the requests."""

    argv: list[str]
    stdin: bytes
    environment: dict[str, str]
    requests_in: Callable[[bytes], int]


class Contender(NamedTuple):
    """A load generator. `program` is looked up; empty for what is part of this repository."""

    name: str
    program: str
    does: str
    job: Callable[[str, Task], Job]


def find(program: str) -> str:
    """Find a program: in `$NINEAM_BENCH_BIN`, beside this interpreter, then on PATH; empty when it is nowhere."""
    folders = [os.environ.get("NINEAM_BENCH_BIN", ""), str(Path(sys.executable).parent)]
    for folder in filter(None, folders):
        found = shutil.which(program, path=folder)
        if found:
            return found
    return shutil.which(program) or ""


def _wrk(program: str, task: Task) -> Job:
    argv = [program, "-t1", f"-c{task.users}", f"-d{task.seconds:g}s", task.base_url + PATH]
    return Job(argv, b"", {}, _number_after(rb"(\d+) requests in"))


def _k6(program: str, task: Task) -> Job:
    argv = [program, "run", "--quiet", "--no-usage-report", str(SCRIPTS / "k6.js")]
    environment = {"BASE_URL": task.base_url, "USERS": str(task.users), "SECONDS": f"{task.seconds:g}"}
    return Job(argv, b"", environment, _number_after(rb"requests=(\d+)"))


def _locust(program: str, task: Task) -> Job:
    argv = [program, "-f", str(SCRIPTS / "locustfile.py"), "--headless", "--only-summary", "--loglevel", "ERROR"]
    argv += ["-H", task.base_url, "-u", str(task.users), "-r", str(task.users), "-t", f"{task.seconds:g}s"]
    return Job(argv, b"", {}, _number_after(rb"requests=(\d+)"))


def _nineam_requests(_: str, task: Task) -> Job:
    return _nineam(task, requests=(RequestSpec(method="GET", path=PATH, name=f"GET {PATH}"),))


def _nineam_journey(_: str, task: Task) -> Job:
    return _nineam(task, journeys_file=str(SCRIPTS / "monday.py"))


def _nineam(task: Task, *, requests: tuple[RequestSpec, ...] = (), journeys_file: str = "") -> Job:
    plan = LoadPlan(base_url=task.base_url, requests=requests, journeys_file=journeys_file)
    phase = Phase(name="bench", executor="constant-vus", duration_s=task.seconds, vus=task.users)
    lines = [plan, Command(phase=phase)]
    stdin = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    return Job([sys.executable, "-m", "nineam.load.shard"], stdin, {}, _requests_of_events)


def _requests_of_events(output: bytes) -> int:
    events = [msgspec.json.decode(line, type=LoadEvent) for line in output.splitlines()]
    return sum(event.stats.generator.requests for event in events)


def _number_after(pattern: bytes) -> Callable[[bytes], int]:
    def read(output: bytes) -> int:
        match = re.search(pattern, output)
        return int(match.group(1)) if match else 0

    return read


CONTENDERS = (
    Contender("wrk", "wrk", "one URL, no script", _wrk),
    Contender("nineam, one URL", "", "one discovered request", _nineam_requests),
    Contender("nineam, journey", "", "scripted: check and JSON", _nineam_journey),
    Contender("k6", "k6", "scripted: check and JSON", _k6),
    Contender("Locust", "locust", "FastHttpUser: check and JSON", _locust),
)
