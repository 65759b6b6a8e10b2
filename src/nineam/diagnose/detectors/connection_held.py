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
it, and 10 ms longer, and requests wait for connections. With one polite user a quarter of that must be so already:
what is only longer under load waits, for the event loop say, and something else is the cause.

## How to fix it

Take the connection late and give it back early: query, leave the session, then call, hash or render. In FastAPI
mind dependencies with `yield`: what they hold, they hold until the response is sent.
"""

import math
from collections.abc import Iterator

from nineam.diagnose.found import Held, found, held_connections
from nineam.diagnose.layers import noun
from nineam.diagnose.picture import Picture
from nineam.model import Finding

CODE = "connection-held"
TITLE = "Connections are held while something else is done"
SMALLEST_RATIO = 2.0
SMALLEST_MS = 10.0
SMALLEST_WAIT_MS = 1.0
EXPLAINED = 0.5
"""What one layer must account for of the time that connections are out and not used."""


ALONE_SHARE = 0.25
"""What of the time that connections are out and not used must be so with one polite user already."""


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding, at the endpoint that does most besides."""
    phase = picture.failing
    held = held_connections(picture, phase)
    waits = max((picture.layer(phase, name, "pool_wait") for name in picture.seen(phase)), default=0.0)
    if held is None or waits < SMALLEST_WAIT_MS:
        return
    idle = held.out - held.used
    key = max(held.besides, key=lambda each: held.besides[each], default=None)
    if held.out < SMALLEST_RATIO * held.used or idle / held.taken < SMALLEST_MS or key is None:
        return
    if held.besides[key] >= EXPLAINED * idle and _idle_alone(picture) >= ALONE_SHARE * idle / held.taken:
        yield _finding(picture, held, *key)


def _idle_alone(picture: Picture) -> float:
    """How long a connection is out and not used with one polite user; infinite when that was not measured."""
    alone = held_connections(picture, picture.localhost)
    return (alone.out - alone.used) / alone.taken if alone else math.inf


def _finding(picture: Picture, held: Held, endpoint: str, layer: str) -> Finding:
    each, used = held.out / held.taken, held.used / held.taken
    return found(
        picture,
        picture.failing,
        endpoint,
        each - used,
        code=CODE,
        title=f"connections are out {each:.0f} ms and used {used:.0f} ms each time",
        site=picture.source("endpoint", endpoint),
        evidence={"held_ms": round(each, 1), "used_ms": round(used, 1), "meanwhile": layer},
        fix=f"give the connection back before {noun(layer)}: query, leave the session, then the rest",
        confidence=0.75,
    )
