"""A database connection is kept while something else is done.

## What it is

A request takes a connection (or opens a transaction) at its beginning and gives it back at its end, and meanwhile
calls another service, hashes a password or renders a page.

## Why it hurts

The pool is as small as the time connections are held is long: five connections held for 200 ms serve 25 requests a
second, however fast the queries are. An open transaction keeps its locks as long.

## How it is detected

How long connections are out of the pool is measured, and so is what requests do with the database. It fires when
at the load that broke the application a connection is out at least twice as long as the database is used through
it, and 10 ms longer, and requests wait for connections.

## How to fix it

Take the connection late and give it back early: query, leave the session, then call, hash or render. In FastAPI
mind dependencies with `yield`: what they hold, they hold until the response is sent.
"""

from collections.abc import Iterator

from nineam.diagnose.found import found
from nineam.diagnose.layers import WAITS, noun
from nineam.diagnose.picture import DATABASE_LAYERS, Picture
from nineam.model import Finding
from nineam.store.records import StoredPhase

CODE = "connection-held"
TITLE = "Connections are held while something else is done"
SMALLEST_RATIO = 2.0
SMALLEST_MS = 10.0
SMALLEST_WAIT_MS = 1.0
USES = frozenset({*DATABASE_LAYERS, "db_connect", "server_wait", "pool_wait"})
"""Layers that are the database's, or that come before a connection is held."""


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding, at the endpoint that does most besides."""
    phase = picture.failing
    held, taken = picture.gauge_rate(phase, "pool.held_s"), picture.gauge_rate(phase, "pool.checkouts")
    if phase is None or not held or not taken:
        return
    each = held / taken * 1000
    used = _used_ms(picture, phase) / max(0.001, phase.seconds) / taken
    waits = max((picture.layer(phase, name, "pool_wait") for name in picture.seen(phase)), default=0.0)
    if each < SMALLEST_RATIO * used or each - used < SMALLEST_MS or waits < SMALLEST_WAIT_MS:
        return
    endpoint, layer = _what_else(picture, phase)
    if layer:
        yield _finding(picture, phase, endpoint, layer, each, used)


def _used_ms(picture: Picture, phase: StoredPhase) -> float:
    """Milliseconds of all requests of a phase in which the database was used."""
    return sum(
        picture.layer(phase, name, *DATABASE_LAYERS) * picture.requests(phase, name) for name in picture.seen(phase)
    )


def _what_else(picture: Picture, phase: StoredPhase) -> tuple[str, str]:
    """Return the endpoint and layer, beside the database's own, that most time of requests with statements goes to."""
    spent = {
        (name, layer): ms * picture.requests(phase, name)
        for name in picture.users_endpoints(phase)
        if picture.statements(phase, name)
        for layer, ms in picture.layers(phase, name).items()
        if layer not in USES and (layer not in WAITS or layer == "lock_wait")
    }
    return max(spent, key=lambda key: spent[key], default=("", ""))


def _finding(picture: Picture, phase: StoredPhase, endpoint: str, layer: str, each: float, used: float) -> Finding:
    return found(
        picture,
        phase,
        endpoint,
        each - used,
        code=CODE,
        title=f"connections are out {each:.0f} ms and used {used:.0f} ms each time",
        site=picture.source("endpoint", endpoint),
        evidence={"held_ms": round(each, 1), "used_ms": round(used, 1), "meanwhile": layer},
        fix=f"give the connection back before {noun(layer)}: query, leave the session, then the rest",
        confidence=0.75,
    )
