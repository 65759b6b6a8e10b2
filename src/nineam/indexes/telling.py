"""What is told of the indexes that were tried: proofs of those that are kept, reasons for the others. Pure."""

from collections.abc import Iterable, Iterator

from nineam.indexes.benches import Bench
from nineam.indexes.candidates import covering
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
    use = next(each for each in best.prepared.query.uses if each.table is table)
    seen = related(use, best.parts, best.taken_before)
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


def rejections(benches: Iterable[Bench]) -> Iterator[Rejected]:
    """Yield of each slow statement that nothing helped what came closest, or why there was nothing to try."""
    benches = list(benches)
    everything = [each for bench in benches for each in bench.tried]
    settled = {id(each.prepared) for each in everything if each.helps}
    for bench in benches:
        for prepared, seconds in bench.slow:
            if id(prepared) in settled:
                continue
            settled.add(id(prepared))
            own = [each for each in everything if each.prepared is prepared]
            yield _closest(own, prepared) if own else _nothing(bench.table, prepared, seconds)


def _closest(own: list[Tried], prepared: Prepared) -> Rejected:
    best = max(own, key=lambda each: each.trial.ratio[0] if each.trial else 0.0)
    table = next(use.table.name for use in prepared.query.uses if {p.text for p in best.parts} & _known(use))
    return Rejected(
        table=table, index=", ".join(part.text for part in best.parts), statement=prepared.asked.text, why=_why(best)
    )


def _known(use: Use) -> set[str]:
    return {*use.table.columns, *(each.part.text for each in use.conditions), *(part.text for part in use.order)}


def _why(tried: Tried) -> str:
    if tried.trial is None:
        return "built, the planner does not use it"
    middle, low, high = tried.trial.ratio
    return (
        f"built, {tried.before_ms:.3g} -> {tried.after_ms:.3g} ms: {middle:.2g} times as fast ({low:.2g} to {high:.2g})"
    )


def _nothing(table: Table, prepared: Prepared, seconds: float) -> Rejected:
    took = f"it takes {seconds / len(prepared.sets) * 1000:.3g} ms"
    uses = [use for use in prepared.query.uses if use.table is table]
    return Rejected(
        table=table.name, index="", statement=prepared.asked.text, why=f"{took}; {_reason(uses)}, so nothing was built"
    )


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
