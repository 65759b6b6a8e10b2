"""What one phase of a run was like for its endpoints."""

from nineam.model.record import Record


class Endpoint(Record, frozen=True, kw_only=True):
    """One endpoint in one phase. `layers_ms` are exclusive means per request that add up to `server_mean_ms`."""

    requests: int = 0
    failed: int = 0
    failed_rate: float = 0.0
    statuses: dict[str, int] = {}
    errors: dict[str, int] = {}
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    p99_ms: float = 0.0
    max_ms: float = 0.0
    service_p95_ms: float = 0.0
    rate: float = 0.0
    queries_per_request: float | None = None
    server_mean_ms: float | None = None
    layers_ms: dict[str, float] = {}


class PhaseResult(Record, frozen=True, kw_only=True):
    """A phase of the run, per endpoint."""

    endpoints: dict[str, Endpoint] = {}
    users: int | None = None
    rate: float | None = None
