"""The load generators that can let users think: how each is started and what it then reports."""

from collections.abc import Callable
from typing import NamedTuple

from benchmarks.programs import SCRIPTS
from benchmarks.reported import Reported, by_histogram, by_script, events_in, nineam_job, responses, stats_of
from benchmarks.running import Job
from nineam.model import LoadPlan, Phase
from nineam.model.scenario import RampStage, Scenario

SPAWNED_A_SECOND = 1000
SETTLE_S = 1.0  # after the last user has come
THINK_S = 1.0


class Crowd(NamedTuple):
    """What every contender has to do: `users` come, then think and ask for some seconds."""

    base_url: str
    users: int
    seconds: float

    @property
    def ramp_s(self) -> float:
        """How long it takes until all have come."""
        return max(1.0, self.users / SPAWNED_A_SECOND)

    @property
    def steady_after_s(self) -> float:
        """When what is reported begins."""
        return self.ramp_s + SETTLE_S

    @property
    def length_s(self) -> float:
        """How long it takes altogether."""
        return self.steady_after_s + self.seconds


class Thinker(NamedTuple):
    """A load generator. `program` is looked up; empty for what is part of this repository."""

    name: str
    program: str
    job: Callable[[str, Crowd], Job]
    reported: Callable[[bytes, Crowd], Reported]


def _nineam(_: str, crowd: Crowd) -> Job:
    stages = (
        RampStage(duration_s=crowd.ramp_s, target=crowd.users),
        RampStage(duration_s=SETTLE_S + crowd.seconds, target=crowd.users),
    )
    scenario = Scenario(
        name="users", executor="ramping-vus", start_vus=0, stages=stages, think_s=THINK_S, graceful_stop_s=2.0
    )
    plan = LoadPlan(base_url=crowd.base_url, journeys_file=str(SCRIPTS / "monday.py"))
    return nineam_job(plan, Phase(name="bench", duration_s=crowd.length_s, scenarios=(scenario,)))


def _nineam_reported(output: bytes, crowd: Crowd) -> Reported:
    return by_histogram(responses(stats_of(events_in(output), crowd.steady_after_s)))


def _k6(program: str, crowd: Crowd) -> Job:
    environment = {
        "BASE_URL": crowd.base_url,
        "USERS": str(crowd.users),
        "RAMP_SECONDS": f"{crowd.ramp_s:g}",
        "STEADY_AFTER_SECONDS": f"{crowd.steady_after_s:g}",
        "SECONDS": f"{SETTLE_S + crowd.seconds:g}",
    }
    return Job([program, "run", "--quiet", "--no-usage-report", str(SCRIPTS / "k6_thinking.js")], b"", environment)


def _locust(program: str, crowd: Crowd) -> Job:
    argv = [program, "-f", str(SCRIPTS / "locust_thinking.py"), "--headless", "--only-summary", "--loglevel", "ERROR"]
    argv += ["--reset-stats", "-H", crowd.base_url, "-u", str(crowd.users), "-r", str(SPAWNED_A_SECOND)]
    return Job([*argv, "-t", f"{crowd.length_s:g}s"])


def _script_reported(output: bytes, _: Crowd) -> Reported:
    return by_script(output)


THINKERS = (
    Thinker("nineam", "", _nineam, _nineam_reported),
    Thinker("k6", "k6", _k6, _script_reported),
    Thinker("Locust", "locust", _locust, _script_reported),
)
