"""The load generators whose latencies are compared with the truth, each as near to a constant rate as it comes."""

from collections.abc import Callable
from typing import NamedTuple

from benchmarks.programs import SCRIPTS
from benchmarks.reported import Reported, by_histogram, by_script, events_in, nineam_job, responses, stats_of
from benchmarks.running import Job
from nineam.model import LoadPlan, Phase


class Load(NamedTuple):
    """`rate` requests a second for some seconds; a closed generator needs `connections` for about that rate."""

    base_url: str
    rate: float
    seconds: float
    connections: int


class Observer(NamedTuple):
    """A load generator. `program` is looked up; empty for what is part of this repository.

    Requests that are `numbered` in the order of the schedule are paired with the server's log.
    """

    name: str
    program: str
    does: str
    numbered: bool
    job: Callable[[str, Load], Job]
    reported: Callable[[bytes], Reported]


def _nineam(_: str, load: Load) -> Job:
    plan = LoadPlan(base_url=load.base_url, journeys_file=str(SCRIPTS / "monday_arrivals.py"))
    phase = Phase(
        name="bench",
        executor="constant-arrival-rate",
        duration_s=load.seconds,
        rate=load.rate,
        max_vus=10_000,
        graceful_stop_s=10.0,
    )
    return nineam_job(plan, phase)


def _nineam_reported(output: bytes) -> Reported:
    return by_histogram(responses(stats_of(events_in(output))))


def _k6(program: str, load: Load) -> Job:
    environment = {"BASE_URL": load.base_url, "RATE": f"{load.rate:g}", "SECONDS": f"{load.seconds:g}"}
    return Job([program, "run", "--quiet", "--no-usage-report", str(SCRIPTS / "k6_arrivals.js")], b"", environment)


def _locust(program: str, load: Load) -> Job:
    users = f"{load.rate:.0f}"
    argv = [program, "-f", str(SCRIPTS / "locust_arrivals.py"), "--headless", "--only-summary", "--loglevel", "ERROR"]
    return Job([*argv, "-H", load.base_url, "-u", users, "-r", users, "-t", f"{load.seconds:g}s"])


def _wrk(program: str, load: Load) -> Job:
    argv = [program, "-t1", f"-c{load.connections}", f"-d{load.seconds:g}s", "--timeout", "30s"]
    return Job([*argv, "-s", str(SCRIPTS / "wrk_result.lua"), load.base_url + "/work"])


OBSERVERS = (
    Observer("nineam", "", "constant-arrival-rate", True, _nineam, _nineam_reported),
    Observer("k6", "k6", "constant-arrival-rate", True, _k6, by_script),
    Observer("Locust", "locust", "constant_throughput users", False, _locust, by_script),
    Observer("wrk", "wrk", "closed; makes up what it thinks it omitted", False, _wrk, by_script),
)
