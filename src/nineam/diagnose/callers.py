"""Whose line it is: that of a function which asks for others, or of the one that made it ask.

`run(sql)` and `fetch(url)` are one line for a whole application. That line is to blame where everybody pays the same
for it; where some callers pay several times what others do, or have it execute other statements, it is they. And what a
request does again and again, but the line's own function does not, its caller does.
"""

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

import msgspec

from nineam.diagnose.layers import ELSEWHERE
from nineam.store.records import QuerySum, RunData, SpotSum

RATIO = 3.0
"""How many times dearer a call is, or how many times more calls there are, where callers differ."""

OFTEN = 5
"""Calls per request that are no longer a few lines of the same function."""

Row = TypeVar("Row", QuerySum, SpotSum)


class Use(NamedTuple):
    """What callers have a line do: statements, nanoseconds, calls and the requests they came from."""

    statements: frozenset[str]
    ns: int
    calls: int
    requests: int

    def plus(self, other: "Use") -> "Use":
        """Add another."""
        sums = (self.ns + other.ns, self.calls + other.calls, self.requests + other.requests)
        return Use(self.statements | other.statements, *sums)


def at_fault(run: RunData) -> RunData:
    """Return a run whose statements and calls stand at the line that is to blame for them, with no callers left."""
    loops = {name for kind, name in run.sources if kind == "loop"}
    rows: list[QuerySum | SpotSum] = [*run.spots, *run.queries]
    alone = {phase.id for phase in run.phases if phase.kind == "localhost"}
    # under load everybody waits, and all calls take alike: what was also seen alone is judged by that
    callers = {**_by_line(rows), **_by_line(row for row in rows if row.phase in alone)}
    theirs = {line for line, uses in callers.items() if _is_theirs(line, uses, loops)}
    return msgspec.structs.replace(
        run,
        spots=_merged(_told(row, _line(row) in theirs) for row in run.spots),
        queries=_merged(_told(row, _may_move(row) and _line(row) in theirs) for row in run.queries),
    )


def _line(row: QuerySum | SpotSum) -> tuple[str, str]:
    """Return the layer (empty for a statement) and the line."""
    return ("" if isinstance(row, QuerySum) else row.layer), row.site


def _may_move(row: QuerySum | SpotSum) -> bool:
    return isinstance(row, SpotSum) or not row.relation


def _use(row: QuerySum | SpotSum) -> Use:
    if isinstance(row, QuerySum):
        return Use(frozenset({row.statement}), row.taken_ns, row.executions, row.requests)
    return Use(frozenset(), row.ns, row.calls, row.requests)


def _by_line(rows: Iterable[QuerySum | SpotSum]) -> dict[tuple[str, str], list[Use]]:
    """Add up what each caller has each line do."""
    sums: dict[tuple[str, str], dict[str, Use]] = {}
    for row in filter(_may_move, rows):
        callers, use = sums.setdefault(_line(row), {}), _use(row)
        callers[row.caller] = callers[row.caller].plus(use) if row.caller in callers else use
    return {line: list(callers.values()) for line, callers in sums.items()}


def _is_theirs(line: tuple[str, str], callers: list[Use], loops: set[str]) -> bool:
    """Whether callers differ in what they have a line do, or repeat what its own function does once."""
    asks = line[0] in ("", *ELSEWHERE) or line[0].startswith("http_client:")
    repeated = any(use.calls >= OFTEN * use.requests for use in callers)
    return _differ(callers) or (asks and repeated and line[1] not in loops)


def _differ(uses: list[Use]) -> bool:
    each = [use.ns / max(1, use.calls) for use in uses]
    often = [use.calls / max(1, use.requests) for use in uses]
    return any(use.statements != uses[0].statements for use in uses) or any(
        max(values) >= RATIO * max(min(values), 1e-9) for values in (each, often)
    )


def _told(row: Row, shared: bool) -> Row:
    return msgspec.structs.replace(row, site=row.caller if shared and row.caller else row.site, caller="")


def _merged(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Add up what now stands at the same line; of how many requests asked, no more is known than the most that did."""
    found: dict[tuple[str | int, ...], Row] = {}
    for row in rows:
        key = _key(row)
        found[key] = _sum(found[key], row) if key in found else row
    return tuple(found.values())


def _key(row: QuerySum | SpotSum) -> tuple[str | int, ...]:
    if isinstance(row, QuerySum):
        return row.phase, row.endpoint, row.statement, row.site, row.relation
    return row.phase, row.endpoint, row.layer, row.site


def _sum(one: Row, other: Row) -> Row:
    requests = max(one.requests, other.requests)
    if isinstance(one, SpotSum):
        return msgspec.structs.replace(one, requests=requests, calls=one.calls + other.calls, ns=one.ns + other.ns)  # type: ignore[attr-defined]
    return msgspec.structs.replace(
        one,
        requests=requests,
        executions=one.executions + other.executions,
        distinct_parameters=one.distinct_parameters + other.distinct_parameters,
        ns=one.ns + other.ns,
        most=one.most + other.most,
        rows=one.rows + other.rows,
        fetch_ns=one.fetch_ns + other.fetch_ns,
    )
