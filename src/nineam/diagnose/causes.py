"""Which findings explain which layers, and which only say that somebody waits."""

from collections.abc import Iterable

from nineam.diagnose.picture import DATABASE_LAYERS
from nineam.model import Finding

SYMPTOMS = frozenset(
    {"pool-exhausted", "threadpool-exhausted", "workers-exhausted", "gil-bound", "dishonest-health-check"}
)
"""They name a queue; what its members wait for is the cause."""
STATEMENTS = ("n-plus-one", "duplicate-query", "over-fetching", "slow-query", "lock-contention", "connection-held")
CALLS = ("n-plus-one-http", "slow-dependency", "retry-storm")
EXPLAINS = {
    **dict.fromkeys(DATABASE_LAYERS, STATEMENTS),
    "hydration": ("orm-hydration", *STATEMENTS),
    "serializer": ("slow-serializer",),
    "template": ("slow-template",),
    "http_client": CALLS,
    "http_connect": CALLS,
    "lock_wait": ("lock-contention",),
    "logging": ("chatty-logging",),
    "gc": ("gc-pauses",),
}


def explains(finding: Finding, layer: str, endpoint: str) -> bool:
    """Whether a finding says why time is spent in a layer of an endpoint."""
    if finding.code == "middleware-tax":
        return layer.startswith("middleware:") and finding.title.startswith(layer.partition(":")[2] + " ")
    if finding.code in ("chatty-logging", "gc-pauses"):
        return finding.code in EXPLAINS.get(layer, ())
    if finding.endpoint != endpoint:
        return False
    if finding.code == "blocking-call":
        return bool(finding.evidence.get("layer", layer) == layer)
    return finding.code in EXPLAINS.get(layer, ())


def explanation(findings: Iterable[Finding], layer: str, endpoint: str) -> Finding | None:
    """The first finding, in their order, that explains a layer of an endpoint."""
    return next((finding for finding in findings if explains(finding, layer, endpoint)), None)
