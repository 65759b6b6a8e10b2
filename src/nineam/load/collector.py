"""Counting while the load runs.

On the way of a request the `Collector` appends a few integers to lists; every `BATCH` requests, and when asked,
it folds them into histograms.
"""

from collections import Counter

from nineam.endpoints import OTHER, one_of_many, shortened
from nineam.histogram import Histogram
from nineam.load.response import Response
from nineam.load.tally import Tally
from nineam.model import CheckResult, EndpointStats, GeneratorStats, HistogramData, JourneyProblem, LoadStats

BATCH = 512
DISTINCT_PROBLEMS = 50
OTHER_PROBLEMS = "other problems"
DISTINCT_ERRORS = 50
OTHER_ERRORS = "other errors"
MOST_NAMES = 1000


class EndpointCounter:
    """What one endpoint answered since the last `take`; the lists hold what is not folded yet."""

    __slots__ = (
        "codes", "errors", "failed", "name", "packed", "received", "response", "responses", "service", "services",
        "statuses",
    )  # fmt: skip

    def __init__(self, name: str) -> None:
        self.name = name
        self.failed = self.received = self.packed = 0
        self.statuses: Counter[int] = Counter()
        self.errors: Counter[str] = Counter()
        self.response = Histogram()
        self.service = Histogram()
        self.codes: list[int] = []
        self.responses: list[int] = []
        self.services: list[int] = []

    def count(self, response: Response) -> None:
        """Count a request that has ended, however it ended."""
        end, status = response.end_ns, response.status
        self.codes.append(status)
        self.received += response.bytes_received
        self.packed += response.mentions()[1]
        self.responses.append((end - response.intended_ns) // 1000)
        self.services.append((end - (response.sent_ns or response.issued_ns)) // 1000)
        if not 200 <= status < 400 or response.expect is not None:
            self.failed += response.failed
            if response.error:
                known = response.error in self.errors or len(self.errors) < DISTINCT_ERRORS
                self.errors[response.error if known else OTHER_ERRORS] += 1

    def fold(self) -> None:
        """Move what was appended into the histograms."""
        self.response.record_many(self.responses)
        self.service.record_many(self.services)
        self.statuses.update(self.codes)
        for part in (self.responses, self.services, self.codes):
            part.clear()

    def take(self) -> EndpointStats:
        """Give what was counted since the last call."""
        self.fold()
        statuses = {str(status): count for status, count in sorted(self.statuses.items()) if status}
        stats = EndpointStats(
            name=self.name,
            requests=self.response.count,
            failed=self.failed,
            received=self.received,
            packed=self.packed,
            statuses=statuses,
            errors=dict(self.errors),
            response=self.response.to_data(),
            service=self.service.to_data(),
        )
        self.failed = self.received = self.packed = 0
        for part in (self.statuses, self.errors, self.response, self.service):
            part.clear()
        return stats


class Timings:
    """How requests spent their time, and their bytes, over all endpoints since the last `take`.

    The lists hold microseconds that are not folded yet.
    """

    __slots__ = (
        "blocked",
        "connecting",
        "data_received",
        "data_sent",
        "histograms",
        "receiving",
        "requests",
        "sending",
        "tls_handshaking",
        "waiting",
    )

    def __init__(self) -> None:
        self.requests = self.data_sent = self.data_received = 0
        self.sending: list[int] = []
        self.waiting: list[int] = []
        self.receiving: list[int] = []
        self.blocked: list[int] = []
        self.connecting: list[int] = []
        self.tls_handshaking: list[int] = []
        self.histograms: dict[str, Histogram] = {}

    def count(self, response: Response) -> int:
        """Count a request that has ended; returns how many are not folded yet."""
        end, sending = response.end_ns, response.sending_ns
        first = response.first_ns or end
        self.sending.append(sending // 1000)
        self.waiting.append((first - (response.sent_ns or end) - sending) // 1000)
        if first != end:  # phases that took no time are filled up when folding
            self.receiving.append((end - first) // 1000)
        if response.blocked_ns:
            self.blocked.append(response.blocked_ns // 1000)
            self.connecting.append(response.connecting_ns // 1000)
            self.tls_handshaking.append(response.tls_ns // 1000)
        self.data_sent += response.bytes_sent
        self.data_received += response.bytes_received
        return len(self.sending)

    def fold(self) -> None:
        """Move what was appended into the histograms."""
        requests = len(self.sending)
        if not requests:
            return
        self.requests += requests
        for name in ("sending", "waiting", "receiving", "blocked", "connecting", "tls_handshaking"):
            values = getattr(self, name)
            histogram = self.histograms.setdefault(f"http_req_{name}", Histogram())
            histogram.record_many(values)
            histogram.record_zeros(requests - len(values))
            values.clear()


class Collector:
    """Counts everything a load process does; `take` gives it as `LoadStats` and starts again."""

    def __init__(self) -> None:
        self._endpoints: dict[str, EndpointCounter] = {}
        self._names: dict[str, set[str]] = {"endpoints": set(), "checks": set()}
        self._health: EndpointCounter | None = None
        self._times = Timings()
        self._checks: dict[str, list[int]] = {}
        self._problems: Counter[tuple[str, str]] = Counter()
        self._slips: list[int] = []
        self._durations: list[int] = []
        self._slip = Histogram()
        self._duration = Histogram()
        self._own = Tally(lambda message: self.problem(message, ""))
        self.trend = self._own.trend
        self.durations = self._own.durations
        self.rates = self._own.rates
        self.tagged = self._own.tagged
        self.counter = self._own.counter
        self.gauge = self._own.gauge
        self.rate = self._own.rate
        self.dropped_iterations = 0
        self.started = self._slips.append
        self.finished = self._durations.append

    # --- while the load runs ---
    # `started(slip)`: an iteration began so many us after its intended instant, the generator's own lateness.
    # `finished(duration)`: an iteration ended by itself after so many us.
    # `trend`, `counter`, `gauge`, `rate`: metrics by name, `tagged`: requests by tag; they are `Tally`'s.

    def record(self, response: Response) -> None:
        """Count a request that has ended, however it ended."""
        name = response.outgoing.name
        endpoint = self._endpoints.get(name)
        if endpoint is None:
            endpoint = self._endpoint(name)
        endpoint.count(response)
        if self._times.count(response) >= BATCH:
            self._fold()

    def record_apart(self, response: Response, name: str) -> None:
        """Count a request under a name and nowhere else: an application is not judged by how long it took."""
        (self._endpoints.get(name) or self._endpoint(name)).count(response)
        self._times.requests += 1
        self._times.data_sent += response.bytes_sent
        self._times.data_received += response.bytes_received

    def record_health(self, response: Response) -> None:
        """Count a health probe, apart from all endpoints."""
        if self._health is None:
            self._health = EndpointCounter(response.outgoing.name)
        self._health.count(response)

    def check(self, name: str, ok: bool) -> None:
        """Count a check."""
        counts = self._checks.get(name)
        if counts is None:
            counts = self._checks.setdefault(self._admitted("checks", name, OTHER), [0, 0])
        counts[0 if ok else 1] += 1

    def traffic(self, sent: int, received: int) -> None:
        """Count bytes that no request of its own accounts for."""
        self._times.data_sent += sent
        self._times.data_received += received

    def problem(self, message: str, where: str) -> None:
        """Count a bug in a journey; after many distinct ones the rest are counted together."""
        key = (message, where)
        if key not in self._problems and len(self._problems) >= DISTINCT_PROBLEMS:
            key = (OTHER_PROBLEMS, "")
        self._problems[key] += 1

    # --- twice a second ---

    def take(self, *, cpu_s: float = 0.0, wall_s: float = 0.0, loop_lag_ms: float = 0.0) -> LoadStats:
        """Everything since the last call; the arguments are the generator's own measurements of the interval."""
        self._fold()
        stats = LoadStats(
            endpoints=tuple(endpoint.take() for endpoint in self._endpoints.values()),
            health=self._health.take() if self._health else None,
            checks=tuple(CheckResult(name=name, passes=ok, fails=bad) for name, (ok, bad) in self._checks.items()),
            timings=self._timings(),
            **self._own.others(),
            iterations=self._duration.count,
            data_sent=self._times.data_sent,
            data_received=self._times.data_received,
            generator=GeneratorStats(
                requests=self._times.requests,
                slip=self._slip.to_data(),
                cpu_s=cpu_s,
                busiest_cpu_s=cpu_s,
                wall_s=wall_s,
                loop_lag_ms=loop_lag_ms,
                dropped_iterations=self.dropped_iterations,
            ),
            problems=tuple(JourneyProblem(message=m, where=w, count=n) for (m, w), n in self._problems.items()),
        )
        self._forget()
        return stats

    def _endpoint(self, name: str) -> EndpointCounter:
        """Begin to count an endpoint in this interval."""
        known = self._admitted("endpoints", name, one_of_many(name))
        if known not in self._endpoints:
            self._endpoints[known] = EndpointCounter(known)
        return self._endpoints[known]

    def _admitted(self, kind: str, name: str, other: str) -> str:
        """Give the name to count under: once there are too many, those that come new are one."""
        names, name = self._names[kind], shortened(name)
        if name in names:
            return name
        if len(names) < MOST_NAMES:
            names.add(name)
            return name
        if len(names) == MOST_NAMES:
            names.add(OTHER)
            self.problem(f"more than {MOST_NAMES} {kind}: the rest count as {OTHER}; give requests a name=", "")
        return other

    def _fold(self) -> None:
        self._times.fold()
        self._slip.record_many(self._slips)
        self._duration.record_many(self._durations)
        self._slips.clear()
        self._durations.clear()
        for endpoint in self._endpoints.values():
            if endpoint.codes:
                endpoint.fold()

    def _timings(self) -> dict[str, HistogramData]:
        found = {name: histogram.to_data() for name, histogram in self._times.histograms.items()}
        if self._duration.count:
            found["iteration_duration"] = self._duration.to_data()
        found.update(self._own.trends())
        return found

    def _forget(self) -> None:
        self._times = Timings()
        for part in (self._endpoints, self._checks, self._problems, self._own, self._slip, self._duration):
            part.clear()
        self.dropped_iterations = 0
