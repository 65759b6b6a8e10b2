"""Another service may take for ever.

## What it is

A call to another service without a time limit: `requests.get(url)`, `httpx.AsyncClient(timeout=None)`, `urlopen(url)`.

## Why it hurts

The day the other side accepts and says nothing, each such request keeps a worker, a thread and perhaps a connection
of the database until somebody restarts something. A service that is slow makes yours slow; one that hangs, without a
limit, takes all of yours with it, health check and all.

## How it is detected

Where a call waits for its answer, the socket is asked whether it has a limit, so that one set by an adapter, by
`socket.setdefaulttimeout` or by a client around it counts. Asynchronous clients are asked what they were told (a limit
around the call, such as `asyncio.timeout`, is not seen, and only those that have switched their own off are asked). It
fires when a request has made such calls twice or more, however quick they were: that they are quick today is not the
point. What they cost today is given, and is mostly little.

## How to fix it

A limit on every call, in seconds rather than minutes (`timeout=(1, 5)`), best once for all on the client. Then decide
what the endpoint answers when it is reached.
"""

from collections.abc import Iterator

from nineam.diagnose.found import calls_ms, found
from nineam.diagnose.picture import Picture
from nineam.model import Finding
from nineam.store.records import SpotSum, StoredPhase

CODE = "no-timeout"
TITLE = "Another service may take for ever"
FEWEST = 2


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per line and host that wait without a limit, at the endpoint that does so most."""
    grouped: dict[tuple[str, str], list[SpotSum]] = {}
    for phase in (picture.localhost, picture.failing):
        for endpoint in picture.seen(phase):
            for spot in picture.calls(phase, endpoint, "no_timeout"):
                grouped.setdefault((spot.site, _host(spot)), []).append(spot)
    for (site, host), spots in grouped.items():
        if sum(spot.calls for spot in spots) >= FEWEST:
            yield _finding(picture, site, host, spots)


def _host(spot: SpotSum) -> str:
    return spot.layer.rpartition(" ")[2]


def _finding(picture: Picture, site: str, host: str, spots: list[SpotSum]) -> Finding:
    endpoint = max(spots, key=lambda spot: spot.calls).endpoint
    phase = _where_it_costs(picture, endpoint)
    here = [spot for spot in spots if phase and (spot.phase, spot.endpoint) == (phase.id, endpoint)]
    ms = calls_ms(picture, phase, endpoint, here)
    return found(
        picture,
        phase,
        endpoint,
        ms,
        code=CODE,
        title=f"{host} is waited for without a limit",
        site=site or picture.source("endpoint", endpoint),
        evidence={
            "host": host,
            "calls": sum(spot.calls for spot in spots),
            "endpoints": len({s.endpoint for s in spots}),
        },
        fix="give the call a time limit, best once for all on the client, and say what is answered when it is reached",
        confidence=0.85,
    )


def _where_it_costs(picture: Picture, endpoint: str) -> StoredPhase | None:
    """The load that broke the application when the endpoint was asked there, else the polite user."""
    return picture.failing if picture.requests(picture.failing, endpoint) else picture.localhost
