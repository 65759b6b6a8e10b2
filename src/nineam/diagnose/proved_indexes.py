"""What `nineam index` has proved about a run's statements, put to the endpoints and lines that execute them."""

from collections.abc import Iterator

import msgspec

from nineam.diagnose.found import found
from nineam.diagnose.picture import Picture
from nineam.model import Finding
from nineam.model.indexes import IndexProof, IndexReport, TimedStatement
from nineam.store.records import QuerySum


def proved(picture: Picture, code: str) -> Iterator[Finding]:
    """Yield a finding per endpoint for each index of this code that was proved."""
    kept = picture.run.meta.get("indexes")
    if not kept:
        return
    for proof in msgspec.convert(kept, IndexReport).proofs:
        if proof.code == code:
            for endpoint in picture.seen(picture.localhost):
                yield from _finding(picture, proof, endpoint)


def _finding(picture: Picture, proof: IndexProof, endpoint: str) -> Iterator[Finding]:
    phase = picture.telling(endpoint)
    helped = {each.statement: each for each in proof.statements}
    rows = [row for row in picture.queries(phase, endpoint) if row.statement in helped]
    if not rows:
        return
    saved = sum(row.ns * _saved(helped[row.statement]) for row in rows) / max(1, picture.requests(phase, endpoint))
    most = max(rows, key=lambda row: row.ns)
    yield found(
        picture,
        phase,
        endpoint,
        saved / 1e6,
        code=proof.code,
        title=_title(proof, helped[most.statement]),
        site=most.site or picture.source("endpoint", endpoint),
        statement=most.statement,
        evidence=_evidence(proof, helped[most.statement], most),
        fix=f"{proof.ddl};" + (f" or at {proof.model_at}: {proof.model}" if proof.model else ""),
        confidence=0.95,
    )


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
        "in_this_run_ms": round(row.ns / max(1, row.executions) / 1e6, 3),
        "megabytes": round(proof.bytes / 1e6, 2),
        "plan": timed.plan_before,
        "plan_with_it": timed.plan_after,
    }
    if proof.write is not None:
        evidence[f"{proof.write.what}s_take_times"] = round(proof.write.ratio, 2)
    return evidence | ({"reason": proof.reason} if proof.reason else {})
