"""What is told of the indexes that were tried: proofs of those that are kept, reasons for the others. Pure."""

from collections.abc import Iterable, Iterator

from nineam.indexes.benches import Bench
from nineam.indexes.candidates import candidates, covering
from nineam.indexes.choosing import Tried
from nineam.indexes.database import TRIED
from nineam.indexes.ddl import create_index, index_name
from nineam.indexes.existing import related
from nineam.indexes.prepared import Prepared
from nineam.indexes.query import Use
from nineam.indexes.schema import Table
from nineam.model.indexes import IndexProof, Rejected, TimedStatement, WriteCost

STOPPED = "stopped without the index: it takes longer than is told"


def proof(table: Table, picks: list[Tried], kind: str, write: WriteCost | None) -> IndexProof:
    """Return the proof of an index that is kept for these statements."""
    best = picks[0]
    name = index_name(table.name, best.parts)
    taken = frozenset().union(*(each.taken_before for each in picks))
    seen = related([use for each in picks for use in _meant(table, each)], best.parts, taken)
    return IndexProof(
        code="wrong-index" if seen else "missing-index",
        table=table.name,
        rows=table.rows,
        name=name,
        parts=best.parts,
        ddl=create_index(kind, table, best.parts, name),
        statements=tuple(_timed(each, name) for each in picks),
        build_s=best.build_s,
        bytes=best.bytes,
        write=write,
        existing=seen[0].name if seen else "",
        reason=seen[1] if seen else "",
    )


def _meant(table: Table, tried: Tried) -> list[Use]:
    """Return the uses of a table that an index was made for; of another statement's index, those that ask for it."""
    numbered = [(number, use) for number, use in enumerate(tried.prepared.query.uses) if use.table is table]
    own = [use for number, use in numbered if tried.parts in candidates(use, tried.prepared.distinct.get(number, {}))]
    uses, lead = [use for _, use in numbered], tried.parts[0].text
    asking = [use for use in uses if lead in [*(o.part.text for o in use.conditions), *(o.text for o in use.order)]]
    return own or asking or uses


def _timed(tried: Tried, name: str) -> TimedStatement:
    assert tried.trial is not None
    middle, low, high = tried.trial.ratio
    return TimedStatement(
        statement=tried.prepared.asked.text,
        before_ms=tried.before_ms,
        after_ms=tried.after_ms,
        ratio=middle,
        ratio_low=low,
        ratio_high=high,
        repeats=len(tried.trial.before),
        sets=len(tried.prepared.sets),
        plan_before=tried.plan_before,
        plan_after=tried.plan_after.replace(TRIED, name),
        notes=(*tried.prepared.notes, *([STOPPED] if tried.trial.stopped else [])),
    )


def rejections(benches: Iterable[Bench], kept: Iterable[Tried]) -> Iterator[Rejected]:
    """Yield of each slow statement that nothing helped what came closest, or why there was nothing to try.

    Of what was tried only what was made for the statement says something about it.
    """
    benches = list(benches)
    settled = {id(each.prepared) for each in kept}
    for prepared, seconds in [each for bench in benches for each in bench.slow]:
        if id(prepared) not in settled:
            settled.add(id(prepared))
            yield _rejected(
                [bench for bench in benches if prepared in [each[0] for each in bench.slow]], prepared, seconds
            )


def _rejected(benches: list[Bench], prepared: Prepared, seconds: float) -> Rejected:
    tried = [
        (b.table, each) for b in benches for each in b.tried if each.prepared is prepared and (each.own or each.helps)
    ]
    if not tried:
        return _nothing([bench.table for bench in benches], prepared, seconds)
    table, best = max(tried, key=lambda each: each[1].trial.ratio[0] if each[1].trial else 0.0)
    index = ", ".join(part.text for part in best.parts)
    return Rejected(table=table.name, index=index, statement=prepared.asked.text, why=_why(best))


def _why(tried: Tried) -> str:
    if not tried.built:
        return "the planner would not use it, says hypopg"
    if tried.trial is None:
        return "built, the planner does not use it"
    if tried.helps:
        return "built, but one that is recommended does nearly as well"
    middle, low, high = tried.trial.ratio
    return (
        f"built, {tried.before_ms:.3g} -> {tried.after_ms:.3g} ms: {middle:.2g} times as fast ({low:.2g} to {high:.2g})"
    )


def _nothing(tables: list[Table], prepared: Prepared, seconds: float) -> Rejected:
    """Say why there was nothing to try: of several tables of the one that is searched by a pattern."""
    took = f"it takes {seconds / len(prepared.sets) * 1000:.3g} ms"
    uses = [use for use in prepared.query.uses if use.table in tables]
    own = next((use.table for use in uses if any(each.kind == "pattern" for each in use.conditions)), tables[0])
    why = f"{took}; {_reason([use for use in uses if use.table is own])}, so nothing was built"
    return Rejected(table=own.name, index="", statement=prepared.asked.text, why=why)


def _reason(uses: list[Use]) -> str:
    patterns = [each.part for use in uses for each in use.conditions if each.kind == "pattern"]
    if patterns:
        own = covering(uses[0].table, (patterns[0],))
        beside = f", not even {own.name}" if own else ""
        return (
            f"{patterns[0].text} is compared with a pattern that may begin with anything, which no b-tree finds{beside}"
        )
    if any(use.conditions or use.order for use in uses):
        return "what it filters or orders by has an index, or none would be smaller than the table"
    return "it filters and orders by nothing that an index could hold"
