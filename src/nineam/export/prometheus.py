"""Prometheus remote write, under the names that k6's own remote write gives its metrics.

Counters count from the run's start; gauges speak of the seconds since the last push. Times are seconds.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from nineam.export.delivery import DELIVERY_S, listening
from nineam.model import Tick
from nineam.points import Point, points

PREFIX = "k6_"
LOGGER = "opentelemetry.exporter.prometheus_remote_write"


class Sample(NamedTuple):
    """One value of one series."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


class Series:
    """Turns ticks into samples; remembers how far each counter has come."""

    def __init__(self, run: str) -> None:
        self._run = run
        self._counted: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}

    def samples(self, tick: Tick) -> Iterator[Sample]:
        """Yield the samples of a tick."""
        for point in points(tick):
            labels = self._labels(tick, point)
            value = point.value / 1000 if point.contains == "time" else point.value
            if point.type == "counter":
                key = (f"{PREFIX}{point.metric}_total", labels)
                value = self._counted[key] = self._counted.get(key, 0.0) + value
                yield Sample(*key, value)
            else:
                yield Sample(PREFIX + point.metric, labels, value)

    def _labels(self, tick: Tick, point: Point) -> tuple[tuple[str, str], ...]:
        labels = {"testid": self._run, "phase": tick.kind} | dict(point.tags)
        return tuple(sorted((name, value) for name, value in labels.items() if value))


class Prometheus:
    """A delivery to a remote write endpoint."""

    def __init__(self, url: str, run: str) -> None:
        from opentelemetry.exporter.prometheus_remote_write import (  # noqa: PLC0415 - an extra
            PrometheusRemoteWriteMetricsExporter,
        )

        self._exporter = PrometheusRemoteWriteMetricsExporter(
            endpoint=url, timeout=int(DELIVERY_S), resources_as_labels=False
        )
        self._series = Series(run)

    def deliver(self, tick: Tick) -> str:
        """Push one sample of every series."""
        from opentelemetry.sdk.metrics.export import MetricExportResult  # noqa: PLC0415 - likewise

        with listening(LOGGER) as complaints:
            result = self._exporter.export(_data(list(self._series.samples(tick)), int(tick.at_s * 1e9)))
        return "" if result is MetricExportResult.SUCCESS else complaints.reason()

    def stop(self) -> None:
        """Do nothing: the exporter does not try twice."""


def _data(samples: list[Sample], at_ns: int) -> Any:
    """Return samples as the exporter takes them; it sends nothing but name, labels and value."""
    from opentelemetry.sdk.metrics.export import Gauge, Metric, NumberDataPoint  # noqa: PLC0415 - an extra

    from nineam.export.envelope import envelope  # noqa: PLC0415 - likewise

    metrics = [
        Metric(sample.name, None, None, Gauge([NumberDataPoint(dict(sample.labels), 0, at_ns, sample.value)]))
        for sample in samples
    ]
    return envelope(metrics, {})
