"""More time is spent turning objects into JSON than is needed to say it once.

## What it is

An endpoint spends a large part of its time in pydantic, `json` or the framework's own response validation:
objects become models, models become dictionaries, dictionaries become text and models again.

## Why it hurts

Serialization is pure CPU. It runs under the GIL, so on one worker nothing else runs meanwhile, and it cannot
be bought off with a faster database.

## How it is detected

Time inside pydantic, `json` and the framework's serialization is measured exactly and per calling line. An
endpoint fires when one function of the application causes at least 3 ms and a quarter of the endpoint's time
with one polite user, where nothing of its own competes for the CPU; time in which another program had the
processor is not counted. Where samples of the stack show that a library is in a function of the application that it
has called back (a `SerializerMethodField`, a validator), that function is named.

## How to fix it

Do it once. Return rows or objects and let the response model read them (`from_attributes`), or validate
nothing that you have just built yourself; drop detours through `json.dumps` and `json.loads`. In REST framework: fewer
fields and nested serializers per row, `.values()` where a dictionary will do.
"""

from collections.abc import Iterator

from nineam.diagnose.detectors.n_plus_one import DJANGO
from nineam.diagnose.hot import hot_line
from nineam.diagnose.picture import Picture, place
from nineam.diagnose.processor import had_one
from nineam.model import Finding
from nineam.store.records import SpotSum

CODE = "slow-serializer"
TITLE = "Serialization costs more than the data"
SMALLEST_MS = 3.0
SMALLEST_SHARE = 0.25
FIX = "serialize once: return the rows and let the response model read them, without detours over dict and JSON"
FIX_IN_DJANGO = "fewer fields and nested serializers per row; `.values()` where a dictionary will do; page the list"


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per endpoint whose serialization is expensive even with one polite user."""
    had = had_one(picture, picture.localhost)
    for endpoint in picture.seen(picture.localhost):
        requests = picture.requests(picture.localhost, endpoint)
        functions: dict[str, list[SpotSum]] = {}
        for spot in picture.spots(picture.localhost, endpoint, "serializer"):
            where, function = place(spot.site or picture.source("endpoint", endpoint))
            functions.setdefault(f"{where.rpartition(':')[0]}:{function}", []).append(spot)
        for spots in functions.values():
            alone = sum(spot.ns for spot in spots) / requests / 1e6
            if alone * had >= SMALLEST_MS and alone >= SMALLEST_SHARE * picture.server_ms(picture.localhost, endpoint):
                yield _finding(picture, endpoint, sorted(spots, key=lambda spot: -spot.ns), alone)


def _finding(picture: Picture, endpoint: str, spots: list[SpotSum], alone: float) -> Finding:
    requests = picture.requests(picture.localhost, endpoint)
    hot = hot_line(picture, endpoint, "serializer")
    where, function = place(hot or spots[0].site or picture.source("endpoint", endpoint))
    calls = sum(spot.calls for spot in spots) / requests
    localhost = picture.server_ms(picture.localhost, endpoint)
    # of what the layer takes under load, this function's part is its part with one user
    part = alone / max(alone, picture.layer(picture.localhost, endpoint, "serializer"))
    now = part * picture.layer(picture.failing, endpoint, "serializer")
    lines = len({spot.site for spot in spots})
    return Finding(
        code=CODE,
        title=f"serialization takes {alone:.1f} of {localhost:.1f} ms with one user"
        + (f", in {lines} passes" if lines > 1 else ""),
        endpoint=endpoint,
        where=where,
        function=function,
        statement="",
        relationship="",
        share=picture.share(picture.failing, endpoint, now),
        ms_per_request=now,
        evidence={
            "localhost_ms": round(alone, 2),
            "localhost_share": round(alone / localhost, 2),
            "calls_per_request": round(calls, 1),
            "lines": {place(spot.site)[0]: round(spot.ns / requests / 1e6, 2) for spot in spots if spot.site},
        },
        fix=FIX_IN_DJANGO if DJANGO in picture.run.hooks else FIX,
        confidence=0.9,
        kind="measured",
    )
