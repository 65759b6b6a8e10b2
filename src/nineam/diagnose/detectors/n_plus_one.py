"""One query for the list, then one more for every row of it.

## What it is

An endpoint loads N objects with one statement and then runs the same statement N times, once for each of
them, usually by touching a lazy relationship in a loop or in a serializer.

## Why it hurts

Each of the N statements costs a round trip, a connection held that much longer, and the ORM's own work. On
localhost with twelve rows that is a few milliseconds. On Monday it multiplies with the rows *and* keeps
connections away from everybody else.

## How it is detected

Statements are grouped by fingerprint, relationship and the line of the application that caused them. A group
fires when a request runs it five times or more, when at least four fifths of the runs have parameters of their
own (the same statement for *different* rows), and when it costs at least 5 % of the endpoint's time or 5 ms.
Its cost is what its runs take, executing and fetching, as measured, and of the ORM's work the part that
its runs are of all: one slow statement beside twenty quick ones stays what costs. Batches that a prefetch makes run
once, and single loads do not repeat: neither fires.

## How to fix it

Load the relationship with the list: `selectinload`/`joinedload` in SQLAlchemy, `select_related` or
`prefetch_related` in Django; for a loop of `get()`, one statement with `IN`.
"""

from collections.abc import Iterable, Iterator

from nineam.diagnose.found import statements_ms
from nineam.diagnose.picture import Picture, place
from nineam.model import Finding
from nineam.store.records import QuerySum

CODE = "n-plus-one"
TITLE = "The same query once per row"
FEWEST_RUNS = 5
DISTINCT_SHARE = 0.8
SMALLEST_SHARE = 0.05
SMALLEST_MS = 5.0
DJANGO = "django.db.models.query"
"""The hook of an application whose statements are written by Django's ORM."""


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per endpoint and function that repeats statements."""
    for endpoint in picture.seen(picture.localhost):
        groups: dict[tuple[str, str], list[QuerySum]] = {}
        for row in picture.queries(picture.telling(endpoint), endpoint):
            if _repeats(row):
                where, function = place(row.site)
                groups.setdefault((where.rpartition(":")[0], function), []).append(row)
        for rows in groups.values():
            finding = _finding(picture, endpoint, sorted(rows, key=lambda row: -row.taken_ns))
            if finding is not None:
                yield finding


def _repeats(row: QuerySum) -> bool:
    runs = row.executions / max(1, row.requests)
    return runs >= FEWEST_RUNS and row.distinct_parameters >= DISTINCT_SHARE * row.executions


def _finding(picture: Picture, endpoint: str, rows: list[QuerySum]) -> Finding | None:
    phase = picture.telling(endpoint)
    requests = picture.requests(phase, endpoint)
    everything = sum(row.executions for row in picture.queries(phase, endpoint))
    repeated = sum(row.executions for row in rows)
    cost = statements_ms(picture, phase, endpoint, rows)
    alone = statements_ms(picture, picture.localhost, endpoint, rows)
    if alone < SMALLEST_MS and alone < SMALLEST_SHARE * picture.server_ms(picture.localhost, endpoint):
        return None
    where, function = place(rows[0].site or picture.source("endpoint", endpoint))
    relations = list(dict.fromkeys(row.relation for row in rows if row.relation))
    return Finding(
        code=CODE,
        title=f"{repeated / requests:.0f} of {everything / requests:.0f} queries are one per row"
        + (f" ({', '.join(relations)})" if relations else ""),
        endpoint=endpoint,
        where=where,
        function=function,
        statement=rows[0].statement,
        relationship=", ".join(relations),
        share=picture.share(phase, endpoint, cost),
        ms_per_request=cost,
        evidence={
            "queries_per_request": round(repeated / requests, 1),
            "of_queries_per_request": round(everything / requests, 1),
            "distinct_share": round(sum(row.distinct_parameters for row in rows) / repeated, 2),
            "localhost_ms": round(alone, 2),
            "lines": sorted({place(row.site)[0] for row in rows if row.site}),
        },
        fix=(_fix_in_django if DJANGO in picture.run.hooks else _fix)(relations, rows[0].statement),
        confidence=0.95 if relations else 0.85,
        kind="measured",
    )


def _fix(relations: Iterable[str], statement: str) -> str:
    names = list(relations)
    if not names and "count(" in statement.lower():
        return "count for all rows with one statement (`GROUP BY`, or a column_property), not once per row"
    if not names:
        return "load all rows with one statement (`WHERE id IN (...)`) before the loop"
    loads = ", ".join(f"selectinload({name})" for name in names)
    return f"load them with the list: `.options({loads})`"


def _fix_in_django(relations: Iterable[str], statement: str) -> str:
    names = ", ".join(f'"{name.rpartition(".")[2]}"' for name in relations)
    if not names and "count(" in statement.lower():
        return "count for all rows with one statement (`.annotate(Count(...))`), not once per row"
    if not names:
        return "load all rows with one statement (`.in_bulk(ids)` or `id__in`) before the loop"
    return f"load them with the list: `.select_related({names})`, or `.prefetch_related({names})` for several per row"
