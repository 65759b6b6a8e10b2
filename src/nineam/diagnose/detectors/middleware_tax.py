"""A middleware takes a cut of every request.

## What it is

A middleware whose own code costs a noticeable part of the requests that pass through it: parsing bodies again,
logging at length, wrapping responses in a task of its own (`BaseHTTPMiddleware`).

## Why it hurts

It is paid by every endpoint, also by the cheap ones, and it is CPU: what it takes, nobody else gets.

## How it is detected

Each middleware is timed on its own, exclusive of everything inside it. One fires when, with one polite user,
it takes at least 1 ms and 5 % of some endpoint's time, on average and in most requests: both have to be sure of the
median of the requests that were kept whole (19 times in 20, by their ranks). On a busy machine a few that lost the
processor inside a middleware make a mean, but no median. Of fewer than five requests only the mean is known; the
milliseconds in which other programs had the processor then do not count.

## How to fix it

Do its work where it is needed, or take it out if nothing needs it. In Starlette and FastAPI write it as plain ASGI
instead of `BaseHTTPMiddleware`. Do not touch bodies, and leave compression to the server in front.

What protects the application stays, whatever it costs: forged forms (CSRF), sessions, authentication, CORS, hosts,
HTTPS, security headers and limits, told by the names that frameworks give them. For these the finding says the cost,
and what is safe: cheaper sessions and look-ups, an exempt endpoint where no cookie logs anybody in, another order.
"""

from collections.abc import Iterator, Sequence
from math import sqrt

from nineam.diagnose.picture import FEWEST, Picture, place
from nineam.diagnose.processor import had_one
from nineam.diagnose.protecting import advice
from nineam.model import Finding

CODE = "middleware-tax"
TITLE = "A middleware takes a cut of every request"
SMALLEST_MS = 1.0
SMALLEST_SHARE = 0.05
PREFIX = "middleware:"
RANKS = 0.82
"""Ranks below the middle, times the root of how many there are, that the median is above 19 times in 20."""
ASGI = "starlette.applications"
"""The hook of an application whose middlewares may wrap what plain ASGI would pass on."""


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per middleware, at the endpoint where it costs most."""
    costs: dict[str, dict[str, float]] = {}
    for endpoint in picture.seen(picture.localhost):
        for layer, ms in picture.layers(picture.localhost, endpoint).items():
            if layer.startswith(PREFIX):
                costs.setdefault(layer, {})[endpoint] = ms
    for layer, by_endpoint in costs.items():
        heavy = [endpoint for endpoint, ms in by_endpoint.items() if _is_heavy(picture, layer, endpoint, ms)]
        if heavy:
            worst = max(heavy, key=lambda endpoint: by_endpoint[endpoint] * picture.requests(picture.failing, endpoint))
            yield _finding(picture, layer, by_endpoint, worst)


def _is_heavy(picture: Picture, layer: str, endpoint: str, mean: float) -> bool:
    """Whether a middleware is sure to take both its smallest parts of most requests, and does of all together."""
    alone = picture.localhost
    taken = [
        (each.layers.get(layer, 0) / 1e6, each.layers.get(layer, 0) / max(1, each.total_ns))
        for each in picture.run.polite
        if alone and (each.phase, each.endpoint) == (alone.id, endpoint)
    ]
    share = mean / max(0.001, picture.server_ms(alone, endpoint))
    if mean < SMALLEST_MS or share < SMALLEST_SHARE:
        return False
    if len(taken) < FEWEST:
        return mean * had_one(picture, alone) >= SMALLEST_MS
    milliseconds, shares = zip(*taken, strict=True)
    return _surely(milliseconds) >= SMALLEST_MS and _surely(shares) >= SMALLEST_SHARE


def _surely(values: Sequence[float]) -> float:
    """Return what the median is at least: a rank that is below it 19 times in 20, whatever the distribution."""
    below = round(RANKS * sqrt(len(values)))
    return sorted(values)[max(0, len(values) // 2 - below)]


def _finding(picture: Picture, layer: str, by_endpoint: dict[str, float], endpoint: str) -> Finding:
    where, function = place(picture.source("layer", layer))
    name = layer.removeprefix(PREFIX)
    total = picture.server_ms(picture.localhost, endpoint)
    phase = picture.telling(endpoint)
    now = picture.layer(phase, endpoint, layer)
    return Finding(
        code=CODE,
        title=f"{name} takes {by_endpoint[endpoint]:.1f} of {total:.1f} ms with one user",
        endpoint=endpoint,
        where=where,
        function=function,
        statement="",
        relationship="",
        share=picture.share(phase, endpoint, now),
        ms_per_request=now,
        evidence={
            "localhost_ms": round(by_endpoint[endpoint], 2),
            "localhost_share": round(by_endpoint[endpoint] / total, 2),
            "endpoints": {name: round(ms, 2) for name, ms in sorted(by_endpoint.items(), key=lambda item: -item[1])},
        },
        fix=_fix(name, on_asgi=ASGI in picture.run.hooks),
        confidence=0.9,
        kind="measured",
    )


def _fix(name: str, *, on_asgi: bool) -> str:
    if stays := advice(name):
        return stays
    if on_asgi:
        return f"take {name} out if nothing needs it, or rewrite it as plain ASGI that does not touch bodies"
    return f"take {name} out if nothing needs it, or do its work in the views that do"
