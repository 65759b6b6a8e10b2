"""The garbage collector stops requests.

## What it is

Full collections (the third generation) that fall into requests, each of them walking every object of the process.

## Why it hurts

A collection stops all threads. It takes longer the more objects live: caches, large results, whole configuration
trees. The mean hardly shows it; the slowest requests are made of it.

## How it is detected

Each full collection is timed from inside and charged to the requests it fell into. It fires when at the load that
broke the application collections take at least 2 ms and 15 % of an endpoint's own time on average, and at least half as
long at the loads before. Collections that run regularly and cost little do not fire, nor those that cost much only
where the application drowns: then it is the crowd of waiting requests that is walked, and no heap of its own.

## How to fix it

`gc.freeze()` after start-up, so that what lives for ever is not walked; a higher threshold (`gc.set_threshold`);
fewer objects per request.
"""

from collections.abc import Iterator

from nineam.diagnose.found import found
from nineam.diagnose.picture import Picture
from nineam.model import Finding

CODE = "gc-pauses"
TITLE = "Garbage collection stops requests"
SMALLEST_MS = 2.0
SMALLEST_SHARE = 0.15
BEFORE_SHARE = 0.5
LAYER = "gc"


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding, at the endpoint that loses most."""
    phase = picture.failing
    costs = {endpoint: picture.layer(phase, endpoint, LAYER) for endpoint in picture.users_endpoints(phase)}
    heavy = {
        endpoint: ms
        for endpoint, ms in costs.items()
        if ms >= SMALLEST_MS
        and picture.share(phase, endpoint, ms) >= SMALLEST_SHARE
        and _before(picture, endpoint) >= BEFORE_SHARE * ms
    }
    if not heavy:
        return
    endpoint = max(heavy, key=lambda name: heavy[name] * picture.requests(phase, name))
    yield found(
        picture,
        phase,
        endpoint,
        heavy[endpoint],
        code=CODE,
        title=f"full garbage collections take {heavy[endpoint]:.0f} ms of each request",
        site=picture.source("endpoint", endpoint),
        evidence={"endpoints": {name: round(ms, 1) for name, ms in sorted(heavy.items(), key=lambda item: -item[1])}},
        fix="`gc.freeze()` after start-up and a higher `gc.set_threshold`; fewer objects per request",
        confidence=0.8,
    )


def _before(picture: Picture, endpoint: str) -> float:
    """Mean milliseconds per request of collections with one polite user and at the stairs that held, together."""
    calm = [phase for phase in (picture.localhost, *picture.stairs) if phase and (phase.kind != "monday" or phase.held)]
    requests = sum(picture.requests(phase, endpoint) for phase in calm)
    spent = sum(picture.layer(phase, endpoint, LAYER) * picture.requests(phase, endpoint) for phase in calm)
    return spent / max(1, requests)
