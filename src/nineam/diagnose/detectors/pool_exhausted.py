"""Requests queue for a database connection.

## What it is

More requests want a connection at the same time than the pool has, so they wait in front of it.

## Why it hurts

Waiting for a connection is time in which nothing happens at all. It hides behind "the database is slow", spreads
to every endpoint that shares the pool, and ends in timeouts.

## How it is detected

The wait inside the pool is measured per request, apart from making a connection. It fires when at Monday's load
some endpoint waits at least 10 ms on average and at least one look in seven at the pool finds all its connections out
and others queueing for one. A pool that is full without anybody waiting does not fire, nor one that is so for a moment
(a pause lets requests pile up, whatever the pool), nor one whose connections are out because those who hold
them wait for a busy event loop: when they hold them at least twice as long as with one polite user, and neither the
database nor anything else that they do in the meantime explains it.

## How to fix it

First shorten what holds connections (see `n-plus-one`): by Little's law a pool needs *rate x time held*
connections. Only then make it larger, within what the database accepts over all workers.
"""

import math
from collections.abc import Iterator

from nineam.diagnose.found import Held, held_connections
from nineam.diagnose.picture import Picture, place
from nineam.model import Finding
from nineam.store.records import StoredPhase

CODE = "pool-exhausted"
TITLE = "Requests queue for a database connection"
SMALLEST_MS = 10.0
FULL_SHARE = 0.15
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
    size, overflow = picture.gauge([phase], "pool.size"), picture.gauge([phase], "pool.max_overflow")
    limit = max(size, default=0) + max(overflow, default=0)
    waiting = max(picture.gauge([phase], "pool.waiting"), default=0)
    if _exhausted_share(picture, phase, limit) < FULL_SHARE or _waiting_themselves(picture):
        return
    yield _finding(picture, endpoint, waits, limit, waiting)


def _exhausted_share(picture: Picture, phase: StoredPhase, limit: float) -> float:
    """The part of all looks at a process that found every connection out and somebody waiting; the worst process's."""
    looks: dict[int, list[bool]] = {}
    for gauge in picture.run.gauges:
        values = gauge.values
        if "pool.used" in values and phase.begin_ns <= gauge.at_ns <= (phase.end_ns or 0):
            out = values.get("pool.exhausted", 0) >= 1 or values["pool.used"] >= limit
            looks.setdefault(gauge.process, []).append(out and values.get("pool.waiting", 0) >= 1)
    return max((sum(found) / len(found) for found in looks.values()), default=0.0)


def _waiting_themselves(picture: Picture) -> bool:
    """Whether those who hold connections mostly wait for a turn themselves: a larger pool changes nothing."""
    held, alone = (held_connections(picture, phase) for phase in (picture.failing, picture.localhost))
    if held is None:
        return False
    working = held.used + sum(held.besides.values())
    if alone is not None and alone.used:
        working = min(working, _as_alone(held, alone))
    return 0 < working < WORKING_SHARE * held.out


def _as_alone(held: Held, alone: Held) -> float:
    """How long connections would be out if nobody waited: as with one user, and longer by what the database is."""
    times = held.taken / alone.taken
    return alone.out * times + max(0.0, held.used - alone.used * times)


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
