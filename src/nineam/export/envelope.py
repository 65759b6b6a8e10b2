"""What OpenTelemetry wraps metrics in. Imports the `metrics` extra: import it within functions."""

from collections.abc import Mapping, Sequence

from opentelemetry.sdk.metrics.export import Metric, MetricsData, ResourceMetrics, ScopeMetrics
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope


def envelope(metrics: Sequence[Metric], resource: Mapping[str, str]) -> MetricsData:
    """Return metrics of one resource, ready for an exporter."""
    scope = ScopeMetrics(InstrumentationScope("nineam"), metrics, "")
    return MetricsData([ResourceMetrics(Resource.create(dict(resource)), [scope], "")])
