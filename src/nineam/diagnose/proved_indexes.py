"""What `nineam index` has proved about a run's statements, put to the endpoints and lines that execute them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from nineam.diagnose.found import found
from nineam.diagnose.picture import Picture
from nineam.model import Finding
from nineam.model.indexes import IndexProof, IndexReport, TimedStatement
from nineam.store.records import QuerySum, StoredPhase

MOST_STATEMENTS = 5


class Missing(NamedTuple):
    """What an index that was proved saves an endpoint: milliseconds a request, and the statements that miss it."""

    endpoint: str
    phase: StoredPhase | None
    ms: float
    rows: tuple[QuerySum, ...]


def proved(picture: Picture, code: str) -> Iterator[Finding]:
    """Yield a finding for each index of this code that was proved, at the endpoint that loses most to it."""
    for proof in _report(picture).proofs:
        missing = _missing(picture, proof)
        if proof.code == code and missing:
            yield _finding(picture, proof, missing)


def explained_by_index(picture: Picture) -> set[tuple[str, str]]:
    """Return the endpoints with those of their statements of which an index was proved."""
    missing = [each for proof in _report(picture).proofs for each in _missing(picture, proof)]
    return {(each.endpoint, row.statement) for each in missing for row in each.rows}


def advice(picture: Picture, statement: str) -> str:
    """Return what was found out about indexes for a statement; empty when nothing was tried."""
    report = _report(picture)
    for proof in report.proofs:
        if statement in [each.statement for each in proof.statements]:
            return f"{proof.ddl}; makes it faster ({proof.code})"
    for each in report.rejected:
        if each.statement == statement:
            index = f"{each.table} ({each.index}): " if each.index else ""
            return f"no further index helps it ({index}{each.why})"
    return ""


def _report(picture: Picture) -> IndexReport:
    kept = picture.run.meta.get("indexes")
    return msgspec.convert(kept, IndexReport) if kept else IndexReport(kind="", clone="")


def _missing(picture: Picture, proof: IndexProof) -> list[Missing]:
    """Return the endpoints that miss an index, those first that lose most to it over all their requests."""
    found = [_at(picture, proof, endpoint) for endpoint in picture.seen(picture.localhost)]
    return sorted(
        (each for each in found if each.rows),
        key=lambda each: -each.ms * max(1, picture.requests(picture.failing, each.endpoint)),
    )


def _at(picture: Picture, proof: IndexProof, endpoint: str) -> Missing:
    phase = picture.telling(endpoint)
    helped = {each.statement: each for each in proof.statements}
    rows = [row for row in picture.queries(phase, endpoint) if row.statement in helped]
    saved = sum(row.taken_ns * _saved(helped[row.statement]) for row in rows)
    ordered = sorted(rows, key=lambda row: -row.taken_ns)
    return Missing(endpoint, phase, saved / max(1, picture.requests(phase, endpoint)) / 1e6, tuple(ordered))


def _finding(picture: Picture, proof: IndexProof, missing: Sequence[Missing]) -> Finding:
    worst = missing[0]
    most = worst.rows[0]
    timed = next(each for each in proof.statements if each.statement == most.statement)
    return found(
        picture,
        worst.phase,
        worst.endpoint,
        worst.ms,
        code=proof.code,
        title=_title(proof, timed),
        site=most.site or picture.source("endpoint", worst.endpoint),
        statement=most.statement,
        evidence=_evidence(proof, timed, most) | _everywhere(missing),
        fix=f"{proof.ddl};" + (f" or at {proof.model_at}: {proof.model}" if proof.model else ""),
        confidence=0.95,
    )


def _everywhere(missing: Sequence[Missing]) -> dict[str, object]:
    """Return the endpoints that miss an index with what it costs them, and the statements, where there are several."""
    several: dict[str, object] = {}
    if len(missing) > 1:
        several["endpoints"] = {each.endpoint: round(each.ms, 2) for each in missing}
    statements = list(dict.fromkeys(row.statement for each in missing for row in each.rows))
    return several | ({"statements": statements[:MOST_STATEMENTS]} if len(statements) > 1 else {})


def _saved(timed: TimedStatement) -> float:
    return 1.0 - timed.after_ms / max(timed.before_ms, 1e-9)


def _title(proof: IndexProof, timed: TimedStatement) -> str:
    inside = ", ".join(part.text for part in proof.parts)
    gain = f"{timed.before_ms:.3g} -> {timed.after_ms:.3g} ms at {proof.rows:,} rows"
    if proof.existing:
        return f"{proof.existing} does not do for {proof.table}, ({inside}) does: {gain}"
    return f"{proof.table} has no index on ({inside}): {gain}"


def _evidence(proof: IndexProof, timed: TimedStatement, row: QuerySum) -> dict[str, object]:
    evidence: dict[str, object] = {
        "rows": proof.rows,
        "without_ms": round(timed.before_ms, 3),
        "with_ms": round(timed.after_ms, 3),
        "times_as_fast": f"{timed.ratio:.3g} ({timed.ratio_low:.3g} to {timed.ratio_high:.3g})",
        "in_this_run_ms": round(row.taken_ns / max(1, row.executions) / 1e6, 3),
        "megabytes": round(proof.bytes / 1e6, 2),
        "plan": timed.plan_before,
        "plan_with_it": timed.plan_after,
    }
    if proof.write is not None:
        evidence[f"{proof.write.what}s_take_times"] = round(proof.write.ratio, 2)
    return evidence | ({"reason": proof.reason} if proof.reason else {})
