"""The frozen records that the stages hand to each other.

Three families: what the load process is told and answers (plan, phases, ticks), what a run came to
(the `RunDocument`, which is also the `--json` output, schema `nineam/run/1`), and what both share.
Times named `_ns` are nanoseconds of `time.perf_counter_ns` (CLOCK_MONOTONIC, comparable between the
processes of one machine); durations named `_ms` are milliseconds; rates are per second.
"""

from typing import Any, Literal

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all records: immutable, encodable as JSON. Subclasses repeat both options."""


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
    """Everything counted in an interval; two of them merge by adding (`nineam.load.stats.merge`)."""

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


# --- what a run came to: the document behind every output --------------------------------------


class Endpoint(Record, frozen=True, kw_only=True):
    """One endpoint in one phase. `layers_ms` are exclusive means per request that add up to `server_mean_ms`."""

    requests: int = 0
    failed: int = 0
    failed_rate: float = 0.0
    statuses: dict[str, int] = {}
    errors: dict[str, int] = {}
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    p99_ms: float = 0.0
    max_ms: float = 0.0
    service_p95_ms: float = 0.0
    rate: float = 0.0
    queries_per_request: float | None = None
    server_mean_ms: float | None = None
    layers_ms: dict[str, float] = {}


class PhaseResult(Record, frozen=True, kw_only=True):
    """A phase of the run, per endpoint."""

    endpoints: dict[str, Endpoint] = {}
    users: int | None = None
    rate: float | None = None


class Stair(Record, frozen=True, kw_only=True):
    """One stair of Monday: the load offered and what it did to everyone together."""

    index: int
    users: int
    rate: float
    achieved_rate: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    failed_rate: float
    held: bool
    layers_ms: dict[str, float] = {}


class Cry(Record, frozen=True, kw_only=True):
    """A layer that began to degrade, with the load at which it began."""

    order: int
    layer: str
    signal: str
    endpoint: str
    at_users: int
    at_rate: float
    at_s: float
    sentence: str


class Blame(Record, frozen=True, kw_only=True):
    """A layer's share of what Monday added to an endpoint."""

    layer: str
    endpoint: str
    ms: float
    share: float
    kind: str = "measured"


class Finding(Record, frozen=True, kw_only=True):
    """Something to change, at a line, with its evidence in numbers.

    `ms_per_request` is what it costs where the application first broke; `share` is its part of the endpoint's own
    time there (waiting for a turn left out: that has other causes).
    """

    code: str
    title: str
    endpoint: str
    where: str
    function: str
    statement: str
    relationship: str
    share: float
    ms_per_request: float
    evidence: dict[str, Any]
    fix: str
    confidence: float
    kind: str


class Verdict(Record, frozen=True, kw_only=True):
    """READY FOR <conditions>, NOT READY or NOT PROVEN, in one sentence."""

    status: Literal["ready", "not-ready", "not-proven"]
    sentence: str


class Interval(Record, frozen=True, kw_only=True):
    """Two ends of something measured."""

    low: float
    high: float | None


class Capacity(Record, frozen=True, kw_only=True):
    """How much the application carries within its objective."""

    slo: str
    rate: Interval
    users: Interval
    limited_by: str
    kind: str = "estimate"


class Health(Record, frozen=True, kw_only=True):
    """What the health probe saw beside the load."""

    path: str
    failed_rate: float
    p95_ms: float
    honest: bool | None


class After(Record, frozen=True, kw_only=True):
    """Whether the application came back once the load was gone."""

    recovered: bool | None
    seconds: float | None


class Generator(Record, frozen=True, kw_only=True):
    """Whether the load generator can be believed."""

    trustworthy: bool
    slip_p99_ms: float
    cpu_share: float
    requests: int
    cpu_us_per_request: float
    reason: str


class Observer(Record, frozen=True, kw_only=True):
    """What watching cost. `cpu_percent` is how much more CPU a request takes with the agent looking, from
    interleaved blocks with and without; None when not measured."""

    cpu_percent: float | None
    records: int
    dropped: int
    hooks: dict[str, str] = {}


class Git(Record, frozen=True, kw_only=True):
    """The application's commit."""

    commit: str
    dirty: bool


class Machine(Record, frozen=True, kw_only=True):
    """Where it ran."""

    cores: int
    python: str
    os: str


class TargetInfo(Record, frozen=True, kw_only=True):
    """What was run. `python` is the application's interpreter version."""

    kind: str
    command: str
    framework: str
    server: str
    database: str
    python: str = ""


class ThresholdResult(Record, frozen=True, kw_only=True):
    """A threshold in k6's grammar and whether it held."""

    metric: str
    source: str
    ok: bool
    value: float | None


class Metric(Record, frozen=True, kw_only=True):
    """A metric with k6's name, type and values."""

    type: Literal["counter", "gauge", "rate", "trend"]
    contains: Literal["default", "time", "data"]
    values: dict[str, float]


class Suspect(Record, frozen=True, kw_only=True):
    """The answer to `--suspect`: what the suspicion really costs."""

    text: str
    sentence: str


class RunDocument(Record, frozen=True, kw_only=True):
    """A whole run as every report shows it; `--json` prints exactly this."""

    schema: str = "nineam/run/1"
    run: str = ""
    started: str = ""
    seconds: float = 0.0
    version: str = ""
    git: Git | None = None
    machine: Machine
    target: TargetInfo
    verdict: Verdict
    generator: Generator
    observer: Observer
    localhost: PhaseResult
    monday: PhaseResult
    after: After
    capacity: Capacity
    health: Health | None = None
    stairs: tuple[Stair, ...] = ()
    cried_first: tuple[Cry, ...] = ()
    blame: tuple[Blame, ...] = ()
    findings: tuple[Finding, ...] = ()
    story: tuple[str, ...] = ()
    suspect: Suspect | None = None
    checks: tuple[CheckResult, ...] = ()
    thresholds: tuple[ThresholdResult, ...] = ()
    metrics: dict[str, Metric] = {}
    problems: tuple[JourneyProblem, ...] = ()
    notices: tuple[str, ...] = ()
    interrupted: bool = False
