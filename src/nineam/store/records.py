"""What a run file holds, as records; the keys are names, not the file's numbers."""

from typing import Any

from nineam.model import Git, LoadStats, Machine, Record
from nineam.model.indexes import IndexReport


class Meta(Record, frozen=True, kw_only=True):
    """The facts a run file may hold about its run, all optional; the reader checks their types against this."""

    started: str = ""
    python: str = ""
    slo: str = "p(95)<500"
    objective_ms: float = 500.0
    goal_limit: float = 0.0
    click_s: float = 1.0
    thresholds: list[str] = []
    custom_metrics: list[str] | dict[str, str] = []
    custom_tags: list[str] = []
    plan: str = ""
    scenarios: list[str] = []
    broke: str = ""
    aborted: dict[str, Any] | None = None
    suspect: str = ""
    seed: int = 1
    exempt: list[str] = []
    health_path: str = ""
    machine: Machine | None = None
    target: dict[str, str] = {}
    git: Git | None = None
    interrupted: bool = False
    died: str = ""
    unit: str = "requests"
    records: int = 0
    dropped: int = 0
    observer_cpu_percent: float | None = None
    sampler: dict[str, Any] = {}
    capacity: dict[str, float] = {}
    proof: dict[str, Any] = {}
    grown: dict[str, Any] = {}
    epoch_ns: int = 0
    indexes: IndexReport | None = None


class StoredPhase(Record, frozen=True, kw_only=True):
    """A stretch of the run at one load.

    `kind` is warmup, localhost, monday, proof, after, capacity, observer, or of a grown clone grown-warmup, grown or
    grown-monday (`stair` is then the number of the clone); `held` is None before it ended.
    """

    id: int
    kind: str
    stair: int
    rate: float
    users: int
    begin_ns: int
    end_ns: int | None
    held: bool | None

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return ((self.end_ns or self.begin_ns) - self.begin_ns) / 1e9


class LayerSum(Record, frozen=True, kw_only=True):
    """Exclusive time of one layer of one endpoint, in one second of one phase."""

    phase: int
    second: int
    endpoint: str
    layer: str
    ns: int


class RequestSum(Record, frozen=True, kw_only=True):
    """Requests of one endpoint as the application saw them, in one second of one phase.

    `longest_ns` sums what was the longest stretch on the event loop in each request, `steps_ns` all stretches.
    """

    phase: int
    second: int
    endpoint: str
    requests: int
    total_ns: int
    queries: int
    longest_ns: int
    steps_ns: int


class QuerySum(Record, frozen=True, kw_only=True):
    """One statement from one line of the application. `most` is the most often one request executed it.

    `caller` is the line of the application that called the function which `site` is in, where one did directly.
    `ns` is executing it, `fetch_ns` reading its rows where a driver does so afterwards, `taken_ns` both. `rows`
    are those that fetching returned; rows that the application iterated over are not known.
    """

    phase: int
    endpoint: str
    statement: str
    site: str
    relation: str
    requests: int
    executions: int
    distinct_parameters: int
    ns: int
    most: int
    caller: str = ""
    rows: int = 0
    fetch_ns: int = 0

    @property
    def taken_ns(self) -> int:
        """Executing it and fetching what it gave."""
        return self.ns + self.fetch_ns


class ColumnSum(Record, frozen=True, kw_only=True):
    """How many bytes the values of one column of a statement's result had, in so many rows that were looked at.

    A number or a date counts as 8, text as its characters.
    """

    statement: str
    column: str
    rows: int
    bytes: int


class SpotSum(Record, frozen=True, kw_only=True):
    """Calls into one layer from one line of the application, which `caller` has called (see QuerySum)."""

    phase: int
    endpoint: str
    layer: str
    site: str
    requests: int
    calls: int
    ns: int
    caller: str = ""


class Held(Record, frozen=True, kw_only=True):
    """One look at an event loop that was being held: by whom, where, for how long already.

    The thread "waits" or "computes" (`does`; empty where that cannot be told). Of the time in which it computes, it
    `had` a processor for this part: the rest went to other programs.
    """

    phase: int
    endpoint: str
    layer: str
    site: str
    call: str
    line: str
    at_ns: int
    ms: float
    does: str = ""
    had: float | None = None


class StackCount(Record, frozen=True, kw_only=True):
    """How often one stack was seen in one layer of an endpoint; `frames` are "function (file:line)", root first.

    A file is relative to the application's roots or to where libraries are installed.
    """

    phase: int
    endpoint: str
    layer: str
    frames: tuple[str, ...]
    samples: int


class SampledRequest(Record, frozen=True, kw_only=True):
    """One whole request from the bounded sample; `layers` maps layer to exclusive nanoseconds."""

    phase: int
    endpoint: str
    at_ns: int
    total_ns: int
    status: int
    steps_ns: int
    longest_ns: int
    layers: dict[str, int]


class Gauge(Record, frozen=True, kw_only=True):
    """Numbers read at one instant in one process (or, for process 0, on the machine)."""

    at_ns: int
    process: int
    values: dict[str, float]


class SeenTransaction(Record, frozen=True, kw_only=True):
    """A transaction of the database that lasted, as it was when it was seen last.

    `idle_ms` is the longest that it was seen open and doing nothing, at a stretch, `statement` the last it had executed
    before. Of its `looks`, so many found it `waiting` for a lock; `blocking` sessions waited for it at most.
    """

    at_ns: int
    ms: float
    idle_ms: float
    looks: int
    waiting: int
    blocking: int
    statement: str


class Blocked(Record, frozen=True, kw_only=True):
    """At one instant, so many sessions waited with one statement for a lock that another's transaction held.

    `state` is what the holder was doing; `longest_ms` is the age of the oldest transaction that waited.
    """

    at_ns: int
    waiting: str
    holding: str
    state: str
    sessions: int
    longest_ms: float


class RunData(Record, frozen=True, kw_only=True):
    """A whole run file, read. `load` and `vus` are what was counted, and who was active, tick by tick of a phase.

    `polite` is a sample of one polite user's whole requests, on localhost and on clones.
    """

    path: str
    meta: dict[str, Any]
    phases: tuple[StoredPhase, ...]
    load: dict[int, tuple[LoadStats, ...]]
    vus: dict[int, tuple[int, ...]]
    requests: tuple[RequestSum, ...]
    layers: tuple[LayerSum, ...]
    queries: tuple[QuerySum, ...]
    spots: tuple[SpotSum, ...]
    held: tuple[Held, ...]
    stacks: tuple[StackCount, ...]
    gauges: tuple[Gauge, ...]
    transactions: tuple[SeenTransaction, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    sources: dict[tuple[str, str], str]
    hooks: dict[str, str]
    notices: tuple[str, ...]
    polite: tuple[SampledRequest, ...] = ()
    columns: tuple[ColumnSum, ...] = ()
