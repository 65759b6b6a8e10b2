"""By which percentile a phase is judged, and reading it from a histogram at rest."""

from nineam.histogram import Histogram
from nineam.model import EndpointStats, HistogramData
from nineam.monday.plan import ENOUGH, RunPlan


def judged_by(plan: RunPlan, endpoint: EndpointStats) -> float:
    """The percentile to judge an endpoint by: of a handful of requests the median, because the rest is chance."""
    return plan.objective_percent if endpoint.requests >= ENOUGH else 50.0


def percentile(histogram: HistogramData, percent: float) -> float:
    """Return a percentile of a histogram at rest, in microseconds."""
    return Histogram.from_data(histogram).percentile(percent)
