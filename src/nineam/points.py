"""A tick as single numbers under k6's names.

Single requests are not kept, so what k6 calls a trend is here several gauges: `http_req_duration_p95` is the
percentile within the tick. Counters add up over ticks; gauges never do.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from nineam.endpoints import method_and_path
from nineam.histogram import Histogram
from nineam.model import EndpointStats, HistogramData, LoadStats, Tick

Contains = Literal["default", "time", "data"]
PERCENTILES = (90.0, 95.0, 99.0)
COUNTED_ELSEWHERE = ("http_req_", "iteration_duration")
"""How trends begin that `http_reqs` and `iterations` count already."""
TIMES = (*COUNTED_ELSEWHERE, "group_duration", "ws_connecting", "ws_ping", "ws_session_duration")
"""How trends begin that are milliseconds; the others are a journey's own, of any unit."""


class Point(NamedTuple):
    """One number. Times are milliseconds, sizes bytes."""

    metric: str
    type: Literal["counter", "gauge"]
    contains: Contains
    value: float
    tags: Mapping[str, str]


def points(tick: Tick) -> Iterator[Point]:
    """Yield the numbers of a tick."""
    stats = tick.stats
    yield Point("vus", "gauge", "default", tick.vus, {})
    yield Point("iterations", "counter", "default", stats.iterations, {})
    yield Point("dropped_iterations", "counter", "default", stats.generator.dropped_iterations, {})
    yield Point("data_sent", "counter", "data", stats.data_sent, {})
    yield Point("data_received", "counter", "data", stats.data_received, {})
    for endpoint in stats.endpoints:
        yield from _endpoint(endpoint)
    for name, data in stats.timings.items():
        yield from _timing(name, data)
    yield from _checks(stats)
    yield from _others(stats)


def _endpoint(endpoint: EndpointStats) -> Iterator[Point]:
    method, path = method_and_path(endpoint.name)
    tags = {"method": method, "name": path}
    # requests without an answer have no status; k6 writes 0
    without = endpoint.requests - sum(endpoint.statuses.values())
    for status, count in (endpoint.statuses | ({"0": without} if without > 0 else {})).items():
        yield Point("http_reqs", "counter", "default", count, tags | {"status": status})
    yield Point("http_reqs_failed", "counter", "default", endpoint.failed, tags)
    yield Point("http_req_failed_rate", "gauge", "default", endpoint.failed / max(1, endpoint.requests), tags)
    yield from _trend("http_req_duration", "time", endpoint.response, tags)


def _timing(name: str, data: HistogramData) -> Iterator[Point]:
    base, tags = _split(name)
    yield from _trend(base, "time" if base.startswith(TIMES) else "default", data, tags)
    if not base.startswith(COUNTED_ELSEWHERE):
        yield Point(f"{base}_count", "counter", "default", data.count, tags)


def _split(name: str) -> tuple[str, dict[str, str]]:
    """Split `NAME{key:value}` into the name and its tag."""
    base, _, braced = name.partition("{")
    tag, _, value = braced.removesuffix("}").partition(":")
    return base, {tag: value} if tag else {}


def _trend(name: str, contains: Contains, data: HistogramData, tags: Mapping[str, str]) -> Iterator[Point]:
    if not data.count:
        return
    histogram = Histogram.from_data(data)
    values = {"avg": histogram.mean(), "min": histogram.min, "med": histogram.percentile(50), "max": histogram.max}
    values |= {f"p{percent:g}": histogram.percentile(percent) for percent in PERCENTILES}
    for stat, value in values.items():
        yield Point(f"{name}_{stat}", "gauge", contains, value / 1000, tags)


def _checks(stats: LoadStats) -> Iterator[Point]:
    for check in stats.checks:
        tags = {"check": check.name}
        total = max(1, check.passes + check.fails)
        yield Point("checks_rate", "gauge", "default", check.passes / total, tags)
        yield Point("checks_passes", "counter", "default", check.passes, tags)
        yield Point("checks_fails", "counter", "default", check.fails, tags)


def _others(stats: LoadStats) -> Iterator[Point]:
    for name, count in stats.counters.items():
        yield Point(_split(name)[0], "counter", "default", count, _split(name)[1])
    for name, gauge in stats.gauges.items():
        yield Point(_split(name)[0], "gauge", "default", gauge.value, _split(name)[1])
    for name, rate in stats.rates.items():
        base, tags = _split(name)
        yield Point(f"{base}_rate", "gauge", "default", rate.passes / max(1, rate.passes + rate.fails), tags)
        yield Point(f"{base}_passes", "counter", "default", rate.passes, tags)
        yield Point(f"{base}_fails", "counter", "default", rate.fails, tags)
