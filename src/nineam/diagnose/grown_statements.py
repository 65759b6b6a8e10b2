"""How the statements of an endpoint grow with the data: what each takes of a request, and how often it is executed."""

from collections.abc import Sequence
from typing import NamedTuple

from nineam.diagnose.growth_fit import Point, fit
from nineam.diagnose.picture import Picture
from nineam.model import Growth, GrowthPoint
from nineam.store.records import StoredPhase

FEWEST = 3
"""Requests at a size below which its mean says nothing."""
UNSTEADY = 0.15
"""Sums are kept of statements, so a mean's error is not known: it is taken for this part of it."""
LEAST_MS = 0.1
MOST = 3
"""Statements of an endpoint that are told of: those that added most."""


class Size(NamedTuple):
    """A database of so many rows, those of the tables that grow, and the polite phase that was played on it."""

    rows: int
    grown: int
    phase: StoredPhase


def statements(picture: Picture, sizes: Sequence[Size], endpoint: str) -> tuple[Growth, ...]:
    """Return the statements that the data made slower, those that added most first."""
    template = picture.template(endpoint)
    seen = [_per_request(picture, size.phase, template) for size in sizes]
    if not seen or not all(picture.requests(size.phase, template) >= FEWEST for size in sizes):
        return ()
    added = {text: seen[-1][text].ms - seen[0][text].ms for text in seen[-1] if all(text in each for each in seen)}
    ranked = sorted(added, key=lambda text: -added[text])
    told = [text for text in ranked if added[text] >= LEAST_MS][:MOST]
    return tuple(_of_statement(endpoint, text, [each[text] for each in seen], sizes) for text in told)


class _PerRequest(NamedTuple):
    ms: float
    executions: float
    fetch_ms: float


def _per_request(picture: Picture, phase: StoredPhase, template: str) -> dict[str, _PerRequest]:
    requests = max(1, picture.requests(phase, template))
    found: dict[str, _PerRequest] = {}
    for row in picture.queries(phase, template):
        before = found.get(row.statement, _PerRequest(0.0, 0.0, 0.0))
        found[row.statement] = _PerRequest(
            before.ms + row.taken_ns / requests / 1e6,
            before.executions + row.executions / requests,
            before.fetch_ms + row.fetch_ns / requests / 1e6,
        )
    return found


def _of_statement(endpoint: str, text: str, seen: Sequence[_PerRequest], sizes: Sequence[Size]) -> Growth:
    points = [Point(size.grown, each.ms, each.ms * UNSTEADY) for size, each in zip(sizes, seen, strict=True)]
    found = fit(points) if all(point.mean > 0 for point in points) else None
    return Growth(
        endpoint=endpoint,
        statement=text,
        shape=found.shape if found else "cannot-tell",
        exponent=found.exponent if found else None,
        low=found.low if found else None,
        high=found.high if found else None,
        times=seen[-1].ms / seen[0].ms if seen[0].ms else None,
        layer="db_fetch" if seen[-1].fetch_ms > seen[-1].ms / 2 else "db_execute",
        points=tuple(
            GrowthPoint(rows=size.rows, ms=each.ms, executions=each.executions)
            for size, each in zip(sizes, seen, strict=True)
        ),
        reason=found.reason if found else "it took no time at one of the sizes",
    )
