"""`environment.stats`: running totals of this process, for listeners that decide on them."""

from typing import Any

from nineam.histogram import Histogram
from nineam.load.locust.exceptions import NotOfferedError


class Entry:
    """Totals of one name, or of all; times are milliseconds."""

    def __init__(self, name: str, method: str) -> None:
        self.name = name
        self.method = method
        self.num_requests = 0
        self.num_failures = 0
        self.total_content_length = 0
        self._times = Histogram()

    def log(self, milliseconds: float, failed: bool, length: int) -> None:
        """Count a request."""
        self.num_requests += 1
        self.num_failures += failed
        self.total_content_length += length
        self._times.record(milliseconds * 1000)

    @property
    def fail_ratio(self) -> float:
        """The share of failed requests."""
        return self.num_failures / self.num_requests if self.num_requests else 0.0

    @property
    def avg_response_time(self) -> float:
        """The mean."""
        return self._times.mean() / 1000

    @property
    def median_response_time(self) -> float:
        """The median."""
        return self.get_response_time_percentile(0.5)

    @property
    def min_response_time(self) -> float:
        """The shortest."""
        return self._times.min / 1000 if self.num_requests else 0.0

    @property
    def max_response_time(self) -> float:
        """The longest."""
        return self._times.max / 1000

    def get_response_time_percentile(self, percent: float) -> float:
        """Give a percentile; `percent` is between 0 and 1."""
        return self._times.percentile(percent * 100) / 1000

    get_current_response_time_percentile = get_response_time_percentile

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotOfferedError(f"environment.stats.total.{name}")


class Stats:
    """Totals by name and method, since the start of the process; filled only for files that ask for them."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], Entry] = {}
        self.total = Entry("Aggregated", "")
        self.errors: dict[str, Any] = {}

    @property
    def num_requests(self) -> int:
        """How many requests there were."""
        return self.total.num_requests

    @property
    def num_failures(self) -> int:
        """How many of them failed."""
        return self.total.num_failures

    def get(self, name: str, method: str) -> Entry:
        """Give the totals of one name."""
        return self.entries.setdefault((name, method), Entry(name, method))

    def log(self, request_type: str, name: str, response_time: float, exception: Any, **told: Any) -> None:
        """Count a request: a listener of `events.request`."""
        for entry in (self.total, self.get(name, request_type)):
            entry.log(float(response_time or 0), bool(exception), int(told.get("response_length") or 0))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotOfferedError(f"environment.stats.{name}")
