"""OpenTelemetry over HTTP, under the names of its semantic conventions where those have one. Times are seconds.

Everything is cumulative from the beginning of a phase's kind. Durations are not kept by status: statuses are a
counter of their own.
"""

import bisect
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from nineam.endpoints import method_and_path
from nineam.export.delivery import DELIVERY_S, listening
from nineam.histogram import middle_of
from nineam.merging import merge
from nineam.model import EndpointStats, HistogramData, LoadStats, Tick

LOGGER = "opentelemetry.exporter.otlp.proto.http.metric_exporter"
BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""Those that the semantic conventions advise."""
DURATION = "http.client.request.duration"
RESPONSE = "nineam.response.duration"
Attributes = dict[str, str | int]


class Count(NamedTuple):
    """One value of a counter."""

    name: str
    unit: str
    attributes: Attributes
    value: int


class Durations(NamedTuple):
    """One value of a histogram."""

    name: str
    attributes: Attributes
    data: HistogramData


class Progress(NamedTuple):
    """A kind of phase so far."""

    began_ns: int
    stats: LoadStats


class Otlp:
    """A delivery to a collector."""

    def __init__(self, url: str, run: str) -> None:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415 - an extra

        self._exporter = OTLPMetricExporter(endpoint=url, timeout=DELIVERY_S)
        self._resource = {"service.name": "nineam", "nineam.run": run}
        self._phases: dict[str, Progress] = {}

    def deliver(self, tick: Tick) -> str:
        """Send how far everything has come."""
        from opentelemetry.sdk.metrics.export import MetricExportResult  # noqa: PLC0415 - likewise

        from nineam.export.envelope import envelope  # noqa: PLC0415 - likewise

        known = self._phases.get(tick.kind) or Progress(int((tick.at_s - tick.seconds) * 1e9), LoadStats())
        progress = self._phases[tick.kind] = known._replace(stats=merge(known.stats, tick.stats))
        with listening(LOGGER) as complaints:
            result = self._exporter.export(envelope(list(_metrics(progress, tick)), self._resource))
        return "" if result is MetricExportResult.SUCCESS else complaints.reason()

    def stop(self) -> None:
        """Give up waiting for another try."""
        self._exporter.shutdown()


def counts(stats: LoadStats, phase: Mapping[str, str]) -> Iterator[Count]:
    """Yield every counter."""
    common: Attributes = dict(phase)
    for endpoint in stats.endpoints:
        for answer, count in _answers(endpoint):
            yield Count("nineam.requests", "{request}", common | _attributes(endpoint) | answer, count)
    yield Count("nineam.iterations", "{iteration}", common, stats.iterations)
    yield Count("nineam.dropped_iterations", "{iteration}", common, stats.generator.dropped_iterations)
    for check in stats.checks:
        for result, count in (("pass", check.passes), ("fail", check.fails)):
            yield Count(
                "nineam.checks", "{check}", common | {"nineam.check": check.name, "nineam.result": result}, count
            )


def durations(stats: LoadStats, phase: Mapping[str, str]) -> Iterator[Durations]:
    """Yield every histogram: from the send, as OpenTelemetry means it, and from the intended start."""
    for endpoint in stats.endpoints:
        attributes = dict(phase) | _attributes(endpoint)
        yield Durations(DURATION, attributes, endpoint.service)
        yield Durations(RESPONSE, attributes, endpoint.response)


def bucket_counts(data: HistogramData) -> list[int]:
    """Count microseconds between the bounds; the last count is what lies above them."""
    found = [0] * (len(BOUNDS_S) + 1)
    for bucket, count in data.counts.items():
        found[bisect.bisect_left(BOUNDS_S, middle_of(bucket) / 1e6)] += count
    return found


def _attributes(endpoint: EndpointStats) -> Attributes:
    method, path = method_and_path(endpoint.name)
    return {"http.request.method": method or "_OTHER", "url.template": path}


def _answers(endpoint: EndpointStats) -> Iterator[tuple[Attributes, int]]:
    for status, count in endpoint.statuses.items():
        yield {"http.response.status_code": int(status)}, count
    without = endpoint.requests - sum(endpoint.statuses.values())
    if without > 0:
        yield {"error.type": "no answer"}, without


def _metrics(progress: Progress, tick: Tick) -> Iterator[Any]:
    from opentelemetry.sdk.metrics.export import (  # noqa: PLC0415 - an extra
        AggregationTemporality,
        Gauge,
        Histogram,
        HistogramDataPoint,
        Metric,
        NumberDataPoint,
        Sum,
    )

    began, now, phase = progress.began_ns, int(tick.at_s * 1e9), {"nineam.phase": tick.kind}
    cumulative = AggregationTemporality.CUMULATIVE
    yield Metric("nineam.users", None, "{user}", Gauge([NumberDataPoint(phase, began, now, tick.vus)]))
    by_name: dict[tuple[str, str], list[Any]] = {}
    for name, unit, attributes, value in counts(progress.stats, phase):
        by_name.setdefault((name, unit), []).append(NumberDataPoint(attributes, began, now, value))
    for (name, unit), points in by_name.items():
        yield Metric(name, None, unit, Sum(points, cumulative, is_monotonic=True))
    histograms: dict[str, list[Any]] = {DURATION: [], RESPONSE: []}
    for name, attributes, data in durations(progress.stats, phase):
        known = (data.count, data.total / 1e6, bucket_counts(data), BOUNDS_S, data.min / 1e6, data.max / 1e6)
        histograms[name].append(HistogramDataPoint(attributes, began, now, *known))
    for name, points in histograms.items():
        yield Metric(name, None, "s", Histogram(points, cumulative))
