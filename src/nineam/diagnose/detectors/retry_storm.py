"""The slower the other service, the more often it is asked.

## What it is

A call that fails or takes too long is tried again, at once and without a limit that all requests share.

## Why it hurts

Retries multiply the load on a service at the very moment it has too much of it, and keep it down after the cause
has gone.

## How it is detected

Calls through HTTP clients are counted per request and target. A target fires when an endpoint makes half as many
calls again at the load that broke the application as it makes with one polite user.

## How to fix it

At most one retry, after a pause with jitter, only for what may be repeated, and a budget: retries may be a tenth
of all calls, then none until it is better (a circuit breaker).
"""

from collections.abc import Iterator

from nineam.diagnose.found import found
from nineam.diagnose.picture import Picture
from nineam.model import Finding
from nineam.store.records import SpotSum, StoredPhase

CODE = "retry-storm"
TITLE = "The same call again and again while the service is slow"
SMALLEST_RATIO = 1.5
SMALLEST_EXTRA = 0.3
"""Calls per request beyond what one polite user causes."""


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per endpoint and target."""
    for endpoint in picture.seen(picture.localhost):
        phase = picture.telling(endpoint)
        before, now = (_calls(picture, each, endpoint) for each in (picture.localhost, phase))
        for target, (calls, spot) in now.items():
            usual = before.get(target, (0.0, spot))[0]
            if usual and calls >= SMALLEST_RATIO * usual and calls - usual >= SMALLEST_EXTRA:
                yield _finding(picture, phase, endpoint, spot, usual, calls)


def _calls(picture: Picture, phase: StoredPhase | None, endpoint: str) -> dict[str, tuple[float, SpotSum]]:
    """Calls per request to each target, with the line that makes most of them."""
    grouped: dict[str, list[SpotSum]] = {}
    for spot in picture.calls(phase, endpoint, "http_client"):
        grouped.setdefault(spot.layer.partition(":")[2], []).append(spot)
    requests = max(1, picture.requests(phase, endpoint))
    return {
        target: (sum(row.calls for row in rows) / requests, max(rows, key=lambda row: row.calls))
        for target, rows in grouped.items()
    }


def _finding(
    picture: Picture, phase: StoredPhase | None, endpoint: str, spot: SpotSum, usual: float, calls: float
) -> Finding:
    target = spot.layer.partition(":")[2]
    ms = picture.layer(phase, endpoint, "http_client", "http_connect")
    return found(
        picture,
        phase,
        endpoint,
        ms * (1 - usual / calls),
        code=CODE,
        title=f"{calls:.1f} calls of {target} per request under load, {usual:.1f} without",
        site=spot.site or picture.source("endpoint", endpoint),
        evidence={"target": target, "localhost_calls": round(usual, 2), "monday_calls": round(calls, 2)},
        fix="one retry at most, after a pause with jitter, and a budget of retries that all requests share",
        confidence=0.8,
    )
