"""Metrics that are counted by name: the journeys' own, those of WebSockets, and what carries a tag.

A name with one tag is a metric of its own, `NAME{key:value}`, beside the one without.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from nineam.histogram import Histogram
from nineam.load.metrics import BUILT_IN
from nineam.model import GaugeData, HistogramData, RateData

MOST_VALUES = 100
OTHER = "other"
LONGEST_VALUE = 100
MOST_NAMES = 1000

Tags = Mapping[str, object]


class Tally:
    """Counts by name until `clear`; `say` is told once about a tag with too many values."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._values: dict[str, set[str]] = {}
        self._admitted: set[str] = set()
        self._full = False
        self._trends: dict[str, Histogram] = {}
        self.counters: dict[str, float] = {}
        self._gauges: dict[str, list[float]] = {}
        self._rates: dict[str, list[int]] = {}

    def trend(self, name: str, value: float, tags: Tags | None = None) -> None:
        """Add a value to a trend; durations are milliseconds, stored with a resolution of a thousandth."""
        for each in self._names(name, tags):
            histogram = self._trends.get(each)
            if histogram is None:
                histogram = self._trends[each] = Histogram()
            histogram.record_signed(value * 1000)

    def durations(self, name: str, microseconds: Sequence[int]) -> None:
        """Add many durations to a trend at once, in whole microseconds."""
        self._trends.setdefault(name, Histogram()).record_many(microseconds)

    def tagged(self, milliseconds: float, failed: bool, tags: Iterable[tuple[str, object]]) -> None:
        """Count a request under its tags alone: all requests together are counted elsewhere."""
        for key, value in tags:
            label = f"{{{key}:{self._known(key, str(value)[:LONGEST_VALUE])}}}"
            self.trend(f"http_req_duration{label}", milliseconds)
            self.rate(f"http_req_failed{label}", failed)

    def counter(self, name: str, add: float = 1, tags: Tags | None = None) -> None:
        """Add to a counter."""
        for each in self._names(name, tags):
            self.counters[each] = self.counters.get(each, 0) + add

    def gauge(self, name: str, value: float, tags: Tags | None = None) -> None:
        """Say what a gauge stands at."""
        for each in self._names(name, tags):
            known = self._gauges.get(each)
            self._gauges[each] = [value, min(value, known[1]), max(value, known[2])] if known else [value] * 3

    def rate(self, name: str, ok: bool, tags: Tags | None = None) -> None:
        """Count one time that something was so, or was not."""
        for each in self._names(name, tags):
            counts = self._rates.setdefault(each, [0, 0])
            counts[0 if ok else 1] += 1

    def rates(self, name: str, passes: int, fails: int) -> None:
        """Count many times at once that something was so, or was not."""
        counts = self._rates.setdefault(name, [0, 0])
        counts[0] += passes
        counts[1] += fails

    def trends(self) -> dict[str, HistogramData]:
        """Give all trends."""
        return {name: histogram.to_data() for name, histogram in self._trends.items()}

    def others(self) -> dict[str, Any]:
        """Give the counters, gauges and rates, as the fields of `LoadStats`."""
        return {
            "counters": dict(self.counters),
            "gauges": {name: GaugeData(value=v, min=low, max=high) for name, (v, low, high) in self._gauges.items()},
            "rates": {name: RateData(passes=passes, fails=fails) for name, (passes, fails) in self._rates.items()},
        }

    def clear(self) -> None:
        """Begin again; how many values a tag has had is not forgotten."""
        for part in (self._trends, self.counters, self._gauges, self._rates):
            part.clear()

    def _names(self, name: str, tags: Tags | None) -> Iterator[str]:
        if name in self._admitted or self._admit(name):
            yield name
        for key, value in tags.items() if tags else ():
            tagged = f"{name}{{{key}:{self._known(key, str(value)[:LONGEST_VALUE])}}}"
            if tagged in self._admitted or self._admit(tagged):
                yield tagged

    def _admit(self, name: str) -> bool:
        """Take a name in, unless there are too many; different metrics cannot be added up, so the rest is lost."""
        if len(self._admitted) < MOST_NAMES or name in BUILT_IN:
            self._admitted.add(name)
            return True
        if not self._full:
            self._full = True
            self._say(f"more than {MOST_NAMES} metrics and tags of metrics: the rest are not counted")
        return False

    def _known(self, key: str, value: str) -> str:
        if key not in self._values and len(self._values) >= MOST_VALUES:
            return OTHER
        values = self._values.setdefault(key, set())
        if value in values:
            return value
        if len(values) < MOST_VALUES:
            values.add(value)
            return value
        if len(values) == MOST_VALUES:
            values.add(OTHER)
            self._say(f"tag '{key}' has more than {MOST_VALUES} values: the rest count as {key}:{OTHER}")
        return OTHER
