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
    """A table with what is tried on it: candidates, and the slow statements that use it with their seconds.

    `made` holds for which statement, by identity, a candidate was made; it is tried on the others as well.
    """

    table: Table
    candidates: list[Parts] = field(default_factory=list)
    slow: list[tuple[Prepared, float]] = field(default_factory=list)
    tried: list[Tried] = field(default_factory=list)
    made: set[tuple[int, Parts]] = field(default_factory=set)

    def add(self, prepared: Prepared, seconds: float, parts: Iterable[Parts]) -> None:
        """Put a slow statement here, with the candidates that are made for it."""
        self.slow.append((prepared, seconds))
        for each in parts:
            self.made.add((id(prepared), each))
            if each not in self.candidates:
                self.candidates.append(each)

    def own(self, prepared: Prepared) -> bool:
        """Whether a candidate was made for a statement."""
        return any((id(prepared), each) in self.made for each in self.candidates)


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
        tidy(database, prepared)
    except Refused as reason:
        found.leave(prepared, str(reason))
        return
    if seconds / len(prepared.sets) * 1000 < QUICK_MS:
        found.quick += 1
        return
    for table, parts in _of_tables(prepared):
        found.bench(table).add(prepared, seconds, parts)


def tidy(database: Database, prepared: Prepared) -> None:
    """Clear away what a statement that writes has left behind, although it was taken back."""
    if prepared.query.writes:
        for table in {use.table.name: use.table for use in prepared.query.uses}.values():
            database.tidy(table)


def _of_tables(prepared: Prepared) -> Iterable[tuple[Table, tuple[Parts, ...]]]:
    """Return the tables of a statement that have many rows, each with what might help."""
    found: dict[int, tuple[Table, tuple[Parts, ...]]] = {}
    for number, use in enumerate(prepared.query.uses):
        if use.table.rows >= SMALL:
            before = found.get(id(use.table), (use.table, ()))[1]
            found[id(use.table)] = use.table, (*before, *candidates(use, prepared.distinct.get(number, {})))
    return found.values()
