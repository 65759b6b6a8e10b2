"""The load generators that are compared by CPU time: how each is started and asked how many requests it completed."""

import re
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.programs import SCRIPTS
from benchmarks.reported import by_script, events_in, nineam_job, stats_of
from benchmarks.running import Job
from nineam.model import LoadPlan, Phase, RequestSpec

PATH = "/api/orders"
WRK, H2LOAD, HEY, OHA = "wrk", "h2load", "hey", "oha"
ONE_URL, JOURNEY = "nineam, one URL", "nineam, journey"
K6, LOCUST = "k6", "Locust"
PLAIN, SCRIPTED = "one URL", "scripted: check and JSON"


class Task(NamedTuple):
    """What every contender has to do: `users` connections back to back for some seconds."""

    base_url: str
    users: int
    seconds: float


class Contender(NamedTuple):
    """A load generator. `program` is looked up; empty for what is part of this repository."""

    name: str
    program: str
    does: str
    job: Callable[[str, Task], Job]
    requests_in: Callable[[bytes], int]


def _wrk(program: str, task: Task) -> Job:
    return Job([program, "-t1", f"-c{task.users}", f"-d{task.seconds:g}s", task.base_url + PATH])


def _h2load(program: str, task: Task) -> Job:
    return Job([program, "--h1", "-t1", f"-c{task.users}", f"-D{task.seconds:g}", task.base_url + PATH])


def _hey(program: str, task: Task) -> Job:
    return Job([program, "-c", str(task.users), "-z", f"{task.seconds:g}s", task.base_url + PATH])


def _oha(program: str, task: Task) -> Job:
    return Job([program, "--no-tui", "-c", str(task.users), "-z", f"{task.seconds:g}s", task.base_url + PATH])


def _k6(program: str, task: Task) -> Job:
    environment = {"BASE_URL": task.base_url, "USERS": str(task.users), "SECONDS": f"{task.seconds:g}"}
    return Job([program, "run", "--quiet", "--no-usage-report", str(SCRIPTS / "k6.js")], b"", environment)


def _locust(program: str, task: Task) -> Job:
    argv = [program, "-f", str(SCRIPTS / "locustfile.py"), "--headless", "--only-summary", "--loglevel", "ERROR"]
    return Job([*argv, "-H", task.base_url, "-u", str(task.users), "-r", str(task.users), "-t", f"{task.seconds:g}s"])


def _nineam_requests(_: str, task: Task) -> Job:
    request = RequestSpec(method="GET", path=PATH, name=f"GET {PATH}")
    return nineam_job(LoadPlan(base_url=task.base_url, requests=(request,)), _back_to_back(task))


def _nineam_journey(_: str, task: Task) -> Job:
    plan = LoadPlan(base_url=task.base_url, journeys_file=str(SCRIPTS / "monday.py"))
    return nineam_job(plan, _back_to_back(task))


def _back_to_back(task: Task) -> Phase:
    return Phase(name="bench", executor="constant-vus", duration_s=task.seconds, vus=task.users)


def _number_after(pattern: bytes) -> Callable[[bytes], int]:
    def read(output: bytes) -> int:
        match = re.search(pattern, output)
        return int(match.group(1)) if match else 0

    return read


def _requests_of_events(output: bytes) -> int:
    return stats_of(events_in(output)).generator.requests


def _requests_of_script(output: bytes) -> int:
    return by_script(output).requests


CONTENDERS = (
    Contender(WRK, "wrk", PLAIN, _wrk, _number_after(rb"(\d+) requests in")),
    Contender(H2LOAD, "h2load", PLAIN, _h2load, _number_after(rb"(\d+) succeeded")),
    Contender(HEY, "hey", PLAIN, _hey, _number_after(rb"\[200\]\s+(\d+) responses")),
    Contender(OHA, "oha", PLAIN, _oha, _number_after(rb"\[200\]\s+(\d+) responses")),
    Contender(ONE_URL, "", PLAIN, _nineam_requests, _requests_of_events),
    Contender(JOURNEY, "", SCRIPTED, _nineam_journey, _requests_of_events),
    Contender(K6, "k6", SCRIPTED, _k6, _requests_of_script),
    Contender(LOCUST, "locust", f"FastHttpUser, {SCRIPTED}", _locust, _requests_of_script),
)
