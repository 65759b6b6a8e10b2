"""Thresholds in k6's grammar: `METRIC AGGREGATION OPERATOR NUMBER`, several joined by commas.

`http_req_duration p(95)<500`, `http_req_failed rate<0.01`, `http_req_duration{name:GET /api/orders} p(99)<800`.
A part without a metric belongs to the metric before it, the first one to `http_req_duration`, so that an
objective is short: `p(95)<500`. Durations are milliseconds. One tag narrows a metric down: `{name:GET /cart}`,
`{scenario:browse}`, `{group:checkout}`, or one of the journeys' own.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

from nineam.histogram import Histogram
from nineam.load import metrics as measured
from nineam.load.threshold_grammar import DEFAULT_METRIC, OPERATORS, Scanner, Threshold
from nineam.model import EndpointStats, HistogramData, Metric, ThresholdResult

__all__ = ["Threshold", "evaluate", "parse", "parse_all"]


def parse(text: str, custom: Collection[str] = (), tags: Collection[str] = ()) -> Threshold:
    """Parse exactly one threshold; `custom` are the journeys' own metrics (with their kinds), `tags` their own tags.

    Raises `UsageError` with a caret under the spot.
    """
    scanner = Scanner(text, custom, tags)
    threshold = scanner.threshold(DEFAULT_METRIC, "", "")
    scanner.expect_end()
    return threshold


def parse_all(text: str, custom: Collection[str] = (), tags: Collection[str] = ()) -> tuple[Threshold, ...]:
    """Parse thresholds joined by commas. Raises `UsageError` with a caret under the spot."""
    scanner = Scanner(text, custom, tags)
    found = [scanner.threshold(DEFAULT_METRIC, "", "")]
    while scanner.take(","):
        found.append(scanner.threshold(found[-1].metric, found[-1].tag, found[-1].of))
    scanner.expect_end()
    return tuple(found)


def evaluate(
    threshold: Threshold,
    metrics: Mapping[str, Metric],
    endpoints: Iterable[EndpointStats],
    timings: Mapping[str, HistogramData] | None = None,
    alone: str = "",
    shown: Callable[[str], str] = str,
) -> ThresholdResult:
    """Judge a threshold; one that nothing was measured for does not hold, and its value is None.

    `timings` (of `LoadStats`) are needed for percentiles of trends other than `http_req_duration` that
    `metrics` does not list. `alone` names the scenario that everything belongs to when there is only one.
    `shown` gives what reports call an endpoint: a threshold may name it so.
    """
    asked = threshold
    if alone and (threshold.tag, threshold.of) == ("scenario", alone):
        asked = threshold._replace(tag="", of="")
    there = tuple(endpoints)
    if asked.tag == "name":
        there = tuple(each for each in there if asked.of in (each.name, shown(each.name)))
    value = _value(asked, metrics, there, timings or {})
    ok = value is not None and OPERATORS[threshold.comparison](value, threshold.limit)
    return ThresholdResult(metric=threshold.label, source=threshold.source, ok=ok, value=value)


def _value(
    threshold: Threshold,
    metrics: Mapping[str, Metric],
    endpoints: tuple[EndpointStats, ...],
    timings: Mapping[str, HistogramData],
) -> float | None:
    if threshold.tag == "name" and threshold.kind != "trend":
        return _of_endpoints(threshold, metrics, endpoints)
    name = threshold.metric if threshold.tag == "name" else threshold.label
    if threshold.kind == "trend":
        histogram = measured.histograms(timings, endpoints).get(name)
        if histogram is not None and histogram.count:
            return _of_trend(threshold, histogram)
        return _listed(threshold, metrics.get(name)) if threshold.metric != DEFAULT_METRIC else None
    if threshold.kind == "rate" and not _has_samples(metrics.get(name)):
        return None
    return _listed(threshold, metrics.get(name))


def _of_trend(threshold: Threshold, histogram: Histogram) -> float:
    if threshold.percent is not None:
        return histogram.percentile(threshold.percent) / measured.MILLISECOND
    return measured.trend(threshold.metric, histogram).values[threshold.aggregation]


def _of_endpoints(
    threshold: Threshold, metrics: Mapping[str, Metric], endpoints: tuple[EndpointStats, ...]
) -> float | None:
    requests = sum(endpoint.requests for endpoint in endpoints)
    if threshold.metric == "http_req_failed":
        return sum(endpoint.failed for endpoint in endpoints) / requests if requests else None
    if threshold.aggregation == "count":
        return float(requests)
    everything = metrics["http_reqs"].values
    return requests * everything["rate"] / everything["count"] if everything["count"] else None


def _listed(threshold: Threshold, metric: Metric | None) -> float | None:
    return None if metric is None else metric.values.get(threshold.aggregation)


def _has_samples(metric: Metric | None) -> bool:
    return metric is not None and metric.values.get("passes", 0) + metric.values.get("fails", 0) > 0
