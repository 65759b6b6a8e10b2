"""Requests queue for a database connection.

## What it is

More requests want a connection at the same time than the pool has, so they wait in front of it.

## Why it hurts

Waiting for a connection is time in which nothing happens at all. It hides behind "the database is slow", spreads
to every endpoint that shares the pool, and ends in timeouts.

## How it is detected

The wait inside the pool is measured per request, apart from making a connection. It fires when at Monday's load
some endpoint waits at least 10 ms on average while every connection of the pool is out and others queue for one. A
pool that is full without anybody waiting does not fire, nor one whose connections are out because those who hold
them wait for a busy event loop.

## How to fix it

First shorten what holds connections (see `n-plus-one`): by Little's law a pool needs *rate x time held*
connections. Only then make it larger, within what the database accepts over all workers.
"""

import math
from collections.abc import Iterator

from nineam.diagnose.found import held_connections
from nineam.diagnose.picture import Picture, place
from nineam.model import Finding

CODE = "pool-exhausted"
TITLE = "Requests queue for a database connection"
SMALLEST_MS = 10.0
WORKING_SHARE = 0.5
BUSY_SHARE = 0.7
"""A pool busier than this makes people queue even when it is large enough on average."""


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding, at the endpoint that waits longest."""
    phase = picture.failing
    waits = {endpoint: picture.layer(phase, endpoint, "pool_wait") for endpoint in picture.seen(phase)}
    endpoint = max(waits, key=lambda name: waits[name], default="")
    if not endpoint or waits[endpoint] < SMALLEST_MS or phase is None:
        return
    used, size = picture.gauge([phase], "pool.used"), picture.gauge([phase], "pool.size")
    waiting = max(picture.gauge([phase], "pool.waiting"), default=0)
    limit = max(size, default=0) + max(picture.gauge([phase], "pool.max_overflow"), default=0)
    exhausted = max(picture.gauge([phase], "pool.exhausted"), default=0) or max(used, default=0) >= limit
    if waiting < 1 or not exhausted or _waiting_themselves(picture):
        return
    yield _finding(picture, endpoint, waits, limit, waiting)


def _waiting_themselves(picture: Picture) -> bool:
    """Whether those who hold connections mostly wait for a turn themselves: a larger pool changes nothing."""
    held = held_connections(picture, picture.failing)
    working = held.used + sum(held.besides.values()) if held else 0.0
    return held is not None and 0 < working < WORKING_SHARE * held.out


def _finding(picture: Picture, endpoint: str, waits: dict[str, float], limit: float, waiting: float) -> Finding:
    phase = picture.failing
    assert phase is not None
    where, function = place(picture.source("layer", "pool_wait"))
    held, rate = _held(picture)
    needed = math.ceil(held / 1000 * rate / BUSY_SHARE)
    return Finding(
        code=CODE,
        title=f"{waits[endpoint]:.0f} ms in front of a pool of {limit:.0f}",
        endpoint=endpoint,
        where=where,
        function=function,
        statement="",
        relationship="",
        share=min(1.0, waits[endpoint] / max(0.001, picture.server_ms(phase, endpoint))),
        ms_per_request=waits[endpoint],
        evidence={
            "pool_size": limit,
            "most_waiting": waiting,
            "held_ms": round(held, 1),
            "connections_needed": needed,
            "wait_ms": {name: round(ms, 1) for name, ms in sorted(waits.items(), key=lambda item: -item[1])},
        },
        fix=_fix(held, rate, needed),
        confidence=0.9,
        kind="measured",
    )


def _fix(held: float, rate: float, needed: int) -> str:
    if not held:
        return (
            "no connection came back while the load was on: whoever holds one waits for something that its holders hold"
        )
    return (
        f"shorten what holds a connection ({held:.0f} ms each time), then size the pool by rate x time held"
        f" (about {needed} at {rate:.0f}/s)"
    )


def _held(picture: Picture) -> tuple[float, float]:
    """Mean milliseconds that a connection is out, and how often per second one is taken, while the load was on."""
    phase = picture.failing
    assert phase is not None
    held, taken = picture.gauge_rate(phase, "pool.held_s"), picture.gauge_rate(phase, "pool.checkouts")
    return (held / taken * 1000, taken) if held and taken else (0.0, 0.0)
