"""Connections are taken and never given back.

## What it is

A path through the code takes a connection from the pool and forgets it: an error before `close()`, a session
without `with`.

## Why it hurts

The pool becomes smaller with every such request, until nobody gets a connection and everything times out. It never
shows with one user and a restart in between.

## How it is detected

How many connections are out is read ten times a second. It fires when after the load, with one polite user again,
at least two connections more are out at every reading than before the load.

## How to fix it

`with engine.begin()`, `async with session`, `contextlib.closing`; a dependency with `yield` and `finally`. Make it
visible while developing: a small pool without overflow and a short timeout.
"""

from collections.abc import Iterator

from nineam.diagnose.found import found
from nineam.diagnose.picture import Picture
from nineam.model import Finding
from nineam.store.records import StoredPhase

CODE = "connection-leak"
TITLE = "Connections are never given back"
FEWEST = 2
FEWEST_READINGS = 5


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield at most one finding."""
    before, after = _least(picture, picture.localhost), _least(picture, picture.after)
    if before is None or after is None or after - before < FEWEST:
        return
    waits = {name: picture.statements(picture.failing, name) for name in picture.users_endpoints(picture.failing)}
    endpoint = max(waits, key=lambda name: waits[name], default="")
    yield found(
        picture,
        picture.failing,
        endpoint,
        picture.layer(picture.failing, endpoint, "pool_wait"),
        code=CODE,
        title=f"{after - before:.0f} connections are still out after the load",
        site=picture.source("layer", "pool_wait"),
        evidence={"out_before": before, "out_after": after},
        fix="give connections back on every path: `with`, or a dependency with `yield` and `finally`",
    )


def _least(picture: Picture, phase: StoredPhase | None) -> float | None:
    """Give the fewest connections that were out in a phase, in all processes together; None when hardly looked at."""
    least: dict[int, list[float]] = {}
    for gauge in picture.run.gauges:
        if phase and "pool.used" in gauge.values and phase.begin_ns <= gauge.at_ns <= (phase.end_ns or 0):
            least.setdefault(gauge.process, []).append(gauge.values["pool.used"])
    if not least or any(len(readings) < FEWEST_READINGS for readings in least.values()):
        return None
    return sum(min(readings) for readings in least.values())
