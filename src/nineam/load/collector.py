"""Counting while the load runs.

On the way of a request the `Collector` appends a few integers to lists; every `BATCH` requests, and when asked,
it folds them into histograms.
"""

from collections import Counter

from nineam.histogram import Histogram
from nineam.load.response import Response
from nineam.model import CheckResult, EndpointStats, GeneratorStats, HistogramData, JourneyProblem, LoadStats

BATCH = 512
DISTINCT_PROBLEMS = 50
OTHER_PROBLEMS = "other problems"


class EndpointCounter:
    """What one endpoint answered since the last `take`; the lists hold what is not folded yet."""

    __slots__ = ("codes", "errors", "failed", "name", "response", "responses", "service", "services", "statuses")

    def __init__(self, name: str) -> None:
        self.name = name
        self.failed = 0
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
        self.responses.append((end - response.intended_ns) // 1000)
        self.services.append((end - (response.sent_ns or response.issued_ns)) // 1000)
        if not 200 <= status < 400 or response.expect is not None:
            self.failed += response.failed
            if response.error:
                self.errors[response.error] += 1

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
            statuses=statuses,
            errors=dict(self.errors),
            response=self.response.to_data(),
            service=self.service.to_data(),
        )
        self.failed = 0
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
        "waiting",
    )

    def __init__(self) -> None:
        self.requests = self.data_sent = self.data_received = 0
        self.sending: list[int] = []
        self.waiting: list[int] = []
        self.receiving: list[int] = []
        self.blocked: list[int] = []
        self.connecting: list[int] = []
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
        self.data_sent += response.bytes_sent
        self.data_received += response.bytes_received
        return len(self.sending)

    def fold(self) -> None:
        """Move what was appended into the histograms."""
        requests = len(self.sending)
        if not requests:
            return
        self.requests += requests
        for name in ("sending", "waiting", "receiving", "blocked", "connecting"):
            values = getattr(self, name)
            histogram = self.histograms.setdefault(f"http_req_{name}", Histogram())
            histogram.record_many(values if min(values, default=0) >= 0 else [max(0, value) for value in values])
            histogram.record_zeros(requests - len(values))
            values.clear()


class Collector:
    """Counts everything a load process does; `take` gives it as `LoadStats` and starts again."""

    def __init__(self) -> None:
        self._endpoints: dict[str, EndpointCounter] = {}
        self._health: EndpointCounter | None = None
        self._times = Timings()
        self._checks: dict[str, list[int]] = {}
        self._problems: Counter[tuple[str, str]] = Counter()
        self._trends: dict[str, Histogram] = {}
        self._slips: list[int] = []
        self._durations: list[int] = []
        self._slip = Histogram()
        self._duration = Histogram()
        self.dropped_iterations = 0
        self.started = self._slips.append
        self.finished = self._durations.append

    # --- while the load runs ---
    # `started(slip)`: an iteration began so many us after its intended instant, the generator's own lateness.
    # `finished(duration)`: an iteration ended by itself after so many us.

    def record(self, response: Response) -> None:
        """Count a request that has ended, however it ended."""
        name = response.outgoing.name
        endpoint = self._endpoints.get(name)
        if endpoint is None:
            endpoint = self._endpoints[name] = EndpointCounter(name)
        endpoint.count(response)
        if self._times.count(response) >= BATCH:
            self._fold()

    def record_health(self, response: Response) -> None:
        """Count a health probe, apart from all endpoints."""
        if self._health is None:
            self._health = EndpointCounter(response.outgoing.name)
        self._health.count(response)

    def check(self, name: str, ok: bool) -> None:
        """Count a check."""
        counts = self._checks.get(name)
        if counts is None:
            counts = self._checks[name] = [0, 0]
        counts[0 if ok else 1] += 1

    def trend(self, name: str, value: float) -> None:
        """Add a value to a trend; durations are milliseconds, stored with a resolution of a thousandth."""
        histogram = self._trends.get(name)
        if histogram is None:
            histogram = self._trends[name] = Histogram()
        histogram.record(value * 1000)

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
            endpoints=tuple(endpoint.take() for endpoint in self._endpoints.values() if endpoint.response.count),
            health=self._health.take() if self._health else None,
            checks=tuple(CheckResult(name=name, passes=ok, fails=bad) for name, (ok, bad) in self._checks.items()),
            timings=self._timings(),
            iterations=self._duration.count,
            data_sent=self._times.data_sent,
            data_received=self._times.data_received,
            generator=GeneratorStats(
                requests=self._times.requests,
                slip=self._slip.to_data(),
                cpu_s=cpu_s,
                wall_s=wall_s,
                loop_lag_ms=loop_lag_ms,
                dropped_iterations=self.dropped_iterations,
            ),
            problems=tuple(JourneyProblem(message=m, where=w, count=n) for (m, w), n in self._problems.items()),
        )
        self._forget()
        return stats

    def _fold(self) -> None:
        self._times.fold()
        self._slip.record_many(self._slips)
        self._duration.record_many(self._durations)
        self._slips.clear()
        self._durations.clear()
        for endpoint in self._endpoints.values():
            endpoint.fold()

    def _timings(self) -> dict[str, HistogramData]:
        found = {name: histogram.to_data() for name, histogram in self._times.histograms.items()}
        if self._duration.count:
            found["iteration_duration"] = self._duration.to_data()
        found.update({name: histogram.to_data() for name, histogram in self._trends.items()})
        return found

    def _forget(self) -> None:
        self._times = Timings()
        for part in (self._checks, self._problems, self._trends, self._slip, self._duration):
            part.clear()
        self.dropped_iterations = 0
