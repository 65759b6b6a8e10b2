"""One call to another service for every row.

## What it is

An endpoint calls the same service once per item of a list, one call after the other.

## Why it hurts

Each call is a network round trip, on localhost a fraction of a millisecond, in production a hundred times that.
They add up in a row, and the other service gets N requests for each of yours.

## How it is detected

Calls through HTTP clients are counted by method, host, port and the line that makes them. A line fires when it
makes at least four calls per request on average and they cost at least 5 % of the endpoint's time or 5 ms with one
polite user.

## How to fix it

Ask for all of them in one call when the service can; otherwise ask at the same time (`asyncio.gather`, with a
limit), over one client that keeps its connections, and keep what does not change.
"""

from collections.abc import Iterator

from nineam.diagnose.found import found
from nineam.diagnose.picture import Picture
from nineam.model import Finding
from nineam.store.records import SpotSum

CODE = "n-plus-one-http"
TITLE = "One call to another service per row"
FEWEST_CALLS = 4.0
SMALLEST_SHARE = 0.05
SMALLEST_MS = 5.0


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per endpoint, service and line."""
    for endpoint in picture.seen(picture.localhost):
        requests = picture.requests(picture.localhost, endpoint)
        total = picture.server_ms(picture.localhost, endpoint)
        for spot in picture.calls(picture.localhost, endpoint, "http_client"):
            alone = spot.ns / requests / 1e6
            costs = alone >= SMALLEST_MS or alone >= SMALLEST_SHARE * total
            if spot.calls >= FEWEST_CALLS * max(1, spot.requests) and costs:
                yield _finding(picture, endpoint, spot, alone)


def _finding(picture: Picture, endpoint: str, spot: SpotSum, alone: float) -> Finding:
    target = spot.layer.partition(":")[2]
    calls = spot.calls / spot.requests
    now = picture.layer(picture.failing, endpoint, "http_client", "http_connect")
    return found(
        picture,
        picture.failing,
        endpoint,
        now or alone,
        code=CODE,
        title=f"{calls:.0f} calls of {target} per request",
        site=spot.site or picture.source("endpoint", endpoint),
        evidence={"calls_per_request": round(calls, 1), "target": target, "localhost_ms": round(alone, 1)},
        fix="one call for all of them, or all at the same time over one client with a limit",
    )
