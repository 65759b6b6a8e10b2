"""A run as the diagnosis looks at it: per phase and endpoint, both what clients saw and where the time went.

Clients name an endpoint by what they asked for (`GET /orders/7`), the agent by its route template
(`GET /orders/{order_id}`). Both are brought together under the template, unless the user has chosen a name.
"""

from collections.abc import Iterable
from functools import cached_property

import msgspec

from nineam.diagnose.callers import at_fault
from nineam.diagnose.layers import WAITS
from nineam.diagnose.naming import Names
from nineam.endpoints import judged
from nineam.merging import merge, merge_endpoints
from nineam.model import EndpointStats, GaugeData, LoadStats
from nineam.store.records import Held, QuerySum, RunData, SpotSum, StoredPhase

FEWEST = 5
"""Requests of an endpoint below which a phase tells nothing about it."""
DATABASE_LAYERS = ("orm", "hydration", "db_execute", "db_fetch")


class Picture:
    """The run, with the questions that detectors ask of it."""

    def __init__(self, run: RunData) -> None:
        self.run = at_fault(run)
        self.objective_ms: float = run.meta.get("objective_ms", 500.0)

    @cached_property
    def exempt(self) -> frozenset[str]:
        """Endpoints that missed the objective with one polite user already, as they are shown."""
        return frozenset(self.names.shown(name) for name in self.run.meta.get("exempt", ()))

    # --- phases ---

    @cached_property
    def phases(self) -> tuple[StoredPhase, ...]:
        """All phases; a stair that was cut short ends with the last of what was counted in it."""
        return tuple(self._ended(phase) for phase in self.run.phases)

    def _ended(self, phase: StoredPhase) -> StoredPhase:
        if phase.kind != "monday" or phase.end_ns is not None or not self.stats(phase).endpoints:
            return phase
        counted_s = sum(stats.generator.wall_s for stats in self.run.load[phase.id])
        return msgspec.structs.replace(phase, end_ns=phase.begin_ns + round(counted_s * 1e9))

    @cached_property
    def stairs(self) -> tuple[StoredPhase, ...]:
        """Monday's stairs in the order they were climbed: those that are over, and one that was cut short."""
        return tuple(phase for phase in self.phases if phase.kind == "monday" and phase.end_ns)

    @cached_property
    def warmup(self) -> StoredPhase | None:
        """What the polite user did first of all."""
        return next((phase for phase in self.run.phases if phase.kind == "warmup" and phase.end_ns), None)

    @cached_property
    def localhost(self) -> StoredPhase | None:
        """The polite phase."""
        return next((phase for phase in self.run.phases if phase.kind == "localhost" and phase.end_ns), None)

    @cached_property
    def after(self) -> StoredPhase | None:
        """The way back down."""
        return next((phase for phase in self.run.phases if phase.kind == "after"), None)

    @cached_property
    def monday(self) -> StoredPhase | None:
        """The stair that stands for Monday: the goal, or without one where it broke; the highest climbed."""
        return self.stairs[-1] if self.stairs else None

    @cached_property
    def failing(self) -> StoredPhase | None:
        """The stair to ask for causes: the lowest that broke for good, where they are not yet buried in queues."""
        held = max((index for index, stair in enumerate(self.stairs) if stair.held), default=-1)
        broken = [stair for stair in self.stairs[held + 1 :] if stair.held is False]
        if not broken:
            return self.monday
        # the second try of the same load, when there was one
        again = [stair for stair in broken if (stair.rate, stair.users) == (broken[0].rate, broken[0].users)]
        return again[-1]

    @cached_property
    def lasting(self) -> tuple[StoredPhase, ...]:
        """The stairs without those whose second try held: what broke them was a disturbance."""
        following = (*self.stairs[1:], None)[: len(self.stairs)]
        return tuple(
            stair
            for stair, after in zip(self.stairs, following, strict=True)
            if stair.held or after is None or not after.held or (after.rate, after.users) != (stair.rate, stair.users)
        )

    @property
    def arrivals_are_journeys(self) -> bool:
        """Whether rates are of iterations, which may be several requests each, rather than of requests."""
        return self.run.meta.get("unit") == "journeys"

    def load_in_words(self, stair: StoredPhase) -> str:
        """Spell the load of a stair."""
        unit = "iterations/s" if self.arrivals_are_journeys else "requests/s"
        return f"{stair.rate:g} {unit}" if stair.rate else f"{stair.users} user{'s' if stair.users != 1 else ''}"

    @property
    def broke(self) -> bool:
        """Whether Monday ended on a stair that did not hold."""
        return self.monday is not None and self.monday.held is False

    # --- what clients saw ---

    def stats(self, phase: StoredPhase | None) -> LoadStats:
        """Everything the load process counted in a phase."""
        total = LoadStats()
        for stats in self.run.load.get(phase.id, ()) if phase else ():
            total = merge(total, stats)
        return total

    def vus(self, phases: Iterable[StoredPhase]) -> GaugeData | None:
        """How many users were active in some phases: at last, at least and at most; None when nobody looked.

        The tick at the end of a phase, when they have gone, does not count.
        """
        seen: list[int] = []
        for phase in phases:
            *before, last = self.run.vus.get(phase.id, (0,))
            seen += [*before, last] if last else before
        return GaugeData(value=seen[-1], min=min(seen), max=max(seen)) if seen else None

    def endpoints(self, phase: StoredPhase | None) -> dict[str, EndpointStats]:
        """What clients saw per endpoint, under the names that are shown: the user's own, else route templates."""
        found: dict[str, EndpointStats] = {}
        for stats in self.stats(phase).endpoints:
            name = self.names.shown(stats.name)
            found[name] = merge_endpoints(found[name], stats) if name in found else stats
        return found

    def judged(self, phase: StoredPhase | None) -> dict[str, EndpointStats]:
        """Give the same without what clients unlike the others saw."""
        return {self.names.shown(stats.name): stats for stats in judged(self.endpoints(phase).values())}

    @cached_property
    def names(self) -> Names:
        """What endpoints are called."""
        named = (stats.named for ticks in self.run.load.values() for stats in ticks)
        return Names({row.endpoint for row in self.run.requests}, dict(item for each in named for item in each.items()))

    def template(self, name: str) -> str:
        """The route template behind a client's name for an endpoint; the name itself when there is none."""
        return self.names.template(name)

    # --- where the time went ---

    @cached_property
    def _totals(self) -> dict[tuple[int, str], tuple[int, int, int]]:
        sums: dict[tuple[int, str], tuple[int, int, int]] = {}
        for row in self.run.requests:
            before = sums.get((row.phase, row.endpoint), (0, 0, 0))
            added = (row.requests, row.total_ns, row.queries)
            sums[row.phase, row.endpoint] = (before[0] + added[0], before[1] + added[1], before[2] + added[2])
        return sums

    @cached_property
    def _layers(self) -> dict[tuple[int, str], dict[str, int]]:
        sums: dict[tuple[int, str], dict[str, int]] = {}
        for row in self.run.layers:
            layers = sums.setdefault((row.phase, row.endpoint), {})
            layers[row.layer] = layers.get(row.layer, 0) + row.ns
        return sums

    def telling(self, endpoint: str) -> StoredPhase | None:
        """The phase to ask about an endpoint: where it first broke, or the last before that with answers of it."""
        failing = self.failing
        before = [stair for stair in self.stairs if failing and stair.begin_ns <= failing.begin_ns]
        enough = [stair for stair in before if self.requests(stair, endpoint) >= FEWEST]
        return enough[-1] if enough else self.localhost

    def seen(self, phase: StoredPhase | None) -> tuple[str, ...]:
        """Endpoints the agent saw in a phase."""
        return tuple(endpoint for number, endpoint in self._totals if phase and number == phase.id)

    def users_endpoints(self, phase: StoredPhase | None) -> tuple[str, ...]:
        """What the agent saw in a phase without the health check, which only the probe asks."""
        path = str(self.run.meta.get("health_path", ""))
        probe = self.template(f"GET {path}") if path else ""
        return tuple(name for name in self.seen(phase) if name != probe)

    def requests(self, phase: StoredPhase | None, endpoint: str) -> int:
        """Requests of an endpoint that the agent saw in a phase."""
        return self._totals.get((phase.id, endpoint), (0, 0, 0))[0] if phase else 0

    def statements(self, phase: StoredPhase | None, endpoint: str) -> int:
        """Statements of an endpoint that the agent saw in a phase."""
        return self._totals.get((phase.id, endpoint), (0, 0, 0))[2] if phase else 0

    def server_ms(self, phase: StoredPhase | None, endpoint: str) -> float:
        """Mean time per request on the server's side, its queue included."""
        count, total, _ = self._totals.get((phase.id, endpoint), (0, 0, 0)) if phase else (0, 0, 0)
        return total / count / 1e6 if count else 0.0

    def share(self, phase: StoredPhase | None, endpoint: str, ms: float) -> float:
        """What part `ms` is of an endpoint's own time: of all of it but waiting its turn, which has other causes."""
        own = self.server_ms(phase, endpoint) - self.layer(phase, endpoint, *WAITS)
        return min(1.0, ms / max(own, ms, 0.001))

    def longest_ms(self, phase: StoredPhase | None, endpoint: str) -> float:
        """Mean of the longest stretch that each request kept the event loop to itself."""
        rows = [row for row in self.run.requests if phase and (row.phase, row.endpoint) == (phase.id, endpoint)]
        return sum(row.longest_ns for row in rows) / max(1, sum(row.requests for row in rows)) / 1e6

    def layers(self, phase: StoredPhase | None, endpoint: str) -> dict[str, float]:
        """Mean exclusive milliseconds per request and layer, largest first."""
        count = self.requests(phase, endpoint)
        if not phase or not count:
            return {}
        sums = self._layers.get((phase.id, endpoint), {})
        return {layer: ns / count / 1e6 for layer, ns in sorted(sums.items(), key=lambda item: -item[1])}

    def layer(self, phase: StoredPhase | None, endpoint: str, *names: str) -> float:
        """Mean exclusive milliseconds of some layers together."""
        layers = self.layers(phase, endpoint)
        return sum(layers.get(name, 0.0) for name in names)

    def growth(self, phase: StoredPhase | None, endpoint: str) -> dict[str, float]:
        """Milliseconds per request that each layer takes in a phase beyond what it takes on localhost."""
        before = self.layers(self.localhost, endpoint)
        now = self.layers(phase, endpoint)
        return {layer: ms - before.get(layer, 0.0) for layer, ms in now.items() if ms > before.get(layer, 0.0)}

    def second_layers(self, phase: StoredPhase, endpoint: str, layer: str) -> dict[int, float]:
        """Mean exclusive milliseconds of a layer, second by second of a phase."""
        counts = {
            row.second: row.requests for row in self.run.requests if (row.phase, row.endpoint) == (phase.id, endpoint)
        }
        return {
            row.second: row.ns / counts[row.second] / 1e6
            for row in self.run.layers
            if (row.phase, row.endpoint, row.layer) == (phase.id, endpoint, layer) and counts.get(row.second)
        }

    # --- places in the code ---

    def queries(self, phase: StoredPhase | None, endpoint: str) -> tuple[QuerySum, ...]:
        """The statements of an endpoint in a phase."""
        return tuple(row for row in self.run.queries if phase and (row.phase, row.endpoint) == (phase.id, endpoint))

    def spots(self, phase: StoredPhase | None, endpoint: str, layer: str) -> tuple[SpotSum, ...]:
        """The lines that caused an endpoint's time in a layer."""
        wanted = (phase.id, endpoint, layer) if phase else None
        return tuple(row for row in self.run.spots if (row.phase, row.endpoint, row.layer) == wanted)

    def calls(self, phase: StoredPhase | None, endpoint: str, kind: str) -> tuple[SpotSum, ...]:
        """What an endpoint called of a kind, `http_client` or `cache`, by target and line: `layer` is `kind:target`."""
        rows = (row for row in self.run.spots if phase and (row.phase, row.endpoint) == (phase.id, endpoint))
        return tuple(row for row in rows if row.layer.startswith(f"{kind}:"))

    def held(self) -> tuple[Held, ...]:
        """Looks at an event loop being held, in the phases that count."""
        phases = {phase.id for phase in (self.localhost, *self.stairs) if phase}
        return tuple(row for row in self.run.held if row.phase in phases)

    def source(self, kind: str, name: str) -> str:
        """Where a layer or an endpoint is written, as `file:line:function`; empty when unknown."""
        return self.run.sources.get((kind, name), "")

    def gauge(self, phases: Iterable[StoredPhase], name: str) -> list[float]:
        """Every reading of a gauge during some phases, each of one process."""
        spans = [(phase.begin_ns, phase.end_ns or 0) for phase in phases]
        return [
            gauge.values[name]
            for gauge in self.run.gauges
            if name in gauge.values and any(begin <= gauge.at_ns <= end for begin, end in spans)
        ]

    def gauge_rate(self, phase: StoredPhase | None, name: str) -> float | None:
        """How fast a counter rose during a phase in all processes together, per second; None when not read twice."""
        read: dict[int, list[tuple[int, float]]] = {}
        for gauge in self.run.gauges:
            if phase and name in gauge.values and phase.begin_ns <= gauge.at_ns <= (phase.end_ns or 0):
                read.setdefault(gauge.process, []).append((gauge.at_ns, gauge.values[name]))
        rates = [
            (rows[-1][1] - rows[0][1]) / (rows[-1][0] - rows[0][0]) * 1e9
            for rows in read.values()
            if rows[-1][0] > rows[0][0]
        ]
        return sum(rates) if rates else None


def place(site: str) -> tuple[str, str]:
    """Split `file:line:function` into `file:line` and the function."""
    where, _, function = site.rpartition(":")
    return (where, function) if where else (site, "")
