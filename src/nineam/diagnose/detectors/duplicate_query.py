"""The same question asked again within one request.

## What it is

A request runs the same statement with the same parameters several times: the current user, the settings, a
permission, loaded anew by each function that needs it.

## Why it hurts

The answer is already there. Each repetition is a round trip, and with a pool a connection held that much longer.

## How it is detected

Per request, statements are counted by text and line, and their parameters are told apart by a hash that never
leaves the process. One fires when a request repeats a `SELECT` with parameters it has used before at least twice
on average, and that costs at least 5 % of the endpoint's time or 2 ms with one polite user. The same statement
with *different* parameters is `n-plus-one`.

## How to fix it

Load it once and pass it on: a dependency that the framework caches per request, an attribute of the request,
`functools.cached_property` on the object that needs it. When it is a relationship of each row of a list, load it with
the list.
"""

from collections.abc import Iterator

from nineam.diagnose.detectors.n_plus_one import DJANGO
from nineam.diagnose.found import found, statements_ms
from nineam.diagnose.picture import Picture
from nineam.model import Finding
from nineam.store.records import QuerySum

CODE = "duplicate-query"
TITLE = "The same query again, with the same parameters"
FEWEST_REPEATS = 2.0
SMALLEST_SHARE = 0.05
SMALLEST_MS = 2.0


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per endpoint and line."""
    for endpoint in picture.seen(picture.localhost):
        phase = picture.telling(endpoint)
        for row in picture.queries(phase, endpoint):
            part = (row.executions - row.distinct_parameters) / max(1, row.executions)
            alone = part * statements_ms(picture, picture.localhost, endpoint, [row])
            total = picture.server_ms(picture.localhost, endpoint)
            if _repeated(row) and (alone >= SMALLEST_MS or alone >= SMALLEST_SHARE * total):
                yield _finding(picture, endpoint, row, part * statements_ms(picture, phase, endpoint, [row]))


def _repeated(row: QuerySum) -> bool:
    again = (row.executions - row.distinct_parameters) / max(1, row.requests)
    return row.statement.lstrip("( ").lower().startswith(("select", "with")) and again >= FEWEST_REPEATS


def _finding(picture: Picture, endpoint: str, row: QuerySum, cost: float) -> Finding:
    runs, different = row.executions / row.requests, row.distinct_parameters / row.requests
    return found(
        picture,
        picture.telling(endpoint),
        endpoint,
        cost,
        code=CODE,
        title=f"one query runs {runs:.0f} times for {different:.0f} different answer{'s' * (round(different) != 1)}"
        + (f" ({row.relation})" if row.relation else ""),
        site=row.site or picture.source("endpoint", endpoint),
        statement=row.statement,
        evidence={"runs_per_request": round(runs, 1), "different_per_request": round(different, 1)},
        fix=_fix(row.relation, in_django=DJANGO in picture.run.hooks),
    )


def _fix(relation: str, *, in_django: bool) -> str:
    if not relation:
        return "ask once and pass the answer on (a dependency cached per request, or an attribute of the request)"
    if in_django:
        return f'load it with the list: `.select_related("{relation.rpartition(".")[2]}")`'
    return f"load it with the list: `.options(joinedload({relation}))`"
