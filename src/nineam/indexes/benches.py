"""Puts the statements that are slow in a clone to the tables they use, with the indexes that might help."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from nineam.indexes.candidates import Parts, candidates
from nineam.indexes.choosing import Tried
from nineam.indexes.database import Database, Refused
from nineam.indexes.prepared import Prepared
from nineam.indexes.schema import Table
from nineam.indexes.timing import Clock, alone
from nineam.model.indexes import NotTried

QUICK_MS = 0.5
"""Milliseconds per execution below which nobody misses an index."""
SMALL = 1000
"""Rows below which reading all of them is right."""
LATE = "no time was left for it"


@dataclass
class Bench:
    """A table with what is tried on it: candidates, and the slow statements that use it with their seconds."""

    table: Table
    candidates: list[Parts] = field(default_factory=list)
    slow: list[tuple[Prepared, float]] = field(default_factory=list)
    tried: list[Tried] = field(default_factory=list)


@dataclass
class Sorted:
    """Every statement that was made ready is in one of these; `quick` and `small` ones are only counted."""

    benches: list[Bench] = field(default_factory=list)
    left: list[NotTried] = field(default_factory=list)
    quick: int = 0
    small: int = 0

    def leave(self, prepared: Prepared, why: str) -> None:
        """Put down that a statement is not tried."""
        self.left.append(NotTried(statement=prepared.asked.text, why=why))

    def bench(self, table: Table) -> Bench:
        """Return the bench of a table."""
        for each in self.benches:
            if each.table is table:
                return each
        self.benches.append(Bench(table))
        return self.benches[-1]


def sort_out(
    ready: list[Prepared], database: Database, now: Clock, until: float, hear: Callable[[int], None]
) -> Sorted:
    """Time every statement as the clone is, until the clock says `until`; `hear` is told how many are done."""
    found = Sorted()
    for at, prepared in enumerate(ready):
        hear(at)
        if all(use.table.rows < SMALL for use in prepared.query.uses):
            found.small += 1
        elif now() > until:
            found.leave(prepared, LATE)
        else:
            _timed(prepared, found, database, now)
    return found


def _timed(prepared: Prepared, found: Sorted, database: Database, now: Clock) -> None:
    try:
        seconds = alone(database, prepared, now)
    except Refused as reason:
        found.leave(prepared, str(reason))
        return
    if seconds / len(prepared.sets) * 1000 < QUICK_MS:
        found.quick += 1
        return
    for table, parts in _of_tables(prepared):
        bench = found.bench(table)
        bench.slow.append((prepared, seconds))
        bench.candidates += [each for each in parts if each not in bench.candidates]


def _of_tables(prepared: Prepared) -> Iterable[tuple[Table, tuple[Parts, ...]]]:
    """Return the tables of a statement that have many rows, each with what might help."""
    found: dict[int, tuple[Table, tuple[Parts, ...]]] = {}
    for number, use in enumerate(prepared.query.uses):
        if use.table.rows >= SMALL:
            before = found.get(id(use.table), (use.table, ()))[1]
            found[id(use.table)] = use.table, (*before, *candidates(use, prepared.distinct.get(number, {})))
    return found.values()
