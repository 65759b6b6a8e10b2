"""Proves indexes: builds what might help in the clone, times the statements with and without, keeps what does help."""

from collections.abc import Callable, Iterable

from nineam.indexes.benches import LATE, Bench, Sorted, sort_out, tidy
from nineam.indexes.candidates import Parts
from nineam.indexes.choosing import Tried, choose
from nineam.indexes.database import TRIED, Database, Refused
from nineam.indexes.prepared import Asked, Prepared, prepare
from nineam.indexes.telling import proof, rejections
from nineam.indexes.timing import Clock, trial
from nineam.indexes.writes import write_cost
from nineam.model.indexes import IndexReport

PATIENCE_S = 300.0
Hear = Callable[[str], None]


def prove(
    asked: Iterable[Asked], database: Database, clone: str, *, seed: int, now: Clock, hear: Hear,
    limit_s: float = PATIENCE_S,
) -> IndexReport:  # fmt: skip
    """Find the indexes that a run's statements miss in a clone; `now` is a clock in seconds, `hear` is told the stage.

    Every index that was built is dropped again. Statements come in the order in which they matter; what comes to its
    turn after `limit_s` seconds is not tried any more, and said to be.
    """
    until = now() + limit_s
    ready, unready = prepare(asked, database.schema(), database, seed)
    found = sort_out(ready, database, now, until, lambda at: hear(f"timing statements, {at + 1} of {len(ready)}"))
    total = sum(len(bench.candidates) for bench in found.benches)
    for at, (bench, parts) in enumerate([(each, parts) for each in found.benches for parts in each.candidates]):
        hear(f"trying {bench.table.name} ({', '.join(part.text for part in parts)}), {at + 1} of {total}")
        if now() < until:
            _try(bench, parts, database, now)
    _leave_late_ones(found, late=now() >= until)
    kept = [(bench.table, picks) for bench in found.benches for picks in choose(bench.tried)]
    return IndexReport(
        kind=database.kind,
        clone=clone,
        proofs=tuple(
            proof(table, picks, database.kind, write_cost(database, table, picks[0].parts, now))
            for table, picks in kept
        ),
        rejected=tuple(rejections(found.benches, [each for _, picks in kept for each in picks])),
        not_tried=(*unready, *found.left),
        quick=found.quick,
        small=found.small,
    )


def _try(bench: Bench, parts: Parts, database: Database, now: Clock) -> None:
    """Build one candidate and time every slow statement of the table whose plan takes it."""
    asked = [each for prepared, _ in bench.slow for each in prepared.sets]
    if database.would_use(bench.table, parts, asked) is False:
        bench.tried += [
            Tried(prepared, parts, None, built=False, own=(id(prepared), parts) in bench.made)
            for prepared, _ in bench.slow
        ]
        return
    began = now()
    try:
        database.build(bench.table, parts)
    except Refused:
        return
    try:
        build_s, size = now() - began, database.size(bench.table)
        for prepared, baseline in bench.slow:
            tried = _tried(prepared, parts, baseline, database, now)
            own = (id(prepared), parts) in bench.made
            bench.tried.append(tried._replace(build_s=build_s, bytes=size, own=own))
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
    tidy(database, prepared)
    return Tried(prepared, parts, timed, before.text, used[0].text, taken_before=before.indexes)


def _leave_late_ones(found: Sorted, *, late: bool) -> None:
    """Say of which statements nothing was tried for want of time."""
    tried = {id(each.prepared) for bench in found.benches for each in bench.tried if each.own or each.helps}
    for bench in found.benches:
        untried = [each for each in bench.slow if late and bench.own(each[0]) and id(each[0]) not in tried]
        for each in untried:
            found.leave(each[0], LATE)
            bench.slow.remove(each)
            tried.add(id(each[0]))
