"""The metrics of a run under k6's names: what summaries show and thresholds judge. Trends are in milliseconds."""

from collections.abc import Collection, Iterable, Mapping
from typing import Literal, NamedTuple

from nineam.endpoints import judged
from nineam.histogram import Histogram
from nineam.model import EndpointStats, GaugeData, HistogramData, LoadStats, Metric

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
    "http_req_retried": Kind("counter", "default"),
    "http_req_sending": Kind("trend", "time"),
    "http_req_tls_handshaking": Kind("trend", "time"),
    "http_req_waiting": Kind("trend", "time"),
    "http_reqs": Kind("counter", "default"),
    "iteration_duration": Kind("trend", "time"),
    "iterations": Kind("counter", "default"),
    "vus": Kind("gauge", "default"),
    "vus_max": Kind("gauge", "default"),
    "ws_connecting": Kind("trend", "time"),
    "ws_msgs_received": Kind("counter", "default"),
    "ws_msgs_sent": Kind("counter", "default"),
    "ws_ping": Kind("trend", "time"),
    "ws_session_duration": Kind("trend", "time"),
    "ws_sessions": Kind("counter", "default"),
}
CUSTOM = Kind("trend", "default")


def metrics(stats: LoadStats, seconds: float, vus: GaugeData) -> dict[str, Metric]:
    """Compute all metrics of what was counted in `seconds`, by name; `vus` is how many users were active.

    `http_req_duration` is from the intended start.
    """
    endpoints = judged(stats.endpoints)
    most = max(vus.max, 1.0 if stats.endpoints else 0.0)  # in short iterations hardly anybody is ever met
    failed = sum(endpoint.failed for endpoint in endpoints)
    found = {
        "http_reqs": _counter(sum(endpoint.requests for endpoint in stats.endpoints), seconds),
        "http_req_failed": rate(failed, sum(endpoint.requests for endpoint in endpoints) - failed),
        "http_req_duration": trend("http_req_duration", response_times(endpoints)),
        "http_req_retried": _counter(0, seconds),
        "iterations": _counter(stats.iterations, seconds),
        "dropped_iterations": _counter(stats.generator.dropped_iterations, seconds),
        "data_sent": _counter(stats.data_sent, seconds, "data"),
        "data_received": _counter(stats.data_received, seconds, "data"),
        "vus": _gauge(vus.value, vus.min, vus.max),
        "vus_max": _gauge(most, most, most),
    }
    if stats.checks:
        found["checks"] = rate(sum(check.passes for check in stats.checks), sum(check.fails for check in stats.checks))
    found.update({name: trend(name, Histogram.from_data(data)) for name, data in stats.timings.items()})
    found.update({name: _counter(count, seconds) for name, count in stats.counters.items()})
    found.update({name: _gauge(data.value, data.min, data.max) for name, data in stats.gauges.items()})
    found.update({name: rate(data.passes, data.fails) for name, data in stats.rates.items()})
    return dict(sorted(found.items()))


def response_times(endpoints: Iterable[EndpointStats]) -> Histogram:
    """Merge the response times of several endpoints, in microseconds."""
    total = Histogram()
    for endpoint in endpoints:
        total.merge(Histogram.from_data(endpoint.response))
    return total


def kind_of(name: str, own: Collection[str] = ()) -> Kind:
    """Say what sort of metric a name stands for; `own` may give the types of the journeys' own ones, else trends."""
    bare = name.partition("{")[0]
    if bare not in BUILT_IN and isinstance(own, Mapping):
        return Kind(own.get(bare, "trend"), "default")
    return BUILT_IN.get(bare, CUSTOM)


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
    return {"http_req_duration": response_times(judged(endpoints)), **found}


def _gauge(value: float, smallest: float, largest: float) -> Metric:
    return Metric(type="gauge", contains="default", values={"value": value, "min": smallest, "max": largest})


def _counter(count: float, seconds: float, contains: Contains = "default") -> Metric:
    values = {"count": count, "rate": count / seconds if seconds > 0 else 0.0}
    return Metric(type="counter", contains=contains, values=values)
