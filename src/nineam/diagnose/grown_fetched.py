"""What growing data does to what is fetched: rows that grow with it, for an answer that stays as it is."""

from collections.abc import Iterator, Sequence

import msgspec

from nineam.diagnose.detectors import over_fetching
from nineam.diagnose.fetched import Excess, answer_bytes, excess
from nineam.diagnose.found import found
from nineam.diagnose.picture import Picture
from nineam.model import Finding, Grown
from nineam.store.records import StoredPhase

MORE = 3.0
"""Times as many rows a request as with the original data, from which on they grow with it ..."""
SAME = 2.0
"""... while the answer has at most so many times as many bytes: it does not."""


def with_rows(picture: Picture, findings: Sequence[Finding], full: StoredPhase, grown: Grown) -> tuple[Finding, ...]:
    """Add to `over-fetching` how the rows of its statement grow, and last what only the data brings out."""
    seen = [each for endpoint in picture.seen(full) for each in excess(picture, full, endpoint)]
    told = {(finding.endpoint, finding.statement) for finding in findings if finding.code == over_fetching.CODE}
    growing = {(each.query.endpoint, each.query.statement): each for each in seen}
    old = [_sloped(picture, finding, growing, grown) for finding in findings]
    new = [_new(picture, full, each, grown) for key, each in growing.items() if key not in told]
    return (*old, *new)


def explained(picture: Picture, full: StoredPhase, endpoint: str, statement: str) -> bool:
    """Whether a statement takes its time with the data because it fetches what the answer cannot contain."""
    return any(seen.fetching and seen.query.statement == statement for seen in excess(picture, full, endpoint))


def _before(picture: Picture, seen: Excess) -> tuple[float, float]:
    """Return the rows a request and the bytes an answer had with the original data."""
    small, endpoint = picture.localhost, seen.query.endpoint
    rows = sum(row.rows for row in picture.queries(small, endpoint) if row.statement == seen.query.statement)
    return rows / max(1, picture.requests(small, endpoint)), answer_bytes(picture, small, endpoint)


def _grows(rows: float, answer: float, seen: Excess) -> bool:
    return seen.rows >= MORE * max(rows, 1.0) and 0 < seen.answer <= SAME * answer


def _evidence(rows: float, answer: float, seen: Excess, grown: Grown) -> Iterator[tuple[str, float]]:
    yield "rows", grown.rows
    yield "rows_grown", grown.after
    yield "rows_fetched", round(rows, 1)
    yield "grown_rows_fetched", round(seen.rows, 1)
    yield "answer_bytes", round(answer)
    yield "grown_answer_bytes", round(seen.answer)


def _sloped(picture: Picture, finding: Finding, growing: dict[tuple[str, str], Excess], grown: Grown) -> Finding:
    seen = growing.get((finding.endpoint, finding.statement))
    if seen is None or finding.code != over_fetching.CODE:
        return finding
    before = _before(picture, seen)
    confidence = 0.95 if _grows(*before, seen) else finding.confidence
    evidence = finding.evidence | dict(_evidence(*before, seen, grown))
    return msgspec.structs.replace(finding, evidence=evidence, confidence=confidence)


def _new(picture: Picture, full: StoredPhase, seen: Excess, grown: Grown) -> Finding:
    rows, answer = _before(picture, seen)
    grows = _grows(rows, answer, seen)
    then = f", {rows:,.0f} with {grown.rows:,}" if grows else ""
    return found(
        picture,
        full,
        seen.query.endpoint,
        seen.ms,
        code=over_fetching.CODE,
        title=f"with {grown.after:,} rows {over_fetching.title(seen)}{then}",
        site=seen.query.site or picture.source("endpoint", seen.query.endpoint),
        statement=seen.query.statement,
        evidence=over_fetching.evidence(seen) | dict(_evidence(rows, answer, seen, grown)),
        fix=over_fetching.fix(picture, seen),
        confidence=0.95 if grows else 0.85,
    )
