"""Rows of Locust's tables: sums of answers and what they come to, in milliseconds."""

from nineam.endpoints import method_and_path
from nineam.histogram import Histogram
from nineam.model import EndpointStats, LoadStats
from nineam.visible import visible

AGGREGATED = "Aggregated"
NOT_KNOWN = "N/A"
PERCENTILES = {
    "50%": 50.0,
    "66%": 66.0,
    "75%": 75.0,
    "80%": 80.0,
    "90%": 90.0,
    "95%": 95.0,
    "98%": 98.0,
    "99%": 99.0,
    "99.9%": 99.9,
    "99.99%": 99.99,
    "100%": 100.0,
}
Cell = str | int | float


class Sums:
    """Answers added up: of one endpoint, or of all together."""

    def __init__(self, endpoint: str) -> None:
        self.method, self.name = ("", AGGREGATED) if endpoint == AGGREGATED else method_and_path(visible(endpoint))
        self.requests = self.failed = self.received = 0
        self.times = Histogram()

    def add(self, stats: EndpointStats) -> None:
        """Add what an endpoint answered."""
        self.requests += stats.requests
        self.failed += stats.failed
        self.times.merge(Histogram.from_data(stats.response))

    def counts(self) -> list[Cell]:
        """Return the columns from the request count to the largest response time."""
        smallest = self.times.min if self.times.count else 0.0
        times = (self.times.percentile(50), self.times.mean(), smallest, self.times.max)
        return [self.requests, self.failed, *(_milliseconds(value) for value in times)]

    def size(self) -> Cell:
        """Return what came over the wire per answer, where it was counted."""
        return round(self.received / self.requests, 1) if self.received and self.requests else NOT_KNOWN


class Table:
    """The sums of every endpoint by name, and of all of them."""

    def __init__(self) -> None:
        self.endpoints: dict[str, Sums] = {}
        self.total = Sums(AGGREGATED)

    def add(self, stats: LoadStats) -> None:
        """Add an interval."""
        for endpoint in stats.endpoints:
            self.endpoints.setdefault(endpoint.name, Sums(endpoint.name)).add(endpoint)
            self.total.add(endpoint)
        self.total.received += stats.data_received

    def rows(self) -> list[Sums]:
        """Return the endpoints by name and then method, and last of all the total."""
        return [*sorted(self.endpoints.values(), key=lambda sums: (sums.name, sums.method)), self.total]


def percentiles(times: Histogram) -> list[Cell]:
    """Return the percentile columns; N/A without an answer."""
    if not times.count:
        return [NOT_KNOWN] * len(PERCENTILES)
    return [_milliseconds(times.percentile(percent)) for percent in PERCENTILES.values()]


def rate(count: int, seconds: float) -> str:
    """Return so many a second, as Locust writes it."""
    return f"{count / seconds if seconds > 0 else 0.0:.6f}"


def _milliseconds(microseconds: float) -> float:
    return round(microseconds / 1000, 3)
