"""Thresholds and metrics as rows of plain strings for a page."""

from dataclasses import dataclass

from nineam.model import Metric, RunDocument
from nineam.report import k6_numbers, k6_summary


@dataclass(frozen=True)
class ThresholdRow:
    """One threshold and what was measured."""

    metric: str
    source: str
    ok: bool
    value: str


@dataclass(frozen=True)
class MetricRow:
    """One metric: six values of a trend, or one sentence of any other type."""

    name: str
    trend: tuple[str, ...]
    sentence: str


def threshold_rows(document: RunDocument) -> list[ThresholdRow]:
    """Return the thresholds in the order given."""
    return [
        ThresholdRow(threshold.metric, threshold.source, threshold.ok, k6_summary.threshold_value(threshold))
        for threshold in document.thresholds
    ]


def metric_rows(document: RunDocument) -> list[MetricRow]:
    """Every metric by name, also those the compact summary hides."""
    return [_row(name, metric) for name, metric in sorted(document.metrics.items())]


def _row(name: str, metric: Metric) -> MetricRow:
    if metric.type == "trend":
        values = (metric.values.get(column) for column in k6_summary.TREND_COLUMNS)
        return MetricRow(name, tuple(k6_numbers.of_kind(value, metric.contains) for value in values), "")
    return MetricRow(name, (), ", ".join(k6_summary.metric_cells(metric)))
