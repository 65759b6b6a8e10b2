"""Building objects costs more than asking for the rows.

## What it is

The ORM makes an object of every row, with all columns and its bookkeeping, for an endpoint that needs a few
values.

## Why it hurts

It is CPU in Python, under the GIL, per row and per column. No index and no larger database helps.

## How it is detected

Building objects is timed apart from executing and fetching (the layer `hydration`). It fires when with one polite
user it takes at least 5 ms and 30 % of an endpoint's time. Full garbage collections are counted in where building
objects is the largest part of what the endpoint computes: they walk what was built. The line and the statement are
those that brought most rows; where rows could not be counted, the function in which objects were seen being built, or
none.

Where most of these rows, or of their columns, are more than the answer can contain, `over-fetching` says so besides, of
the same statement. Both hold then, and their costs are not to be added: what is not fetched needs no building, and it
comes first as it buys the fetching too.

## How to fix it

Ask for the columns that are needed (`select(Model.id, Model.name)`, `load_only`, `.values_list()`, `.only()`),
page the result, or let the database aggregate.
"""

from collections.abc import Iterator, Sequence

from nineam.diagnose.fetched import excess
from nineam.diagnose.found import costly_alone, found
from nineam.diagnose.hot import hot_line
from nineam.diagnose.picture import Picture, place
from nineam.model import Finding
from nineam.store.records import QuerySum

CODE = "orm-hydration"
TITLE = "Building objects costs more than the query"
SMALLEST_MS = 5.0
SMALLEST_SHARE = 0.3
LAYER = "hydration"


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per endpoint."""
    for endpoint, alone in costly_alone(picture, LAYER, SMALLEST_MS, SMALLEST_SHARE):
        rows = picture.queries(picture.localhost, endpoint)
        row = _built_from(picture, endpoint, rows)
        # many small loads: `n-plus-one` says it better
        if not any(row.executions >= 5 * row.requests for row in rows):
            yield _finding(picture, endpoint, alone, row)


def _built_from(picture: Picture, endpoint: str, rows: Sequence[QuerySum]) -> QuerySum | None:
    """Return the statement that most objects are built from; None where nobody counted rows and several may be it.

    Then it is the one of the function in which objects were seen being built.
    """
    if any(row.rows for row in rows):
        return max(rows, key=lambda row: (row.rows, row.taken_ns))
    if len(rows) > 1:
        hot = hot_line(picture, endpoint, LAYER)
        rows = [row for row in rows if hot and _function(row.site) == _function(hot)]
    return rows[0] if len(rows) == 1 else None


def _function(site: str) -> tuple[str, str]:
    where, function = place(site)
    return where.rpartition(":")[0], function


def _finding(picture: Picture, endpoint: str, alone: float, row: QuerySum | None) -> Finding:
    total = picture.server_ms(picture.localhost, endpoint)
    phase = picture.telling(endpoint)
    return found(
        picture,
        phase,
        endpoint,
        picture.layer(phase, endpoint, LAYER) or alone,
        code=CODE,
        title=f"building objects from rows takes {alone:.0f} of {total:.0f} ms with one user",
        site=(row.site if row else hot_line(picture, endpoint, LAYER)) or picture.source("endpoint", endpoint),
        statement=row.statement if row else "",
        evidence={
            "localhost_ms": round(alone, 1),
            "localhost_share": round(alone / total, 2),
            "database_ms": round(picture.layer(picture.localhost, endpoint, "db_execute", "db_fetch"), 1),
        },
        fix=_fix(picture, endpoint, row),
        confidence=0.85,
    )


def _fix(picture: Picture, endpoint: str, row: QuerySum | None) -> str:
    if any(seen.query == row and seen.too_many for seen in excess(picture, picture.localhost, endpoint)):
        return (
            "fetch fewer rows first, as `over-fetching` says of the same statement;"
            " of those that are needed load columns, not whole objects"
        )
    return "load the columns that are needed, not whole objects, and page the result"
