"""What the load process is told, and what it answers."""

from typing import Literal

from nineam.model.payload import Payload
from nineam.model.record import Record
from nineam.model.scenario import Executor, Scenario
from nineam.model.traffic import ClientShare, HttpOptions, Operation, Recording, RequestSpec

# --- what the load process is told -------------------------------------------------------------


class LoadPlan(Record, frozen=True, kw_only=True):
    """Everything a load process needs before its first phase; sent once.

    What is sent comes from exactly one source: `requests`, `journeys_file`, `recordings`, `operations`, `locustfile`
    or `tape_file`. `shard` of `shards` is this process's part of every schedule. With `payloads`, hostile clients send
    these, one beside each of their requests, instead of what they make up.
    """

    base_url: str
    requests: tuple[RequestSpec, ...] = ()
    journeys_file: str = ""
    recordings: tuple[Recording, ...] = ()
    operations: tuple[Operation, ...] = ()
    locustfile: str = ""
    tape_file: str = ""
    health_path: str = ""
    seed: int = 1
    timeout_s: float = 30.0
    mark_requests: bool = True
    http: HttpOptions = HttpOptions()
    clients: tuple[ClientShare, ...] = ()
    payloads: tuple[Payload, ...] = ()
    shard: int = 0
    shards: int = 1


class Phase(Record, frozen=True, kw_only=True):
    """One stretch of load: one scenario, or several `scenarios` side by side.

    The fields from `executor` on describe the one scenario of an ordinary phase; they mean nothing beside `scenarios`.
    """

    name: str
    duration_s: float
    executor: Executor = "constant-vus"
    vus: int = 1
    rate: float = 0.0
    think_s: float = 0.0
    max_vus: int = 2000
    graceful_stop_s: float = 2.0
    overtime_s: float = 0.0
    scenarios: tuple[Scenario, ...] = ()


class Command(Record, frozen=True, kw_only=True):
    """A line on the load process's standard input: a phase, or one of the others is set.

    `begin_ns` is the instant of `time.perf_counter_ns`, one clock for all processes, at which several of them begin the
    phase together; 0 for at once. `end_phase` ends the running phase at once and leaves the process ready for the next.
    """

    phase: Phase | None = None
    begin_ns: int = 0
    end_phase: bool = False
    stop: bool = False


# --- what the load process answers -------------------------------------------------------------


class HistogramData(Record, frozen=True, kw_only=True):
    """A `nineam.histogram.Histogram` at rest: sparse bucket counts of microseconds, or of thousandths."""

    counts: dict[int, int] = {}
    count: int = 0
    total: float = 0.0
    min: float = 0.0
    max: float = 0.0


class EndpointStats(Record, frozen=True, kw_only=True):
    """What one endpoint answered. `response` counts from the intended start, `service` from the send.

    `received` are the bytes of its answers, heads included, as they came; `packed` counts those that came compressed.
    """

    name: str
    requests: int = 0
    failed: int = 0
    received: int = 0
    packed: int = 0
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
    """The generator's own health over an interval: how late it sent, what it burnt, how near its limits it was.

    `cpu_s` is that of all load processes, `busiest_cpu_s` that of the busiest one; `files` and `ports` are the
    shares (0 to 1) of the open files and of the local ports that were in use at most. `waiting_ports` is the part of
    `ports` that ended connections of the whole system held, whosever they were. `in_flight` requests had no answer yet
    when the interval ended.
    """

    requests: int = 0
    slip: HistogramData = HistogramData()
    cpu_s: float = 0.0
    busiest_cpu_s: float = 0.0
    files: float = 0.0
    ports: float = 0.0
    waiting_ports: float = 0.0
    wall_s: float = 0.0
    loop_lag_ms: float = 0.0
    dropped_iterations: int = 0
    in_flight: int = 0


class JourneyProblem(Record, frozen=True, kw_only=True):
    """A bug in a user's journey: one message, its place, how many iterations it ended."""

    message: str
    where: str
    count: int = 1


class GaugeData(Record, frozen=True, kw_only=True):
    """A value that is not added up: the last one, the smallest and the largest."""

    value: float = 0.0
    min: float = 0.0
    max: float = 0.0


class RateData(Record, frozen=True, kw_only=True):
    """How often something was so, and how often it was not."""

    passes: int = 0
    fails: int = 0


class LoadStats(Record, frozen=True, kw_only=True):
    """Everything counted in an interval; two of them merge by adding (`nineam.merging.merge`).

    `timings` are all trends, `counters`, `gauges` and `rates` the metrics of the other kinds that are not counted
    elsewhere: WebSocket messages, and what journeys count themselves. A name may carry one tag: `NAME{key:value}`.
    `named` are endpoints that have a name of the user's choice, with what they would be called without it.
    """

    endpoints: tuple[EndpointStats, ...] = ()
    named: dict[str, str] = {}
    health: EndpointStats | None = None
    checks: tuple[CheckResult, ...] = ()
    timings: dict[str, HistogramData] = {}
    counters: dict[str, float] = {}
    gauges: dict[str, GaugeData] = {}
    rates: dict[str, RateData] = {}
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
