"""Thresholds in k6's grammar: `METRIC AGGREGATION OPERATOR NUMBER`, several joined by commas.

`http_req_duration p(95)<500`, `http_req_failed rate<0.01`, `http_req_duration{name:GET /api/orders} p(99)<800`.
A part without a metric belongs to the metric before it, the first one to `http_req_duration`, so that an
objective is short: `p(95)<500`. Durations are milliseconds.
"""

import operator
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple, NoReturn

from nineam.errors import UsageError, nearest, pointer
from nineam.histogram import Histogram
from nineam.load import metrics as measured
from nineam.model import EndpointStats, HistogramData, Metric, ThresholdResult

DEFAULT_METRIC = "http_req_duration"
PER_ENDPOINT = ("http_req_duration", "http_req_failed", "http_reqs")
AGGREGATIONS: dict[str, tuple[str, ...]] = {
    "counter": ("count", "rate"),
    "gauge": ("value",),
    "rate": ("rate",),
    "trend": ("avg", "min", "med", "max", "p(N)"),
}
OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "===": operator.eq,
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
WORD = re.compile(r"[^\W\d]\w*")
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
AGGREGATION = re.compile(r"(\w*)\s*(?:\(|[<>=!])")
SPACE = re.compile(r"\s*")
EXAMPLE = "For example: http_req_duration p(95)<500"


class Threshold(NamedTuple):
    """One condition. `endpoint` is empty for all endpoints; `percent` is set for `p(N)` only."""

    metric: str
    endpoint: str
    aggregation: str
    percent: float | None
    comparison: str
    limit: float
    source: str

    @property
    def label(self) -> str:
        """The metric as it was written, with its endpoint."""
        return f"{self.metric}{{name:{self.endpoint}}}" if self.endpoint else self.metric


def parse(text: str, custom: Collection[str] = ()) -> Threshold:
    """Parse exactly one threshold; `custom` are the names of the journeys' own metrics.

    Raises `UsageError` with a caret under the spot.
    """
    scanner = _Scanner(text, custom)
    threshold = scanner.threshold(DEFAULT_METRIC, "")
    scanner.expect_end()
    return threshold


def parse_all(text: str, custom: Collection[str] = ()) -> tuple[Threshold, ...]:
    """Parse thresholds joined by commas. Raises `UsageError` with a caret under the spot."""
    scanner = _Scanner(text, custom)
    found = [scanner.threshold(DEFAULT_METRIC, "")]
    while scanner.take(","):
        found.append(scanner.threshold(found[-1].metric, found[-1].endpoint))
    scanner.expect_end()
    return tuple(found)


def evaluate(
    threshold: Threshold,
    metrics: Mapping[str, Metric],
    endpoints: Iterable[EndpointStats],
    timings: Mapping[str, HistogramData] | None = None,
) -> ThresholdResult:
    """Judge a threshold; one that nothing was measured for does not hold, and its value is None.

    `timings` (of `LoadStats`) are needed for percentiles of trends other than `http_req_duration` that
    `metrics` does not list.
    """
    value = _value(threshold, metrics, tuple(endpoints), timings or {})
    ok = value is not None and OPERATORS[threshold.comparison](value, threshold.limit)
    return ThresholdResult(metric=threshold.label, source=threshold.source, ok=ok, value=value)


def _value(
    threshold: Threshold,
    metrics: Mapping[str, Metric],
    endpoints: tuple[EndpointStats, ...],
    timings: Mapping[str, HistogramData],
) -> float | None:
    if threshold.endpoint:
        endpoints = tuple(each for each in endpoints if each.name == threshold.endpoint)
    kind = measured.kind_of(threshold.metric).type
    if kind == "trend":
        histogram = measured.histograms(timings, endpoints).get(threshold.metric)
        if histogram is not None and histogram.count:
            return _of_trend(threshold, histogram)
        return _listed(threshold, metrics) if threshold.metric != DEFAULT_METRIC else None
    if threshold.endpoint:
        return _of_endpoints(threshold, metrics, endpoints)
    if kind == "rate" and not _has_samples(metrics.get(threshold.metric)):
        return None
    return _listed(threshold, metrics)


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


def _listed(threshold: Threshold, metrics: Mapping[str, Metric]) -> float | None:
    metric = metrics.get(threshold.metric)
    return None if metric is None else metric.values.get(threshold.aggregation)


def _has_samples(metric: Metric | None) -> bool:
    return metric is not None and metric.values.get("passes", 0) + metric.values.get("fails", 0) > 0


class _Scanner:
    """Reads thresholds from left to right; every complaint points at where it stands."""

    def __init__(self, text: str, custom: Collection[str]) -> None:
        self._text = text
        self._at = 0
        self._metrics = (*measured.BUILT_IN, *custom)

    def threshold(self, metric: str, endpoint: str) -> Threshold:
        """Read one threshold; `metric` and `endpoint` stand in when it names none."""
        self._skip()
        if not self._text[self._at :].strip():
            self._fail("a threshold is missing here", hint=EXAMPLE)
        if not self._at_aggregation():
            metric, endpoint = self._metric(), self._endpoint()
            if endpoint and metric not in PER_ENDPOINT:
                self._fail(f"{metric} is not kept per endpoint", hint=f"Per endpoint: {', '.join(PER_ENDPOINT)}.")
        self._skip()
        began = self._at
        aggregation, percent = self._aggregation(metric)
        comparison, limit = self._comparison(), self._number()
        source = self._text[began : self._at]
        return Threshold(metric, endpoint, aggregation, percent, comparison, limit, source)

    def take(self, literal: str) -> bool:
        """Step over a literal if it stands here, after blanks."""
        self._skip()
        if not self._text.startswith(literal, self._at):
            return False
        self._at += len(literal)
        return True

    def expect_end(self) -> None:
        """Complain about anything left."""
        self._skip()
        if self._at < len(self._text):
            rest = self._text[self._at :]
            hint = "Numbers have no unit; durations are milliseconds." if rest[0].isalpha() else EXAMPLE
            self._fail(f"did not expect '{rest}'", length=len(rest), hint=hint)

    def _at_aggregation(self) -> bool:
        """Whether an aggregation stands here rather than a metric: something that is compared at once."""
        match = AGGREGATION.match(self._text, self._at)
        return match is not None and match.group(1) not in self._metrics

    def _metric(self) -> str:
        word = self._word()
        if word in self._metrics:
            return word
        self._at -= len(word)
        close = nearest(word, self._metrics)
        hint = f"Did you mean {close}?" if close else f"Metrics: {', '.join(self._metrics)}."
        return self._fail(f"'{word}' is no metric" if word else "expected a metric", length=len(word), hint=hint)

    def _endpoint(self) -> str:
        if not self.take("{"):
            return ""
        if not self.take("name:"):
            self._fail("expected name:", hint="The only tag is name: http_req_duration{name:GET /api/orders}.")
        began, depth = self._at, 1
        while self._at < len(self._text):
            depth += {"{": 1, "}": -1}.get(self._text[self._at], 0)
            self._at += 1
            if depth == 0:
                return self._text[began : self._at - 1].strip()
        return self._fail("the '{' is never closed", at=began - len("{name:"))

    def _aggregation(self, metric: str) -> tuple[str, float | None]:
        began = self._at
        word = self._word()
        allowed = AGGREGATIONS[measured.kind_of(metric).type]
        if word == "p" and "p(N)" in allowed:
            percent = self._percent()
            return f"p({percent:g})", percent
        if word in allowed:
            return word, None
        self._at = began
        kind = measured.kind_of(metric).type
        hint = f"{metric} is a {kind}: {', '.join(allowed)}."
        message = f"{metric} has no '{word}'" if word else "expected an aggregation"
        return self._fail(message, length=len(word), hint=hint)

    def _percent(self) -> float:
        if not self.take("("):
            self._fail("expected '(' and a percentile", hint="For example: p(95)<500")
        began = self._at
        percent = self._number()
        if not 0 <= percent <= 100:
            self._fail("a percentile is between 0 and 100", at=began, length=self._at - began)
        if not self.take(")"):
            self._fail("expected ')'")
        return percent

    def _comparison(self) -> str:
        for symbol in OPERATORS:
            if self.take(symbol):
                return symbol
        return self._fail("expected a comparison", hint=f"One of {' '.join(OPERATORS)}.")

    def _number(self) -> float:
        self._skip()
        match = NUMBER.match(self._text, self._at)
        if match is None:
            return self._fail("expected a number", hint="Durations are milliseconds, rates are between 0 and 1.")
        self._at = match.end()
        return float(match.group())

    def _word(self) -> str:
        match = WORD.match(self._text, self._at)
        if match is None:
            return ""
        self._at = match.end()
        return match.group()

    def _skip(self) -> None:
        match = SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _fail(self, message: str, *, at: int | None = None, length: int = 1, hint: str = "") -> NoReturn:
        column = self._at if at is None else at
        raise UsageError(f"threshold: {message}", details=pointer(self._text, column, length), hint=hint)
