"""Requests that fail: which, with what, what that hints at, and whether failing is what broke the application."""

from collections.abc import Iterable, Mapping

from nineam.diagnose.causes import SYMPTOMS
from nineam.diagnose.picture import Picture
from nineam.histogram import Histogram
from nineam.model import EndpointStats, Finding
from nineam.store.records import StoredPhase

FEW = 0.01
"""A stair on which more than this part of an endpoint's requests fail does not hold."""
EXHAUSTING = SYMPTOMS | {"connection-leak", "lock-contention"}
"""What runs out makes requests fail as well as wait: it explains failures, which what only takes time does not."""
TURNED_AWAY = ": the application turns people away itself (to it, all of nineam's users come from one address)"
BY_ADDRESS = (
    ": so do applications that know themselves by name only (Django's ALLOWED_HOSTS); `--host http://localhost:PORT`"
    " asks by name"
)


def fails(picture: Picture, phase: StoredPhase | None, limit: float) -> str:
    """Say which endpoint fails most and with what, when more than `limit` of its requests do."""
    judged = picture.judged(phase)
    failing = [
        (stats.failed / stats.requests, name, stats)
        for name, stats in judged.items()
        if stats.requests and stats.failed > limit * stats.requests
    ]
    if not failing:
        return ""
    share, name, stats = max(failing, key=lambda item: item[:2])
    how = f" with {stats.commonest_failure}" if stats.commonest_failure else ""
    return f"{share:.0%} of {name} fail{how}{_hint(judged, stats)}"


def nothing_succeeds(picture: Picture) -> bool:
    """Whether every single request of the polite user failed."""
    seen = [stats for stats in picture.judged(picture.localhost).values() if stats.requests]
    return bool(seen) and all(stats.failed == stats.requests for stats in seen)


def _hint(judged: Mapping[str, EndpointStats], worst: EndpointStats) -> str:
    if "429" in worst.commonest_failure:
        return TURNED_AWAY
    everything = all(stats.failed == stats.requests for stats in judged.values() if stats.requests)
    return BY_ADDRESS if everything and "400" in worst.commonest_failure else ""


def broken_by_failures(picture: Picture, findings: Iterable[Finding]) -> str:
    """Say what fails where the application broke, when failing is why it broke; nothing when waiting is.

    It is when people are turned away, or when nobody waited beyond the objective and nothing had run out.
    """
    said = fails(picture, picture.failing, FEW) if picture.broke else ""
    if not said or said.endswith(TURNED_AWAY):
        return said
    slow = any(_p95_ms(stats) > picture.objective_ms for stats in picture.judged(picture.failing).values())
    return "" if slow or any(finding.code in EXHAUSTING for finding in findings) else said


def _p95_ms(stats: EndpointStats) -> float:
    return Histogram.from_data(stats.response).percentile(95) / 1000
