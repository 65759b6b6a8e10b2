"""What the load process is told, and what it answers."""

from typing import Literal

from nineam.model.record import Record

# --- what the load process is told -------------------------------------------------------------


class RequestSpec(Record, frozen=True, kw_only=True):
    """One kind of request that discovered traffic sends. `name` is the endpoint it counts under."""

    method: str
    path: str
    name: str
    weight: float = 1.0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class LoadPlan(Record, frozen=True, kw_only=True):
    """Everything a load process needs before its first phase; sent once."""

    base_url: str
    requests: tuple[RequestSpec, ...] = ()
    journeys_file: str = ""
    health_path: str = ""
    seed: int = 1
    timeout_s: float = 30.0
    mark_requests: bool = True


Executor = Literal["polite", "constant-vus", "constant-arrival-rate", "poisson-arrival-rate"]


class Phase(Record, frozen=True, kw_only=True):
    """One stretch of constant load.

    `polite` is one user who goes through every endpoint in turn; `constant-vus` is closed (`vus` users,
    each thinking `think_s` on average); the arrival rates are open (`rate` iterations per second).
    """

    name: str
    executor: Executor
    duration_s: float
    vus: int = 1
    rate: float = 0.0
    think_s: float = 0.0
    max_vus: int = 2000
    graceful_stop_s: float = 2.0


class Command(Record, frozen=True, kw_only=True):
    """A line on the load process's standard input: one of the fields is set."""

    phase: Phase | None = None
    stop: bool = False


# --- what the load process answers -------------------------------------------------------------


class HistogramData(Record, frozen=True, kw_only=True):
    """A `nineam.histogram.Histogram` at rest: sparse bucket counts; values are microseconds."""

    counts: dict[int, int] = {}
    count: int = 0
    total: float = 0.0
    min: float = 0.0
    max: float = 0.0


class EndpointStats(Record, frozen=True, kw_only=True):
    """What one endpoint answered. `response` counts from the intended start, `service` from the send."""

    name: str
    requests: int = 0
    failed: int = 0
    statuses: dict[str, int] = {}
    errors: dict[str, int] = {}
    response: HistogramData = HistogramData()
    service: HistogramData = HistogramData()

    @property
    def commonest_failure(self) -> str:
        """How most of its failures look: a status, or an error where there was none; empty without failures."""
        bad = {status: count for status, count in self.statuses.items() if status >= "400"} | self.errors
        return max(bad, key=lambda name: bad[name]) if bad else ""


class CheckResult(Record, frozen=True, kw_only=True):
    """How often one check held."""

    name: str
    passes: int = 0
    fails: int = 0


class GeneratorStats(Record, frozen=True, kw_only=True):
    """The generator's own health over an interval: how late it sent, what it burnt."""

    requests: int = 0
    slip: HistogramData = HistogramData()
    cpu_s: float = 0.0
    wall_s: float = 0.0
    loop_lag_ms: float = 0.0
    dropped_iterations: int = 0


class JourneyProblem(Record, frozen=True, kw_only=True):
    """A bug in a user's journey: one message, its place, how many iterations it ended."""

    message: str
    where: str
    count: int = 1


class LoadStats(Record, frozen=True, kw_only=True):
    """Everything counted in an interval; two of them merge by adding (`nineam.merging.merge`)."""

    endpoints: tuple[EndpointStats, ...] = ()
    health: EndpointStats | None = None
    checks: tuple[CheckResult, ...] = ()
    timings: dict[str, HistogramData] = {}
    iterations: int = 0
    data_sent: int = 0
    data_received: int = 0
    generator: GeneratorStats = GeneratorStats()
    problems: tuple[JourneyProblem, ...] = ()


class LoadEvent(Record, frozen=True, kw_only=True):
    """A line on the load process's standard output.

    `ready`: the plan was understood. `tick`: about twice a second, `stats` since the previous tick.
    `done`: the phase is over, `stats` since the previous tick (so that the sum of a phase's ticks and its
    `done` is the phase). `failed`: the load process cannot go on; `message` says why.
    """

    kind: Literal["ready", "tick", "done", "failed"]
    at_ns: int
    phase: str = ""
    elapsed_s: float = 0.0
    active_vus: int = 0
    stats: LoadStats = LoadStats()
    message: str = ""
    details: tuple[str, ...] = ()
    hint: str = ""
