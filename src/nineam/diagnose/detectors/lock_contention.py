"""Requests wait for each other's locks.

## What it is

Something only one request at a time may do: a lock, semaphore or condition around shared state, or a row that
every request updates in the database.

## Why it hurts

However many workers there are, they pass there one by one. The time inside, times the rate, is a ceiling for the
whole application.

## How it is detected

Waiting for locks, conditions and semaphores of threads and of asyncio is timed (a plain `threading.Lock` is
written in C and cannot be seen). It fires when at the load that broke the application some endpoint waits at least
10 ms longer than with one polite user, and a fifth of its time. A database lock shows as one writing statement
(`UPDATE`, `DELETE`, `INSERT`, `SELECT ... FOR UPDATE`) that takes at least 10 ms longer than alone, while what the
endpoint reads grows by less than a third of that.

## How to fix it

Do less inside: compute before, write after. Lock what belongs together and not everything (one lock per key). In
the database, update last before the commit, and count in rows of one's own instead of in one that all share.
"""

from collections.abc import Iterator

from nineam.diagnose.found import found, longest_wait
from nineam.diagnose.picture import Picture
from nineam.model import Finding
from nineam.store.records import QuerySum, StoredPhase

CODE = "lock-contention"
TITLE = "Requests wait for each other's locks"
SMALLEST_MS = 10.0
SMALLEST_SHARE = 0.2
OTHERS_SHARE = 1 / 3
WRITES = ("update", "delete", "insert", "replace", "merge")


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding for locks in the application, and one per endpoint for the database's."""
    yield from _in_the_application(picture)
    for endpoint in picture.users_endpoints(picture.failing):
        yield from _in_the_database(picture, endpoint)


def _in_the_application(picture: Picture) -> Iterator[Finding]:
    phase = picture.failing
    worst = longest_wait(picture, "lock_wait", SMALLEST_MS)
    if worst is None or picture.share(phase, worst[0], worst[1]) < SMALLEST_SHARE:
        return
    endpoint, ms = worst
    spots = picture.spots(phase, endpoint, "lock_wait")
    site = max(spots, key=lambda spot: spot.ns).site if spots else ""
    yield found(
        picture,
        phase,
        endpoint,
        ms,
        code=CODE,
        title=f"{ms:.0f} ms in front of a lock",
        site=site or picture.source("endpoint", endpoint),
        evidence={"wait_ms": round(ms, 1), "kind": "application"},
        fix="do less while the lock is held, or lock per key instead of once for all",
    )


def _in_the_database(picture: Picture, endpoint: str) -> Iterator[Finding]:
    now, before = (_each_ms(picture, phase, endpoint) for phase in (picture.failing, picture.localhost))
    grown = {key: ms - before[key] for key, ms in now.items() if key in before}
    writes = {key: ms for key, ms in grown.items() if _writes(key[0]) and ms >= SMALLEST_MS}
    reads = [ms for key, ms in grown.items() if not _writes(key[0])]
    if not writes or not reads:  # with nothing to compare with, the whole database may be slow
        return
    key = max(writes, key=lambda each: writes[each])
    if max(reads) > OTHERS_SHARE * writes[key]:
        return
    yield found(
        picture,
        picture.failing,
        endpoint,
        writes[key],
        code=CODE,
        title=f"one statement waits {writes[key]:.0f} ms for a lock in the database",
        site=key[1] or picture.source("endpoint", endpoint),
        statement=key[0],
        evidence={
            "localhost_ms": round(before[key], 1),
            "monday_ms": round(now[key], 1),
            "reads_grow_ms": round(max(reads), 1),
            "kind": "database",
        },
        fix="update last, right before the commit; do not let all requests write the same row",
        confidence=0.8,
    )


def _each_ms(picture: Picture, phase: StoredPhase | None, endpoint: str) -> dict[tuple[str, str], float]:
    """Mean milliseconds of one execution, by statement and line."""
    rows: tuple[QuerySum, ...] = picture.queries(phase, endpoint)
    return {(row.statement, row.site): row.ns / max(1, row.executions) / 1e6 for row in rows}


def _writes(statement: str) -> bool:
    text = statement.lstrip().lower()
    return text.startswith(WRITES) or "for update" in text
