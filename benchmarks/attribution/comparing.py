"""What the agent said beside what the application wrote down, request by request."""

import statistics
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from benchmarks.attribution.driving import Sent

CLOSE_MS = 0.3
CLOSE_SHARE = 0.05
SUM_SHARE = 0.03
UNATTRIBUTED_SHARE = 0.05


class Seen(NamedTuple):
    """One request by all three: the client, the application's own book, the agent."""

    sent: Sent
    costs: Mapping[str, list[tuple[int, int | None]]]
    record: Any


class Row(NamedTuple):
    """A layer of an endpoint: milliseconds per request, as they were and as the agent says."""

    path: str
    layer: str
    truth_ms: float
    agent_ms: float

    @property
    def off_ms(self) -> float:
        """How much too much the agent says."""
        return self.agent_ms - self.truth_ms

    @property
    def excess(self) -> float:
        """How far off it is, in parts of what it may be off."""
        return abs(self.off_ms) / max(CLOSE_MS, CLOSE_SHARE * self.truth_ms)

    @property
    def held(self) -> bool:
        """Whether that is close enough."""
        return self.excess <= 1


class Whole(NamedTuple):
    """All layers of an endpoint's requests beside the client's latency, in milliseconds."""

    path: str
    latency_ms: float
    agent_ms: float
    unattributed_ms: float

    @property
    def sum_off(self) -> float:
        """By which part of the latency the sum is off."""
        return self.agent_ms / self.latency_ms - 1

    @property
    def unattributed(self) -> float:
        """Which part of the sum has no owner."""
        return self.unattributed_ms / self.agent_ms

    @property
    def held(self) -> bool:
        """Whether both are small enough."""
        return abs(self.sum_off) <= SUM_SHARE and self.unattributed <= UNATTRIBUTED_SHARE


class Phase(NamedTuple):
    """One number of connections: the layers that were paid for, the whole, and every layer's mean by endpoint."""

    connections: int
    requests: int
    rows: list[Row]
    wholes: list[Whole]
    layers: dict[str, dict[str, float]]

    @property
    def held(self) -> bool:
        """Whether every target was met."""
        return all(row.held for row in self.rows) and all(whole.held for whole in self.wholes)


def joined(sent: Iterable[Sent], pages: Mapping[int, Mapping[str, Any]], records: Iterable[Any]) -> list[Seen]:
    """Bring together what belongs to each request; raises RuntimeError when the agent has missed one."""
    by_name = {record.at_ns - record.wait_ns: record for record in records}
    everything = list(sent)
    missed = [each for each in everything if each.sent not in by_name or each.sent not in pages]
    if missed:
        raise RuntimeError(f"{len(missed)} of {len(everything)} requests have no record, {missed[0].path} for one")
    return [Seen(each, pages[each.sent]["costs"], by_name[each.sent]) for each in everything]


def compared(seen: list[Seen], alone: list[Seen] | None, connections: int) -> Phase:
    """Compare one phase.

    Where `alone` is given, requests share a loop: of what was awaited only the part that is the layer's own counts,
    and on top of it what the same cost took when nobody else was there.
    """
    rows, wholes, layers = [], [], {}
    for path in dict.fromkeys(each.sent.path for each in seen):
        here = [each for each in seen if each.sent.path == path]
        before = [each for each in alone or () if each.sent.path == path]
        rows += [_row(path, group, here, before) for group in groups(here)]
        wholes.append(_whole(path, here))
        layers[path] = _means(here)
    return Phase(connections, len(seen), rows, wholes, layers)


def groups(seen: list[Seen]) -> list[tuple[str, ...]]:
    """Give the layers that were paid for; those that an application cannot tell apart (`a+b`) are one group."""
    found: list[tuple[str, ...]] = []
    for name in dict.fromkeys(layer for each in seen for layer in each.costs):
        group = tuple(name.split("+"))
        touching = [other for other in found if set(other) & set(group)]
        found = [other for other in found if other not in touching]
        found.append(tuple(dict.fromkeys(layer for part in (*touching, group) for layer in part)))
    return found


def _row(path: str, group: tuple[str, ...], here: list[Seen], before: list[Seen]) -> Row:
    if before:
        truth = _mean(_own(each, group) for each in here) + statistics.median(_overhead(each, group) for each in before)
    else:
        truth = _mean(_took(each, group) for each in here)
    agent = _mean(sum(each.record.layers.get(layer, 0) for layer in group) for each in here)
    return Row(path, "+".join(group), truth / 1e6, agent / 1e6)


def _costs(seen: Seen, group: tuple[str, ...]) -> list[tuple[int, int | None]]:
    return [cost for name, costs in seen.costs.items() if name.split("+")[0] in group for cost in costs]


def _took(seen: Seen, group: tuple[str, ...]) -> int:
    return sum(took for took, _ in _costs(seen, group))


def _own(seen: Seen, group: tuple[str, ...]) -> int:
    return sum(took if ideal is None else ideal for took, ideal in _costs(seen, group))


def _overhead(seen: Seen, group: tuple[str, ...]) -> int:
    return sum(took - ideal for took, ideal in _costs(seen, group) if ideal is not None)


def _whole(path: str, here: list[Seen]) -> Whole:
    latency = _mean(each.sent.latency_ns for each in here)
    agent = _mean(sum(each.record.layers.values()) + each.record.wait_ns for each in here)
    unattributed = _mean(each.record.layers.get("unattributed", 0) for each in here)
    return Whole(path, latency / 1e6, agent / 1e6, unattributed / 1e6)


def _means(here: list[Seen]) -> dict[str, float]:
    names = sorted({layer for each in here for layer in each.record.layers})
    means = {name: _mean(each.record.layers.get(name, 0) for each in here) / 1e6 for name in names}
    return {"server_wait": _mean(each.record.wait_ns for each in here) / 1e6, **means}


def _mean(values: Iterable[float]) -> float:
    return statistics.fmean(values)
