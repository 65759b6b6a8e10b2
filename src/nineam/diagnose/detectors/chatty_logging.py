"""Writing down what happens takes part of the time in which it happens.

## What it is

Requests write many or large log records through synchronous handlers: bodies at DEBUG, a line per row, a handler
that calls another service.

## Why it hurts

Handlers run inside the request, and all threads of a process take turns at each handler's lock. On localhost the
terminal takes it; in production it is a full pipe or a slow disk.

## How it is detected

Making the records of `logging` and what handlers take is timed, formatting and their locks included. It fires when
with one polite user it takes at least 1 ms and 5 % of an endpoint's time.

## How to fix it

Log one line per request; guard what is expensive to format (`logger.isEnabledFor`); hand records to a thread
(`QueueHandler` and `QueueListener`).
"""

from collections.abc import Iterator

from nineam.diagnose.found import costly_alone, found
from nineam.diagnose.picture import Picture
from nineam.model import Finding

CODE = "chatty-logging"
TITLE = "Logging takes part of every request"
SMALLEST_MS = 1.0
SMALLEST_SHARE = 0.05
LAYER = "logging"


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding, at the endpoint that loses most."""
    costs = dict(costly_alone(picture, LAYER, SMALLEST_MS, SMALLEST_SHARE))
    if not costs:
        return
    endpoint = max(costs, key=lambda name: costs[name] * max(1, picture.requests(picture.failing, name)))
    total = picture.server_ms(picture.localhost, endpoint)
    phase = picture.telling(endpoint)
    yield found(
        picture,
        phase,
        endpoint,
        picture.layer(phase, endpoint, LAYER) or costs[endpoint],
        code=CODE,
        title=f"logging takes {costs[endpoint]:.1f} of {total:.1f} ms with one user",
        site=picture.source("endpoint", endpoint),
        evidence={
            "localhost_ms": round(costs[endpoint], 2),
            "endpoints": {name: round(ms, 2) for name, ms in sorted(costs.items(), key=lambda item: -item[1])},
        },
        fix="log less per request, or hand records to a thread with `QueueHandler` and `QueueListener`",
    )
