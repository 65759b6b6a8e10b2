"""One statement takes most of the endpoint's time, with nobody else around.

## What it is

A statement that is slow by itself: it reads more rows than it returns, sorts what no index orders, or aggregates a
table for every request.

## Why it hurts

It holds a connection for as long as it runs. It takes the database's CPU from everybody, so all others become slow
with it, and it grows with the data.

## How it is detected

Every execution is timed, by text and line. A statement fires when with one polite user, where nothing else
competes for the database, one execution takes at least 20 ms on average and all its executions take at least a
quarter of the endpoint's time.

## How to fix it

Look at its plan (`EXPLAIN (ANALYZE, BUFFERS)`, SQLite's `EXPLAIN QUERY PLAN`): an index on what it filters and
orders by, fewer columns, a limit, or a number that is kept instead of counted each time.
"""

from collections.abc import Iterator

from nineam.diagnose.found import found
from nineam.diagnose.picture import Picture
from nineam.model import Finding
from nineam.store.records import QuerySum

CODE = "slow-query"
TITLE = "A statement is slow by itself"
SMALLEST_MS = 20.0
SMALLEST_SHARE = 0.25


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per endpoint and statement."""
    for endpoint in picture.seen(picture.localhost):
        requests = picture.requests(picture.localhost, endpoint)
        for row in picture.queries(picture.localhost, endpoint):
            alone = row.ns / requests / 1e6
            share = alone / max(0.001, picture.server_ms(picture.localhost, endpoint))
            if row.ns / max(1, row.executions) / 1e6 >= SMALLEST_MS and share >= SMALLEST_SHARE:
                yield _finding(picture, endpoint, row, alone)


def _finding(picture: Picture, endpoint: str, row: QuerySum, alone: float) -> Finding:
    phase = picture.telling(endpoint)
    same = [
        each for each in picture.queries(phase, endpoint) if (each.statement, each.site) == (row.statement, row.site)
    ]
    now = sum(each.ns for each in same) / max(1, picture.requests(phase, endpoint)) / 1e6 or alone
    each_ms = row.ns / row.executions / 1e6
    return found(
        picture,
        phase,
        endpoint,
        now,
        code=CODE,
        title=f"one statement takes {each_ms:.0f} ms with one user",
        site=row.site or picture.source("endpoint", endpoint),
        statement=row.statement,
        evidence={
            "each_ms": round(each_ms, 1),
            "runs_per_request": round(row.executions / max(1, row.requests), 1),
            "localhost_ms": round(alone, 1),
            "monday_ms": round(now, 1),
        },
        fix="look at its plan (EXPLAIN): an index on what it filters and orders by, fewer rows, or a number kept ready",
    )
