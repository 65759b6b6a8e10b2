"""Most of the endpoint's time is somebody else's.

## What it is

An endpoint waits for another service within the request: a payment provider, a search, an internal API.

## Why it hurts

Its users wait as long as the slowest of its services. While it waits it keeps a worker, a thread or a connection,
so that a service that slows down takes the others' requests with it.

## How it is detected

Calls through HTTP clients are timed by method, host, port and line. A target fires when, at the load that broke
the application (or with one polite user), an endpoint spends at least 50 ms and half of its own time there. A service
that is quick with one polite user does not fire when the endpoint waits longer for the event loop than for the
service, or when the application computes, or waits for a processor, nearly all of the time: then it is this
application that is late to hear the answer.

## How to fix it

Give the call a time limit and a bulkhead (a bounded number at a time), ask for what can wait after the answer was
sent, keep what may be a minute old. Do not hold a database connection meanwhile.
"""

from collections.abc import Iterator

from nineam.diagnose.found import calls_ms, found
from nineam.diagnose.picture import Picture
from nineam.diagnose.processor import saturated
from nineam.model import Finding
from nineam.store.records import SpotSum, StoredPhase

CODE = "slow-dependency"
TITLE = "Another service takes most of the time"
SMALLEST_MS = 50.0
SMALLEST_SHARE = 0.5


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per endpoint and service, at the line that waits longest."""
    for endpoint in picture.seen(picture.localhost):
        for phase in (picture.localhost, picture.telling(endpoint)):
            spots = _by_target(picture, phase, endpoint)
            slow = [target for target, rows in spots.items() if _is_slow(picture, phase, endpoint, rows)]
            if slow and phase != picture.localhost and _late_to_hear(picture, phase, endpoint, spots, slow):
                break
            yield from (_finding(picture, endpoint, target, spots[target], phase) for target in slow)
            if slow:
                break


def _by_target(picture: Picture, phase: StoredPhase | None, endpoint: str) -> dict[str, list[SpotSum]]:
    grouped: dict[str, list[SpotSum]] = {}
    for spot in picture.calls(phase, endpoint, "http_client"):
        grouped.setdefault(spot.layer.partition(":")[2], []).append(spot)
    return grouped


def _is_slow(picture: Picture, phase: StoredPhase | None, endpoint: str, rows: list[SpotSum]) -> bool:
    ms = calls_ms(picture, phase, endpoint, rows)
    return ms >= SMALLEST_MS and picture.share(phase, endpoint, ms) >= SMALLEST_SHARE


def _late_to_hear(
    picture: Picture, phase: StoredPhase | None, endpoint: str, spots: dict[str, list[SpotSum]], slow: list[str]
) -> bool:
    """Whether the application is too busy for its own account of how long others take."""
    calling = sum(calls_ms(picture, phase, endpoint, spots[target]) for target in slow)
    return picture.layer(phase, endpoint, "loop_lag") > calling or saturated(picture, phase)


def _finding(picture: Picture, endpoint: str, target: str, rows: list[SpotSum], phase: StoredPhase | None) -> Finding:
    ms = calls_ms(picture, phase, endpoint, rows)
    spot = max(rows, key=lambda row: row.ns)
    before = calls_ms(
        picture, picture.localhost, endpoint, _by_target(picture, picture.localhost, endpoint).get(target, [])
    )
    return found(
        picture,
        phase,
        endpoint,
        ms,
        code=CODE,
        title=f"{target} takes {ms:.0f} ms of each request",
        site=spot.site or picture.source("endpoint", endpoint),
        evidence={
            "target": target,
            "calls_per_request": round(sum(row.calls for row in rows) / max(1, picture.requests(phase, endpoint)), 1),
            "localhost_ms": round(before, 1),
            "ms": round(ms, 1),
        },
        fix="a time limit and a bounded number of calls at a time; after the answer, or from a cache, what can wait",
    )
