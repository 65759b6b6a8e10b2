"""What a run came to: the document behind every output, schema `nineam/run/1`."""

from typing import Any, Literal

from nineam.model.endpoint import PhaseResult
from nineam.model.flame import Flame, Sampler
from nineam.model.growth import Grown
from nineam.model.load import CheckResult, JourneyProblem
from nineam.model.record import Record

# --- what a run came to: the document behind every output --------------------------------------


class Stair(Record, frozen=True, kw_only=True):
    """One stair of Monday: the load offered, and what it did to everyone together; `held` is None of one cut short."""

    index: int
    users: int
    rate: float
    achieved_rate: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    failed_rate: float
    held: bool | None
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


class Root(Record, frozen=True, kw_only=True):
    """Whose work is behind what Monday added, all waiting moved to what was waited for.

    `share` is its part of all the time that Monday added to all requests, `ms` that per request of the application;
    `confidence` is how often it comes first when the seconds of the load are drawn anew. `code`, `where` and `function`
    are of the finding there, when there is one; without one the latter two are the endpoint's own. `proof` says what an
    experiment has shown, when one was needed and settled it.
    """

    layer: str
    endpoint: str
    ms: float
    share: float
    confidence: float
    code: str = ""
    where: str = ""
    function: str = ""
    proof: str = ""


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
    """How much the application carries within its objective.

    `trials` were played to find it; `reason` is why it cannot be told, or is only an estimate in spite of them.
    """

    slo: str
    rate: Interval
    users: Interval
    limited_by: str
    kind: str = "estimate"
    trials: int = 0
    reason: str = ""


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
    """What watching cost.

    `cpu_percent` is how much more CPU a request takes with the agent looking, from interleaved blocks with and
    without; None when not measured.
    """

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
    """What was run. `python` is the application's interpreter version; `debug` is `on` when it ran in debug mode."""

    kind: str
    command: str
    framework: str
    server: str
    database: str
    python: str = ""
    debug: str = ""


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


class Totals(Record, frozen=True, kw_only=True):
    """What checks, thresholds and metrics are counted over: Monday's phases of these numbers, `seconds` in all."""

    stairs: tuple[int, ...] = ()
    seconds: float = 0.0


class Suspect(Record, frozen=True, kw_only=True):
    """The answer to `--suspect`: what the suspicion really costs."""

    text: str
    sentence: str


class RunDocument(Record, frozen=True, kw_only=True):
    """A whole run as every report shows it; `--json` prints exactly this, without the flames, which are large."""

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
    grown: Grown | None = None
    stairs: tuple[Stair, ...] = ()
    cried_first: tuple[Cry, ...] = ()
    blame: tuple[Blame, ...] = ()
    roots: tuple[Root, ...] = ()
    findings: tuple[Finding, ...] = ()
    story: tuple[str, ...] = ()
    suspect: Suspect | None = None
    checks: tuple[CheckResult, ...] = ()
    thresholds: tuple[ThresholdResult, ...] = ()
    metrics: dict[str, Metric] = {}
    totals: Totals = Totals()
    problems: tuple[JourneyProblem, ...] = ()
    sampler: Sampler = Sampler()
    flames: tuple[Flame, ...] = ()
    exempt: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    interrupted: bool = False
