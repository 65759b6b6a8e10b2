"""Whose line it is: that of a function which asks for others, or of the one that made it ask.

`run(sql)` and `fetch(url)` are one line for a whole application. That line is to blame where everybody pays the same
for it; where some callers pay several times what others do, or have it execute other statements, it is they.
"""

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

import msgspec

from nineam.store.records import QuerySum, RunData, SpotSum

RATIO = 3.0
"""How many times dearer a call is, or how many times more calls there are, where callers differ."""

Row = TypeVar("Row", QuerySum, SpotSum)


class Use(NamedTuple):
    """What callers have a line do: statements, nanoseconds, calls and the requests they came from."""

    statements: frozenset[str]
    ns: int
    calls: int
    requests: int


def at_fault(run: RunData) -> RunData:
    """Return a run whose statements and calls stand at the line that is to blame for them, with no callers left."""
    spots = _shared((f"{row.layer} {row.site}", row.caller, _spot_use(row)) for row in run.spots)
    queries = _shared((row.site, row.caller, _query_use(row)) for row in run.queries if not row.relation)
    return msgspec.structs.replace(
        run,
        spots=_merged(_told(row, f"{row.layer} {row.site}" in spots) for row in run.spots),
        queries=_merged(_told(row, not row.relation and row.site in queries) for row in run.queries),
    )


def _spot_use(row: SpotSum) -> Use:
    return Use(frozenset(), row.ns, row.calls, row.requests)


def _query_use(row: QuerySum) -> Use:
    return Use(frozenset({row.statement}), row.ns, row.executions, row.requests)


def _shared(uses: Iterable[tuple[str, str, Use]]) -> set[str]:
    """Return the lines whose callers differ in what they have them do."""
    sums: dict[str, dict[str, Use]] = {}
    for line, caller, use in uses:
        callers = sums.setdefault(line, {})
        before = callers.get(caller, Use(frozenset(), 0, 0, 0))
        callers[caller] = Use(
            before.statements | use.statements, *(a + b for a, b in zip(before[1:], use[1:], strict=True))
        )
    return {line for line, callers in sums.items() if line and _differ(list(callers.values()))}


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
    )
