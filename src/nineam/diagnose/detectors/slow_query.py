"""One statement takes most of the endpoint's time, with nobody else around.

## What it is

A statement that is slow by itself: it reads more rows than it returns, sorts what no index orders, or aggregates a
table for every request.

## Why it hurts

It holds a connection for as long as it runs. It takes the database's CPU from everybody, so all others become slow
with it, and it grows with the data.

## How it is detected

Every execution is timed, by text and line, and so is fetching what it gave (with SQLite that is nearly all of it). A
statement fires when with one polite user, where nothing else competes for the database, one execution takes at least
20 ms on average and all its executions take at least a quarter of the endpoint's time. Where other programs keep the
processors busy, a notice says how much they took.
Statements of one line that differ in their text (a filter more or less) count together. Where most of the time is
fetching rows that the answer cannot contain, `over-fetching` says so instead.

With `--grown` a statement also fires when it is so slow only on the largest clone of the database; the rows and how it
grows with them stand in the evidence. It then comes last and is not blamed for anything that happened without the data.

## How to fix it

Look at its plan (`EXPLAIN (ANALYZE, BUFFERS)`, SQLite's `EXPLAIN QUERY PLAN`): an index on what it filters and
orders by, fewer columns, a limit, or a number that is kept instead of counted each time. Where indexes were tried in a
clone (`--grown`, `nineam index`), it says what came of that for this statement.
"""

from collections.abc import Iterator

from nineam.diagnose.fetched import excess
from nineam.diagnose.found import found
from nineam.diagnose.picture import Picture
from nineam.diagnose.proved_indexes import advice
from nineam.model import Finding
from nineam.store.records import QuerySum

CODE = "slow-query"
TITLE = "A statement is slow by itself"
SMALLEST_MS = 20.0
SMALLEST_SHARE = 0.25


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per endpoint and line."""
    for endpoint in picture.seen(picture.localhost):
        lines: dict[str, list[QuerySum]] = {}
        too_much = [seen.query for seen in excess(picture, picture.localhost, endpoint) if seen.fetching]
        for row in picture.queries(picture.localhost, endpoint):
            if row.taken_ns / max(1, row.executions) / 1e6 >= SMALLEST_MS and row not in too_much:
                lines.setdefault(row.site or row.statement, []).append(row)
        for rows in lines.values():
            alone = sum(row.taken_ns for row in rows) / picture.requests(picture.localhost, endpoint) / 1e6
            if alone >= SMALLEST_SHARE * picture.server_ms(picture.localhost, endpoint):
                yield _finding(picture, endpoint, sorted(rows, key=lambda row: -row.taken_ns), alone)


def _finding(picture: Picture, endpoint: str, rows: list[QuerySum], alone: float) -> Finding:
    phase = picture.telling(endpoint)
    row, texts, sites = rows[0], {row.statement for row in rows}, {row.site for row in rows}
    same = [each for each in picture.queries(phase, endpoint) if each.statement in texts and each.site in sites]
    now = sum(each.taken_ns for each in same) / max(1, picture.requests(phase, endpoint)) / 1e6 or alone
    runs = sum(each.executions for each in rows)
    each_ms = sum(each.taken_ns for each in rows) / runs / 1e6
    tried = advice(picture, row.statement)
    index = f"{tried};" if tried else "an index on what it filters and orders by,"
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
            "runs_per_request": round(runs / picture.requests(picture.localhost, endpoint), 1),
            "localhost_ms": round(alone, 1),
            "monday_ms": round(now, 1),
        },
        fix=f"look at its plan (EXPLAIN): {index} fewer rows, or a number kept ready",
    )
