"""The health check says one thing, the application does another.

## What it is

A health check that fails while the application still serves its users (because it queues for the same pool or
threads as they do), or one that says 200 while they are turned away.

## Why it hurts

An orchestrator believes it. The first kind gets a busy but working process killed, and its load moved to the
others, at the worst moment; the second keeps a dead one in rotation.

## How it is detected

The health path is probed five times a second on a connection of its own, with a limit of one second, as
orchestrators do. The first kind fires when at some load at least a tenth of the probes fail while most users are
still served, and when what grew inside the check is waiting for a pool, for threads or for the database. A check
that is late because the whole process is late is telling the truth and does not fire. The second kind fires when
it answers while more than half of all requests fail.

## How to fix it

Answer liveness from the process alone: an `async def` that touches nothing shared. Ask for the database in a
separate readiness check, on a connection of its own and with a short timeout.
"""

from collections.abc import Iterator

from nineam.diagnose.picture import DATABASE_LAYERS, Picture, place
from nineam.histogram import Histogram
from nineam.model import EndpointStats, Finding
from nineam.store.records import StoredPhase

CODE = "dishonest-health-check"
TITLE = "The health check is not honest"
FAILED_SHARE = 0.1
FEWEST_FAILED = 2
SHARED = ("pool_wait", "threadpool_wait", "db_connect", *DATABASE_LAYERS)


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield at most one finding: the first stair at which the check was not honest."""
    for stair in picture.lasting:
        health = picture.stats(stair).health
        if health is None or not health.requests:
            continue
        served = _served(picture, stair)
        failed = health.failed / health.requests
        if failed >= FAILED_SHARE and health.failed >= FEWEST_FAILED and served > 0.5:
            growth = picture.growth(stair, picture.template(health.name))
            shared = sum(ms for layer, ms in growth.items() if layer in SHARED)
            if shared >= 0.5 * sum(growth.values()) and shared > 0:
                yield _crying_wolf(picture, stair, health, growth, served)
                return
        elif failed < FAILED_SHARE and served < 0.5:
            yield _looking_away(picture, stair, health, served)
            return


def _served(picture: Picture, stair: StoredPhase) -> float:
    """Share of users' requests that were answered well."""
    endpoints = [stats for name, stats in picture.judged(stair).items() if name not in picture.exempt]
    total = sum(stats.requests for stats in endpoints)
    return 1 - sum(stats.failed for stats in endpoints) / total if total else 1.0


def _crying_wolf(
    picture: Picture, stair: StoredPhase, health: EndpointStats, growth: dict[str, float], served: float
) -> Finding:
    layer = max(growth, key=lambda name: growth[name])
    title = f"the health check fails while {served:.0%} of requests are still answered"
    fix = "answer liveness without the shared pool (an `async def` that touches nothing); check the database elsewhere"
    evidence = {"waits_in": layer, "waits_ms": round(growth[layer], 1)}
    return _finding(picture, stair, health, title, fix, evidence)


def _looking_away(picture: Picture, stair: StoredPhase, health: EndpointStats, served: float) -> Finding:
    title = f"the health check says it is well while {1 - served:.0%} of requests fail"
    fix = "let readiness depend on what users need: a bounded query, on a connection of its own, with a short timeout"
    return _finding(picture, stair, health, title, fix, {})


def _finding(
    picture: Picture, stair: StoredPhase, health: EndpointStats, title: str, fix: str, evidence: dict[str, object]
) -> Finding:
    name = picture.template(health.name)
    where, function = place(picture.source("endpoint", name))
    total = picture.server_ms(stair, name)
    shared = picture.layer(stair, name, *SHARED)
    return Finding(
        code=CODE,
        title=title,
        endpoint=name,
        where=where,
        function=function,
        statement="",
        relationship="",
        share=min(1.0, shared / total) if total else 0.0,
        ms_per_request=total,
        evidence={
            "probes": health.requests,
            "failed": health.failed,
            "p95_ms": round(Histogram.from_data(health.response).percentile(95) / 1000, 1),
            "rate": stair.rate,
            **evidence,
        },
        fix=fix,
        confidence=0.9,
        kind="measured",
    )
