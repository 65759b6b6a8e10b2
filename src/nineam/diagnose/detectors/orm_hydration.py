"""Building objects costs more than asking for the rows.

## What it is

The ORM makes an object of every row, with all columns and its bookkeeping, for an endpoint that needs a few
values.

## Why it hurts

It is CPU in Python, under the GIL, per row and per column. No index and no larger database helps.

## How it is detected

Building objects is timed apart from executing and fetching (the layer `hydration`). It fires when with one polite
user it takes at least 5 ms and 30 % of an endpoint's time. Full garbage collections are counted in where building
objects is the largest part of what the endpoint computes: they walk what was built.

## How to fix it

Ask for the columns that are needed (`select(Model.id, Model.name)`, `load_only`, `.values_list()`, `.only()`),
page the result, or let the database aggregate.
"""

from collections.abc import Iterator

from nineam.diagnose.found import costly_alone, found
from nineam.diagnose.picture import Picture
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
        if not any(row.executions >= 5 * row.requests for row in rows):  # many small loads: `n-plus-one` says it better
            yield _finding(picture, endpoint, alone, max(rows, key=lambda row: row.ns, default=None))


def _finding(picture: Picture, endpoint: str, alone: float, row: QuerySum | None) -> Finding:
    total = picture.server_ms(picture.localhost, endpoint)
    return found(
        picture,
        picture.failing,
        endpoint,
        picture.layer(picture.failing, endpoint, LAYER) or alone,
        code=CODE,
        title=f"building objects from rows takes {alone:.0f} of {total:.0f} ms with one user",
        site=(row.site if row else "") or picture.source("endpoint", endpoint),
        statement=row.statement if row else "",
        evidence={
            "localhost_ms": round(alone, 1),
            "localhost_share": round(alone / total, 2),
            "database_ms": round(picture.layer(picture.localhost, endpoint, "db_execute", "db_fetch"), 1),
        },
        fix="load the columns that are needed, not whole objects, and page the result",
        confidence=0.85,
    )
