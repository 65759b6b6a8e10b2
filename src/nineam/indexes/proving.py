"""Proves indexes: builds what might help in the clone, times the statements with and without, keeps what does help."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from nineam.indexes.candidates import Parts, candidates
from nineam.indexes.choosing import Tried, choose
from nineam.indexes.database import TRIED, Database, Refused
from nineam.indexes.ddl import create_index, index_name
from nineam.indexes.existing import related
from nineam.indexes.prepared import Asked, Prepared, prepare
from nineam.indexes.query import Use
from nineam.indexes.schema import Table
from nineam.indexes.timing import Clock, alone, trial
from nineam.indexes.writes import write_cost
from nineam.model.indexes import IndexProof, IndexReport, NotTried, Rejected, TimedStatement
from nineam.model.record import Record

QUICK_MS = 0.5
"""Milliseconds per execution below which nobody misses an index."""
SMALL = 1000
"""Rows below which reading all of them is right."""


class Step(Record, frozen=True, kw_only=True):
    """What is going on, and how far it has come; `index` when that is an index being tried."""

    words: str
    done: int
    total: int
    index: bool = False


@dataclass
class Bench:
    """A table with what is tried on it: each candidate, and the statements that use the table."""

    table: Table
    candidates: list[Parts] = field(default_factory=list)
    slow: list[tuple[Prepared, float]] = field(default_factory=list)
    tried: list[Tried] = field(default_factory=list)


def prove(
    asked: Iterable[Asked], database: Database, clone: str, *, seed: int, now: Clock, hear: Callable[[Step], None]
) -> IndexReport:
    """Find the indexes that a run's statements miss in a clone; `now` is a clock in seconds.

    Every index that was built is dropped again. Statements come in the order in which they matter.
    """
    schema = database.schema()
    ready, left = prepare(asked, schema, database, seed)
    benches, counted = _benches(ready, left, database, now, hear)
    total = sum(len(bench.candidates) for bench in benches)
    done = 0
    for bench in benches:
        for parts in bench.candidates:
            hear(
                Step(
                    words=f"{bench.table.name} ({', '.join(part.text for part in parts)})",
                    done=done,
                    total=total,
                    index=True,
                )
            )
            _try(bench, parts, database, now)
            done += 1
    chosen = [(bench, picks) for bench in benches for picks in choose(bench.tried)]
    proofs = [_proof(bench, picks, database, now) for bench, picks in chosen]
    return IndexReport(
        kind=database.kind,
        clone=clone,
        proofs=tuple(proofs),
        rejected=tuple(rejection for bench in benches for rejection in _rejected(bench)),
        not_tried=tuple(left),
        quick=counted["quick"],
        small=counted["small"],
    )


def _benches(
    ready: list[Prepared], left: list[NotTried], database: Database, now: Clock, hear: Callable[[Step], None]
) -> tuple[list[Bench], dict[str, int]]:
    """Put slow statements to the tables they use, with the candidates of each."""
    benches: dict[tuple[str, str], Bench] = {}
    counted = {"quick": 0, "small": 0}
    for at, prepared in enumerate(ready):
        hear(Step(words="timing statements", done=at, total=len(ready)))
        if all(use.table.rows < SMALL for use in prepared.query.uses):
            counted["small"] += 1
            continue
        try:
            baseline = alone(database, prepared, now)
        except Refused as reason:
            left.append(NotTried(statement=prepared.asked.text, why=str(reason)))
            continue
        if baseline / len(prepared.sets) * 1000 < QUICK_MS:
            counted["quick"] += 1
            continue
        for table, found in _of_tables(prepared):
            bench = benches.setdefault(_key(table), Bench(table))
            bench.slow.append((prepared, baseline))
            bench.candidates += [parts for parts in found if parts not in bench.candidates]
    return list(benches.values()), counted


def _of_tables(prepared: Prepared) -> Iterable[tuple[Table, tuple[Parts, ...]]]:
    """Yield the tables of a statement that have many rows, one after the other, each with what might help."""
    found: dict[tuple[str, str], tuple[Table, tuple[Parts, ...]]] = {}
    for number, use in enumerate(prepared.query.uses):
        if use.table.rows >= SMALL:
            before = found.get(_key(use.table), (use.table, ()))[1]
            found[_key(use.table)] = use.table, (*before, *candidates(use, prepared.distinct.get(number, {})))
    return found.values()


def _key(table: Table) -> tuple[str, str]:
    return table.schema, table.name


def _try(bench: Bench, parts: Parts, database: Database, now: Clock) -> None:
    """Build one candidate and time every slow statement of the table whose plan takes it."""
    began = now()
    try:
        database.build(bench.table, parts)
    except Refused:
        return
    try:
        build_s, size = now() - began, database.size(bench.table)
        for prepared, baseline in bench.slow:
            tried = _tried(prepared, parts, baseline, database, now)
            bench.tried.append(tried._replace(build_s=build_s, bytes=size))
    finally:
        database.drop()


def _tried(prepared: Prepared, parts: Parts, baseline: float, database: Database, now: Clock) -> Tried:
    plans = [database.plan(sql, values) for sql, values in prepared.sets]
    used = [plan for plan in plans if TRIED in plan.indexes]
    if not used:
        return Tried(prepared, parts, None)
    with database.without():
        before = database.plan(*prepared.sets[plans.index(used[0])])
    timed = trial(database, prepared, baseline, now)
    return Tried(prepared, parts, timed, before.text, used[0].text, taken_before=before.indexes)


def _proof(bench: Bench, picks: list[Tried], database: Database, now: Clock) -> IndexProof:
    best = picks[0]
    name = index_name(bench.table.name, best.parts)
    seen = related(_use(best, bench.table), best.parts, best.taken_before)
    return IndexProof(
        code="wrong-index" if seen else "missing-index",
        table=bench.table.name,
        rows=bench.table.rows,
        name=name,
        parts=best.parts,
        ddl=create_index(database.kind, bench.table, best.parts, name),
        statements=tuple(_timed(each, name) for each in picks),
        build_s=best.build_s,
        bytes=best.bytes,
        write=write_cost(database, bench.table, best.parts, now),
        existing=seen[0].name if seen else "",
        reason=seen[1] if seen else "",
    )


def _use(tried: Tried, table: Table) -> Use:
    return next(use for use in tried.prepared.query.uses if use.table.name == table.name)


def _timed(tried: Tried, name: str) -> TimedStatement:
    assert tried.trial is not None
    middle, low, high = tried.trial.ratio
    stopped = ("stopped without the index: it takes longer than is told",) if tried.trial.stopped else ()
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
        notes=(*tried.prepared.notes, *stopped),
    )


def _rejected(bench: Bench) -> Iterable[Rejected]:
    """Yield of each statement that nothing helped what came closest."""
    helped = {id(each.prepared) for each in bench.tried if each.helps}
    for prepared, _ in bench.slow:
        own = [each for each in bench.tried if each.prepared is prepared]
        if own and id(prepared) not in helped:
            best = max(own, key=lambda each: each.trial.ratio[0] if each.trial else 0.0)
            yield Rejected(
                table=bench.table.name,
                index=", ".join(part.text for part in best.parts),
                statement=prepared.asked.text,
                why=_why(best),
            )


def _why(tried: Tried) -> str:
    if tried.trial is None:
        return "built, the planner does not use it"
    middle, low, high = tried.trial.ratio
    return (
        f"built, {tried.before_ms:.1f} -> {tried.after_ms:.1f} ms: {middle:.1f} times as fast ({low:.1f} to {high:.1f})"
    )
