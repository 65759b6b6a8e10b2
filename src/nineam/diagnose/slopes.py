"""What growing data adds to the findings: how their statements grow, and statements that are slow only with it.

The latter come last and are no cause of anything that happened on the original data.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from nineam.diagnose.detectors import n_plus_one, slow_query
from nineam.diagnose.found import found
from nineam.diagnose.grown_fetched import explained, with_rows
from nineam.diagnose.picture import Picture
from nineam.diagnose.proved_indexes import advice, explained_by_index
from nineam.model import Finding, Grown, Growth
from nineam.store.records import StoredPhase

REPEATED = 10
"""Executions a request from which on a statement that is repeated more with more rows is told of ..."""
MORE = 3.0
"""... when there are at least so many times as many as on the original ..."""
DISTINCT = 0.5
"""... and at least this part of them has parameters of its own."""


def with_slopes(picture: Picture, findings: Sequence[Finding], grown: Grown | None) -> tuple[Finding, ...]:
    """Add slopes to findings, and findings that only the data brings out; nothing of a clone that nobody used."""
    full = _full(picture)
    if grown is None or not grown.proven or full is None:
        return tuple(findings)
    slopes = {(picture.template(each.endpoint), each.statement): each for each in grown.growth if each.statement}
    known = {(finding.endpoint, finding.statement) for finding in findings} | explained_by_index(picture)
    old = [_sloped(finding, slopes.get((finding.endpoint, finding.statement)), grown) for finding in findings]
    new = [_new(picture, full, slope, grown) for key, slope in slopes.items() if key not in known]
    return with_rows(picture, (*old, *(finding for made in new for finding in made)), full, grown)


def _full(picture: Picture) -> StoredPhase | None:
    """Return the polite phase on the largest clone."""
    largest = len(picture.run.meta.get("grown", {}).get("rows", ())) - 1
    played = [each for each in picture.phases if (each.kind, each.stair) == ("grown", largest) and each.end_ns]
    return played[-1] if played else None


def _evidence(slope: Growth, grown: Grown) -> dict[str, Any]:
    first, last = slope.points[0], slope.points[-1]
    facts: dict[str, Any] = {
        "rows": grown.rows,
        "rows_grown": grown.after,
        "small_ms": round(first.ms, 2),
        "grown_ms": round(last.ms, 2),
    }
    if (last.executions or 0.0) > 1.5 * (first.executions or 0.0):
        facts |= {"runs_per_request": round(first.executions or 0.0, 1), "grown_runs": round(last.executions or 0.0, 1)}
    if slope.exponent is not None and slope.shape != "cannot-tell":
        facts |= {"grows": slope.shape, "exponent": slope.exponent}
    return facts


def _sloped(finding: Finding, slope: Growth | None, grown: Grown) -> Finding:
    if slope is None:
        return finding
    return msgspec.structs.replace(finding, evidence=_evidence(slope, grown) | finding.evidence)


def _new(picture: Picture, full: StoredPhase, slope: Growth, grown: Grown) -> Iterator[Finding]:
    """Yield what a statement is with the data and was not without."""
    endpoint = picture.template(slope.endpoint)
    rows = [row for row in picture.queries(full, endpoint) if row.statement == slope.statement]
    first, last = slope.points[0], slope.points[-1]
    runs, before = last.executions or 0.0, first.executions or 0.0
    if not rows or not runs:
        return
    each_ms, site = last.ms / runs, max(rows, key=lambda row: row.taken_ns).site
    said: dict[str, Any] = {"site": site, "statement": slope.statement, "evidence": _evidence(slope, grown)}
    distinct = sum(row.distinct_parameters for row in rows) / max(1, sum(row.executions for row in rows))
    if runs >= max(REPEATED, MORE * before) and distinct >= DISTINCT:
        title = f"with {grown.after:,} rows {runs:.0f} queries are one per row, {before:.0f} with {grown.rows:,}"
        fix = "load them with the list, in one statement; and give the list a limit"
        yield found(picture, full, endpoint, last.ms, code=n_plus_one.CODE, title=title, fix=fix, **said)
    elif explained(picture, full, endpoint, slope.statement):
        return  # fewer rows are what helps: `with_rows` says so
    elif each_ms >= slow_query.SMALLEST_MS and last.ms >= slow_query.SMALLEST_SHARE * picture.server_ms(full, endpoint):
        title = f"with {grown.after:,} rows one statement takes {each_ms:.0f} ms with one user"
        tried = advice(picture, slope.statement)
        index = tried or "an index on what it filters and orders by (`nineam index` tries them)"
        fix = f"{index}{';' if tried else ','} fewer rows, or a number kept ready"
        yield found(picture, full, endpoint, last.ms, code=slow_query.CODE, title=title, fix=fix, **said)
