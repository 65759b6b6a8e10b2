"""Runs made by hand: a real run file, written with the product's writer and read back with its reader."""

from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import msgspec

from nineam.diagnose.picture import Picture
from nineam.histogram import Histogram
from nineam.model import EndpointStats, Finding, GeneratorStats, HistogramData, LoadStats
from nineam.store.reader import read
from nineam.store.records import RunData
from nineam.store.writer import Writer

SECOND = 1_000_000_000


class Query(NamedTuple):
    """A statement per request: how often it runs, with how many sets of parameters, from where."""

    runs: float
    distinct: float
    statement: str = "SELECT * FROM item WHERE order_id = ?"
    site: str = "app/views.py:10:orders"
    relation: str = ""
    ms: float = 1.0
    caller: str = ""
    rows: float = 0.0
    fetch_ms: float = 0.0


class Spot(NamedTuple):
    """Calls into a layer per request, from one line."""

    layer: str
    ms: float
    site: str = "app/views.py:12:orders"
    calls: int = 1
    caller: str = ""


def histogram(*milliseconds: float, times: int = 1) -> HistogramData:
    """A histogram of some answers, each `times` times."""
    made = Histogram()
    made.record_many([int(ms * 1000) for ms in milliseconds] * times)
    return made.to_data()


def answers(
    name: str,
    requests: int = 40,
    ms: float = 20.0,
    failed: int = 0,
    statuses: dict[str, int] | None = None,
    each: int = 0,
    packed: bool = False,
) -> EndpointStats:
    """What clients saw of an endpoint: every request takes `ms`, and its answer has `each` bytes."""
    return EndpointStats(
        name=name, requests=requests, failed=failed, received=each * requests, packed=requests * packed,
        statuses=statuses or {"200": requests - failed, "503": failed},
        response=histogram(ms, times=requests), service=histogram(ms, times=requests),
    )  # fmt: skip


class RunBuilder:
    """A run, phase by phase. What is said after a phase was begun belongs to that phase."""

    def __init__(self, path: Path, **meta: Any) -> None:
        self._path = path
        self._writer = Writer(path)
        self._now = 1000 * SECOND
        self._phase = 0
        self._begin = 0
        self._seconds = 0.0
        facts = {"objective_ms": 500.0, "slo": "p(95)<500", "click_s": 1.0, "exempt": []} | meta
        for key, value in facts.items():
            self._writer.meta(key, value)

    def phase(
        self, kind: str, *, stair: int = 0, rate: float = 0.0, users: int = 0, seconds: float = 4.0,
        held: bool | None = True,
    ) -> "RunBuilder":  # fmt: skip
        """Begin a phase; `held=None` leaves it without an end."""
        self._begin, self._seconds = self._now, seconds
        self._phase = self._writer.begin_phase(kind, stair, rate, users, self._now)
        self._now += int(seconds * SECOND)
        if held is not None:
            self._writer.end_phase(self._phase, self._now, held)
        self._now += SECOND
        return self

    def localhost(self) -> "RunBuilder":
        """Begin the polite phase."""
        return self.phase("localhost", users=1, seconds=5)

    def monday(self, stair: int, rate: float = 0.0, *, held: bool = True, users: int = 0) -> "RunBuilder":
        """Begin a stair."""
        return self.phase("monday", stair=stair, rate=rate, users=users, held=held)

    def endpoint(
        self, name: str, layers: dict[str, float], *, requests: int = 40, queries: tuple[Query, ...] = (),
        spots: tuple[Spot, ...] = (), second: int = 0, longest_ms: float = 0.0, steps_ms: float = 0.0,
    ) -> "RunBuilder":  # fmt: skip
        """Requests of an endpoint as the application saw them: mean milliseconds per layer, queries, lines."""
        number, writer = self._writer.name, self._writer
        key = (self._phase, second, number(name))
        total = int(sum(layers.values()) * 1e6 * requests)
        executions = int(sum(query.runs for query in queries) * requests)
        on_loop = [int(ms * 1e6 * requests) for ms in (longest_ms, steps_ms)]
        writer.add("request_total", 3, [(*key, requests, total, executions, *on_loop)])
        writer.add("layer_total", 4, [(*key, number(layer), int(ms * 1e6 * requests)) for layer, ms in layers.items()])
        statements = [
            (
                *(
                    self._phase,
                    *map(number, (name, query.statement, query.site, query.relation, query.caller)),
                    requests,
                ),
                *(int(each * requests) for each in (query.runs, query.distinct, query.ms * 1e6, query.rows)),
                int(query.fetch_ms * requests * 1e6),
                int(query.runs),
            )
            for query in queries
        ]
        writer.add("query_total", 6, statements, largest=1)
        writer.add("spot_total", 5, [
            (self._phase, number(name), number(spot.layer), number(spot.site), number(spot.caller), requests,
             spot.calls * requests, int(spot.ms * 1e6 * requests))
            for spot in spots
        ])  # fmt: skip
        return self

    def whole(self, name: str, *requests: dict[str, float]) -> "RunBuilder":
        """Keep whole requests of an endpoint: milliseconds per layer of each."""
        number = self._writer.name(name)
        rows = [
            (self._phase, number, self._begin, int(sum(layers.values()) * 1e6), 200, 0, 0,
             msgspec.json.encode({layer: int(ms * 1e6) for layer, ms in layers.items()}).decode())
            for layers in requests
        ]  # fmt: skip
        self._writer.insert("request", rows)
        return self

    def clients(
        self, *endpoints: EndpointStats, health: EndpointStats | None = None, generator: GeneratorStats | None = None,
        vus: int = 0,
    ) -> "RunBuilder":  # fmt: skip
        """One tick of what the load process counted, and how many users were active at its end."""
        generator = generator or GeneratorStats(
            requests=sum(stats.requests for stats in endpoints), cpu_s=0.1, wall_s=0.5, slip=histogram(0.1, times=20)
        )
        stats = LoadStats(endpoints=endpoints, health=health, generator=generator)
        self._writer.load(self._phase, self._begin, stats, vus)
        self._begin += 1
        return self

    def held(
        self, ms: float, *, endpoint: str, site: str, layer: str = "view", call: str = "sleep (a.py:1)",
        does: str = "", had: float | None = None,
    ) -> "RunBuilder":  # fmt: skip
        """One look at a held event loop."""
        number = self._writer.name
        places = [number(text) for text in (endpoint, layer, site, call)]
        self._writer.insert("held", [(self._phase, *places, "time.sleep(1)", self._begin, ms, does, had)])
        return self

    def gauge(self, at_s: float, process: int = 1, **values: float) -> "RunBuilder":
        """Read gauges `at_s` seconds into the phase; `pool_used` is spelled `pool.used`."""
        named = {name.replace("_", ".", 1): value for name, value in values.items()}
        at = self._now - SECOND - int((self._seconds - at_s) * SECOND)
        self._writer.insert("gauge", [(at, process, msgspec.json.encode(named).decode())])
        return self

    def transaction(
        self, at_s: float, ms: float, statement: str = "UPDATE item SET n = $1", *, idle_ms: float = 170.0,
        blocking: int = 0,
    ) -> "RunBuilder":  # fmt: skip
        """A transaction of the database, seen last `at_s` seconds into the phase, when it was `ms` old."""
        at = self._now - SECOND - int((self._seconds - at_s) * SECOND)
        row = (at, ms, idle_ms, 2, 0, blocking, self._writer.name(statement))
        self._writer.insert("transaction_seen", [row])
        return self

    def in_flight(self, at_s: float, requests: float, process: int = 1) -> "RunBuilder":
        """Say how many requests a process served `at_s` seconds into the phase."""
        at = self._now - SECOND - int((self._seconds - at_s) * SECOND)
        self._writer.insert("gauge", [(at, process, msgspec.json.encode({"in_flight": requests}).decode())])
        return self

    def columns(self, statement: str, rows: int, **sizes: float) -> "RunBuilder":
        """Look at so many rows of a statement's result, whose columns have so many bytes each."""
        number = self._writer.name
        self._writer.add(
            "column_total",
            2,
            [(number(statement), number(name), rows, int(size * rows)) for name, size in sizes.items()],
        )
        return self

    def source(self, kind: str, name: str, site: str) -> "RunBuilder":
        """Say where something is written."""
        self._writer.insert("source", [(kind, name, site)])
        return self

    def read(self) -> RunData:
        """Close the file and read it."""
        self._writer.close()
        return read(self._path)

    def picture(self) -> Picture:
        """The run as detectors see it."""
        return Picture(self.read())

    def findings(self, detector: ModuleType) -> list[Finding]:
        """What a detector says about it."""
        return list(detector.detect(self.picture()))
