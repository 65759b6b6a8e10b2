"""The metrics of a run under k6's names: what summaries show and thresholds judge. Trends are in milliseconds."""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from nineam.histogram import Histogram
from nineam.model import EndpointStats, HistogramData, LoadStats, Metric

Contains = Literal["default", "time", "data"]
Type = Literal["counter", "gauge", "rate", "trend"]

MILLISECOND = 1000.0
PERCENTILES = (90.0, 95.0, 99.0)


class Kind(NamedTuple):
    """What sort of metric a name stands for."""

    type: Type
    contains: Contains


BUILT_IN: dict[str, Kind] = {
    "checks": Kind("rate", "default"),
    "data_received": Kind("counter", "data"),
    "data_sent": Kind("counter", "data"),
    "dropped_iterations": Kind("counter", "default"),
    "group_duration": Kind("trend", "time"),
    "http_req_blocked": Kind("trend", "time"),
    "http_req_connecting": Kind("trend", "time"),
    "http_req_duration": Kind("trend", "time"),
    "http_req_failed": Kind("rate", "default"),
    "http_req_receiving": Kind("trend", "time"),
    "http_req_sending": Kind("trend", "time"),
    "http_req_waiting": Kind("trend", "time"),
    "http_reqs": Kind("counter", "default"),
    "iteration_duration": Kind("trend", "time"),
    "iterations": Kind("counter", "default"),
    "vus": Kind("gauge", "default"),
    "vus_max": Kind("gauge", "default"),
}
CUSTOM = Kind("trend", "default")


def metrics(stats: LoadStats, seconds: float, vus: int, vus_max: int) -> dict[str, Metric]:
    """Compute all metrics of what was counted in `seconds`, by name; `http_req_duration` is from the intended start."""
    requests = sum(endpoint.requests for endpoint in stats.endpoints)
    failed = sum(endpoint.failed for endpoint in stats.endpoints)
    found = {
        "http_reqs": _counter(requests, seconds),
        "http_req_failed": rate(failed, requests - failed),
        "http_req_duration": trend("http_req_duration", response_times(stats.endpoints)),
        "iterations": _counter(stats.iterations, seconds),
        "dropped_iterations": _counter(stats.generator.dropped_iterations, seconds),
        "data_sent": _counter(stats.data_sent, seconds, "data"),
        "data_received": _counter(stats.data_received, seconds, "data"),
        "vus": Metric(
            type="gauge", contains="default", values={"value": vus, "min": min(vus, vus_max), "max": vus_max}
        ),
        "vus_max": Metric(type="gauge", contains="default", values={"value": vus_max, "min": vus_max, "max": vus_max}),
    }
    if stats.checks:
        found["checks"] = rate(sum(check.passes for check in stats.checks), sum(check.fails for check in stats.checks))
    found.update({name: trend(name, Histogram.from_data(data)) for name, data in stats.timings.items()})
    return dict(sorted(found.items()))


def response_times(endpoints: Iterable[EndpointStats]) -> Histogram:
    """Merge the response times of several endpoints, in microseconds."""
    total = Histogram()
    for endpoint in endpoints:
        total.merge(Histogram.from_data(endpoint.response))
    return total


def kind_of(name: str) -> Kind:
    """Say what sort of metric a name stands for; a name that is not built in is a trend of the journey's own."""
    return BUILT_IN.get(name.partition("{")[0], CUSTOM)


def trend(name: str, histogram: Histogram) -> Metric:
    """Make a trend out of a histogram of microseconds."""
    values = {
        "avg": histogram.mean() / MILLISECOND,
        "min": (histogram.min if histogram.count else 0.0) / MILLISECOND,
        "med": histogram.percentile(50) / MILLISECOND,
        "max": histogram.max / MILLISECOND,
    }
    values.update({f"p({percent:g})": histogram.percentile(percent) / MILLISECOND for percent in PERCENTILES})
    return Metric(type="trend", contains=kind_of(name).contains, values=values)


def rate(passes: int, fails: int) -> Metric:
    """Make a rate; as in k6, `passes` are those that count towards it: of `http_req_failed`, the failed ones."""
    total = passes + fails
    values = {"rate": passes / total if total else 0.0, "passes": passes, "fails": fails}
    return Metric(type="rate", contains="default", values=values)


def histograms(timings: Mapping[str, HistogramData], endpoints: Iterable[EndpointStats]) -> dict[str, Histogram]:
    """Collect the histograms behind all trends, by metric name."""
    found = {name: Histogram.from_data(data) for name, data in timings.items()}
    return {"http_req_duration": response_times(endpoints), **found}


def _counter(count: int, seconds: float, contains: Contains = "default") -> Metric:
    values = {"count": count, "rate": count / seconds if seconds > 0 else 0.0}
    return Metric(type="counter", contains=contains, values=values)
