"""A middleware takes a cut of every request.

## What it is

A middleware whose own code costs a noticeable part of the requests that pass through it: parsing bodies again,
logging at length, wrapping responses in a task of its own (`BaseHTTPMiddleware`).

## Why it hurts

It is paid by every endpoint, also by the cheap ones, and it is CPU: what it takes, nobody else gets.

## How it is detected

Each middleware is timed on its own, exclusive of everything inside it. One fires when, with one polite user,
it takes at least 1 ms and 5 % of some endpoint's time.

## How to fix it

Remove it, or do its work where it is needed. In Starlette and FastAPI write it as plain ASGI instead of
`BaseHTTPMiddleware`. Do not touch bodies, and leave compression and headers to the server in front.
"""

from collections.abc import Iterator

from nineam.diagnose.picture import Picture, place
from nineam.model import Finding

CODE = "middleware-tax"
TITLE = "A middleware takes a cut of every request"
SMALLEST_MS = 1.0
SMALLEST_SHARE = 0.05
PREFIX = "middleware:"
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
        heavy = [
            endpoint
            for endpoint, ms in by_endpoint.items()
            if ms >= SMALLEST_MS and ms >= SMALLEST_SHARE * picture.server_ms(picture.localhost, endpoint)
        ]
        if heavy:
            worst = max(heavy, key=lambda endpoint: by_endpoint[endpoint] * picture.requests(picture.failing, endpoint))
            yield _finding(picture, layer, by_endpoint, worst)


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
    if on_asgi:
        return f"take {name} out, or rewrite it as plain ASGI that does not touch bodies"
    return f"take {name} out, or do its work in the views that need it"
