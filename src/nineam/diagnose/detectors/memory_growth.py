"""Memory grows with the requests and does not come back.

## What it is

Something keeps what requests leave behind: a module-level dictionary, an unbounded `lru_cache`, a list of past
events, a client made anew for each request.

## Why it hurts

The process is killed when the memory is full, on a Monday after a week of growing, with everything it was serving.

## How it is detected

The resident memory of the application's processes is read ten times a second. It fires when from the end of the first
stair to the way back down it has grown by at least 50 MB and a half, in every stair, by more than 1 kB per
request. Growth that ends (pools, caches and import at first use) does not fire.

## How to fix it

Bound caches (`lru_cache(maxsize=...)`, a time to live), keep clients and engines one per process; `tracemalloc`
shows which lines the memory belongs to.
"""

import itertools
from collections.abc import Iterator

from nineam.diagnose.found import found
from nineam.diagnose.picture import Picture
from nineam.model import Finding
from nineam.store.records import StoredPhase

CODE = "memory-growth"
TITLE = "Memory grows with every request"
SMALLEST_BYTES = 50_000_000
SMALLEST_SHARE = 0.5
SMALLEST_EACH = 1000
FEWEST_STAIRS = 3
STEADY_SHARE = 0.25
"""What a stair must add at least, per request, of what all of them add: growth that ends is none."""


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield at most one finding, at the endpoint with most requests."""
    stairs = [stair for stair in picture.stairs if _requests(picture, stair)]
    sizes = [_last(picture, stair) for stair in stairs]
    if len(stairs) < FEWEST_STAIRS or not all(sizes) or not picture.after:
        return
    after = _last(picture, picture.after)
    grown, requests = sizes[-1] - sizes[0], sum(_requests(picture, stair) for stair in stairs[1:])
    each = grown / requests
    lasting = min(after or sizes[-1], sizes[-1]) - sizes[0]
    steady = all(
        one - other >= STEADY_SHARE * each * _requests(picture, stair)
        for (other, one), stair in zip(itertools.pairwise(sizes), stairs[1:], strict=True)
    )
    if lasting < max(SMALLEST_BYTES, SMALLEST_SHARE * sizes[0]) or each < SMALLEST_EACH or not steady:
        return
    counts = {name: picture.requests(picture.monday, name) for name in picture.users_endpoints(picture.monday)}
    yield found(
        picture,
        picture.monday,
        max(counts, key=lambda name: counts[name], default=""),
        0.0,
        code=CODE,
        title=f"{grown / 1e6:.0f} MB more after {requests} requests, {each / 1000:.0f} kB each",
        site="",
        evidence={
            "megabytes": [round(size / 1e6, 1) for size in (*sizes, after or 0.0)],
            "bytes_per_request": round(each),
            "requests": requests,
        },
        fix="look for what only grows (a module's dictionary, `lru_cache(maxsize=None)`, a client per request)"
        " and bound it",
        confidence=0.75,
    )


def _requests(picture: Picture, stair: StoredPhase) -> int:
    return sum(picture.requests(stair, name) for name in picture.seen(stair))


def _last(picture: Picture, phase: StoredPhase) -> float:
    """Resident bytes of all processes of the application at the end of a phase; 0 when nobody looked."""
    readings = picture.gauge([phase], "app.rss")
    return readings[-1] if readings else 0.0
