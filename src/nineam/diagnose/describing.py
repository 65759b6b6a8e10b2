"""An endpoint of a phase, from both sides."""

from nineam.diagnose.picture import Picture
from nineam.histogram import Histogram
from nineam.model import Endpoint, EndpointStats
from nineam.store.records import StoredPhase


def describe(stats: EndpointStats, picture: Picture, phase: StoredPhase, name: str) -> Endpoint:
    """One endpoint of a phase as reports show it."""
    response = Histogram.from_data(stats.response)
    service = Histogram.from_data(stats.service)
    name = picture.template(name)
    count = picture.requests(phase, name)
    queries = picture.statements(phase, name)
    return Endpoint(
        requests=stats.requests,
        failed=stats.failed,
        failed_rate=stats.failed / max(1, stats.requests),
        statuses=stats.statuses,
        errors=stats.errors,
        p50_ms=response.percentile(50) / 1000,
        p95_ms=response.percentile(95) / 1000,
        p99_ms=response.percentile(99) / 1000,
        max_ms=response.max / 1000,
        service_p95_ms=service.percentile(95) / 1000,
        rate=stats.requests / max(0.1, phase.seconds),
        queries_per_request=queries / count if count else None,
        server_mean_ms=picture.server_ms(phase, name) if count else None,
        layers_ms=picture.layers(phase, name),
    )
