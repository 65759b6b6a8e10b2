"""Adds up what agents report, per phase and second, and hands it to the run file in one go."""

import random
from typing import Any

import msgspec

from nineam.agent import wire
from nineam.collect.feed import SeenRequest
from nineam.store.writer import Writer

SAMPLE = 500
"""Whole requests kept per phase and endpoint (reservoir sampling, so each is as likely as any other)."""

Sums = dict[tuple[Any, ...], list[int]]


class Collector:
    """The sink of a `Feed`. A request belongs to the phase in which it was sent."""

    def __init__(self, writer: Writer, seed: int) -> None:
        self._writer = writer
        self._random = random.Random(seed)  # noqa: S311 - a sample, not a secret
        self._phases: list[tuple[int, int]] = []
        self._totals: Sums = {}
        self._layers: Sums = {}
        self._queries: Sums = {}
        self._spots: Sums = {}
        self._stacks: Sums = {}
        self._columns: Sums = {}
        self._sampler: dict[str, Any] = {}
        self._samples: dict[tuple[int, int], list[tuple[Any, ...]]] = {}
        self._seen: dict[tuple[int, int], int] = {}
        self.records = 0
        self.dropped: dict[int, int] = {}
        self.hooks: dict[str, str] = {}

    def begin_phase(self, phase: int, begin_ns: int) -> None:
        """From `begin_ns` on, requests belong to `phase`."""
        self._phases.append((begin_ns, phase))

    def __call__(self, process: int, kind: int, value: Any) -> None:
        """Take one resolved frame of one process."""
        if kind == wire.REQUESTS:
            self.request(value)
        elif kind == wire.GAUGES:
            self.dropped[process] = int(value["values"].get("dropped", 0))
            self._writer.insert("gauge", [(value["at_ns"], process, msgspec.json.encode(value["values"]).decode())])
        elif kind == wire.SOURCE:
            self._writer.insert("source", [tuple(value)])
        elif kind == wire.BLOCKED:
            self._held(value)
        elif kind == wire.SAMPLES:
            self._seen_stacks(value)
        elif kind == wire.COLUMNS:
            self._seen_columns(*value)
        elif kind == wire.SAMPLER:
            self._sampled_by(value)
        elif kind in (wire.HOOK, wire.HELLO):
            self._hook(value)

    def request(self, request: SeenRequest) -> None:
        """Add one request."""
        sent = request.at_ns - request.wait_ns
        found = self._phase_at(sent)
        if found is None:
            return
        self.records += 1
        phase, since = found
        name = self._writer.name
        endpoint = name(request.endpoint)
        key = (phase, since // 1_000_000_000, endpoint)
        executions = sum(query.count for query in request.queries)
        _add(self._totals, key, 1, request.total_ns + request.wait_ns, executions, request.longest_ns, request.steps_ns)
        layers = request.layers | ({"server_wait": request.wait_ns} if request.wait_ns else {})
        for layer, ns in layers.items():
            _add(self._layers, (*key, name(layer)), ns)
        self._places(phase, endpoint, request)
        self._sample(phase, endpoint, request, layers)

    def _places(self, phase: int, endpoint: int, request: SeenRequest) -> None:
        name = self._writer.name
        for query in request.queries:
            key = (phase, endpoint, name(query.statement), name(query.site), name(query.relation), name(query.caller))
            counts = (query.count, query.distinct, query.ns, query.rows, query.fetch_ns)
            sums = _add(self._queries, key, 1, *counts)
            if len(sums) == 6:
                sums.append(query.count)
            sums[6] = max(sums[6], query.count)
        for spot in request.spots:
            line = (phase, endpoint, name(spot.layer), name(spot.site), name(spot.caller))
            _add(self._spots, line, 1, spot.calls, spot.ns)

    def _sample(self, phase: int, endpoint: int, request: SeenRequest, layers: dict[str, int]) -> None:
        key = (phase, endpoint)
        seen = self._seen[key] = self._seen.get(key, 0) + 1
        kept = self._samples.setdefault(key, [])
        place = len(kept) if len(kept) < SAMPLE else self._random.randrange(seen)
        if place >= SAMPLE:
            return
        encoded = msgspec.json.encode(layers).decode()
        times = (request.total_ns + request.wait_ns, request.status, request.steps_ns, request.longest_ns)
        kept[place : place + 1] = [(phase, endpoint, request.at_ns, *times, encoded)]

    def _held(self, value: dict[str, Any]) -> None:
        found = self._phase_at(value["at_ns"])
        if found is not None:
            name = self._writer.name
            places = [name(value[key]) for key in ("endpoint", "layer", "site", "call")]
            rest = [value[key] for key in ("line", "at_ns", "ms", "does", "had")]
            self._writer.insert("held", [(found[0], *places, *rest)])

    def _phase_at(self, instant_ns: int) -> tuple[int, int] | None:
        """Return the phase of an instant and how long it had been going on then."""
        return next(
            ((phase, instant_ns - begin) for begin, phase in reversed(self._phases) if instant_ns >= begin), None
        )

    def _seen_stacks(self, rows: list[list[Any]]) -> None:
        name = self._writer.name
        for sent, endpoint, layer, frames, samples in rows:
            found = self._phase_at(sent)
            if found is not None:
                stack = msgspec.json.encode([name(frame) for frame in frames]).decode()
                _add(self._stacks, (found[0], name(endpoint), name(layer), stack), samples)

    def _seen_columns(self, statement: str, rows: int, columns: list[tuple[str, int]]) -> None:
        name = self._writer.name
        sizes: dict[str, int] = {}
        for column, size in columns:  # several may have the same name
            sizes[column] = sizes.get(column, 0) + size
        for column, size in sizes.items():
            _add(self._columns, (name(statement), name(column)), rows, size)

    def _sampled_by(self, value: dict[str, Any]) -> None:
        """Keep how the processes are sampled: by all that any says, as the slowest that is; or why none is."""
        before = self._sampler
        slowest = value if not before.get("hz") or 0 < value["hz"] <= before["hz"] else before
        kinds = " ".join(said["kind"] for said in (before, value) if said.get("hz"))
        both = "threads" in kinds and "sigalrm" in kinds
        self._sampler = {**slowest, "kind": "sigalrm and threads"} if both else slowest
        if self._sampler != before:
            self._writer.meta("sampler", self._sampler)

    def _hook(self, value: dict[str, Any]) -> None:
        states = value.get("hooks") or ({value["library"]: value["state"]} if "library" in value else {})
        self.hooks.update(states)
        self._writer.insert("hook", states.items())

    def flush(self) -> None:
        """Write what has been added up since the last flush."""
        writer = self._writer
        writer.add("request_total", 3, _rows(self._totals))
        writer.add("layer_total", 4, _rows(self._layers))
        writer.add("query_total", 6, _rows(self._queries), largest=1)
        writer.add("spot_total", 5, _rows(self._spots))
        writer.add("stack", 4, _rows(self._stacks))
        writer.add("column_total", 2, _rows(self._columns))
        for sums in (self._totals, self._layers, self._queries, self._spots, self._stacks, self._columns):
            sums.clear()
        writer.commit()

    def finish(self) -> None:
        """Write the rest, the sample of whole requests included."""
        self.flush()
        for rows in self._samples.values():
            self._writer.insert("request", rows)
        self._writer.commit()


def _add(sums: Sums, key: tuple[Any, ...], *values: int) -> list[int]:
    found = sums.get(key)
    if found is None:
        found = sums[key] = list(values)
        return found
    for index, value in enumerate(values):
        found[index] += value
    return found


def _rows(sums: Sums) -> list[tuple[Any, ...]]:
    return [(*key, *values) for key, values in sums.items()]
