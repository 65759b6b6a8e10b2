"""The first requests after a start take much longer.

## What it is

Work that is done at the first request instead of at the start: imports inside functions, compiled templates and
models, a connection, a model loaded, caches that are filled.

## Why it hurts

Each deployment and each new worker makes users wait, all at once and while the load is on; with many workers each
of them starts cold.

## How it is detected

The very first answers of each endpoint are compared with what one polite user gets afterwards. An endpoint fires
when its first answer took at least one second and ten times as long as usual.

## How to fix it

Do it before the first request: in `lifespan`, with gunicorn's `--preload`, by importing at the top, by a warm-up
request that the readiness check waits for.
"""

from collections.abc import Iterator

from nineam.diagnose.found import found
from nineam.diagnose.picture import Picture
from nineam.histogram import Histogram
from nineam.model import Finding

CODE = "cold-start"
TITLE = "The first request takes far longer than the next"
SMALLEST_MS = 1000.0
SMALLEST_RATIO = 10.0


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield at most one finding, at the slowest first answer."""
    first = {
        name: Histogram.from_data(stats.service).max / 1000 for name, stats in picture.endpoints(picture.warmup).items()
    }
    usual = {
        name: Histogram.from_data(stats.service).percentile(50) / 1000
        for name, stats in picture.endpoints(picture.localhost).items()
        if stats.requests > stats.failed
    }
    cold = {
        name: ms for name, ms in first.items() if name in usual and ms >= max(SMALLEST_MS, SMALLEST_RATIO * usual[name])
    }
    if not cold:
        return
    name = max(cold, key=lambda each: cold[each])
    template = picture.template(name)
    yield found(
        picture,
        picture.localhost,
        name,
        0.0,
        code=CODE,
        title=f"the first answer takes {cold[name] / 1000:.1f} s, later ones {usual[name]:.0f} ms",
        site=picture.source("endpoint", template),
        evidence={"first_ms": {each: round(ms) for each, ms in cold.items()}, "usual_ms": round(usual[name], 1)},
        fix="do it before the first request: at start-up, or in a warm-up that readiness waits for",
        confidence=0.8,
    )
