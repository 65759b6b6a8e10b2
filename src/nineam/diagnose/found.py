"""How detectors put down what they have found."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from nineam.diagnose.layers import WAITS
from nineam.diagnose.picture import DATABASE_LAYERS, Picture, place
from nineam.diagnose.processor import had_one
from nineam.model import Finding
from nineam.store.records import QuerySum, SpotSum, StoredPhase

DATABASE = frozenset({*DATABASE_LAYERS, "db_connect"})
CALLING = ("http_client", "http_connect")
AROUND = ("orm", "hydration")
"""What surrounds every statement, and is known for all of an endpoint's together."""


def found(  # noqa: PLR0913 - they are what a finding says
    picture: Picture, phase: StoredPhase | None, endpoint: str, ms: float, *, code: str, title: str, site: str,
    evidence: dict[str, Any], fix: str, statement: str = "", confidence: float = 0.9,
) -> Finding:  # fmt: skip
    """Build a finding that costs `ms` per request of an endpoint in a phase; `site` is `file:line:function`."""
    where, function = place(site)
    return Finding(
        code=code,
        title=title,
        endpoint=endpoint,
        where=where,
        function=function,
        statement=statement,
        relationship="",
        share=picture.share(phase, endpoint, ms),
        ms_per_request=ms,
        evidence=evidence,
        fix=fix,
        confidence=confidence,
        kind="measured",
    )


MAKERS = ("view", "orm", "hydration", "serializer", "template")
"""Layers that make objects, and so garbage."""


def with_garbage(picture: Picture, endpoint: str, layer: str) -> float:
    """Milliseconds of a layer with one polite user, and of collecting what it made where it makes most."""
    layers = picture.layers(picture.localhost, endpoint)
    makes_most = max(MAKERS, key=lambda name: layers.get(name, 0.0)) == layer and layer in layers
    return layers.get(layer, 0.0) + (layers.get("gc", 0.0) if makes_most else 0.0)


def costly_alone(
    picture: Picture, layer: str, smallest_ms: float, smallest_share: float
) -> Iterator[tuple[str, float]]:
    """Yield the endpoints, with milliseconds, in which a layer that computes is expensive with one polite user already.

    Milliseconds in which other programs had its processor do not count towards the smallest. Full garbage collections
    count in where the layer makes most of the objects: they walk what it made.
    """
    had = had_one(picture, picture.localhost)
    for endpoint in picture.seen(picture.localhost):
        ms = with_garbage(picture, endpoint, layer)
        total = picture.server_ms(picture.localhost, endpoint)
        if ms * had >= smallest_ms and ms >= smallest_share * total:
            yield endpoint, ms


def longest_wait(picture: Picture, layer: str, smallest_ms: float) -> tuple[str, float] | None:
    """Return where users wait longest in a layer at the load that broke it, and how long beyond localhost; or None."""
    phase = picture.failing
    waits = {
        endpoint: picture.layer(phase, endpoint, layer) - picture.layer(picture.localhost, endpoint, layer)
        for endpoint in picture.users_endpoints(phase)
    }
    worst = max(waits, key=lambda name: waits[name], default="")
    return (worst, waits[worst]) if worst and waits[worst] >= smallest_ms else None


def statements_ms(picture: Picture, phase: StoredPhase | None, endpoint: str, repeated: list[QuerySum]) -> float:
    """Milliseconds per request that some statements take in a phase, with their part of what surrounds them."""
    wanted = {(row.statement, row.site, row.relation) for row in repeated}
    everything = picture.queries(phase, endpoint)
    rows = [row for row in everything if (row.statement, row.site, row.relation) in wanted]
    if not rows:
        return 0.0
    part = sum(row.executions for row in rows) / sum(row.executions for row in everything)
    taken = sum(row.taken_ns for row in rows) / max(1, picture.requests(phase, endpoint)) / 1e6
    return taken + part * (picture.layer(phase, endpoint, *AROUND) + _nobodys_ms(picture, phase, endpoint, everything))


def _nobodys_ms(picture: Picture, phase: StoredPhase | None, endpoint: str, everything: Iterable[QuerySum]) -> float:
    """Milliseconds per request of fetching that no statement is known to have, afterwards or while executing."""
    requests = max(1, picture.requests(phase, endpoint))
    afterwards = sum(row.fetch_ns for row in everything) / requests / 1e6
    taken = sum(row.taken_ns for row in everything) / requests / 1e6
    fetching = picture.layer(phase, endpoint, "db_fetch")
    return max(0.0, min(fetching - afterwards, fetching + picture.layer(phase, endpoint, "db_execute") - taken))


def calls_ms(picture: Picture, phase: StoredPhase | None, endpoint: str, rows: Iterable[SpotSum]) -> float:
    """Milliseconds per request that some calls to other services take, in a phase.

    A call's own clock also counts what its answer waits for the event loop, and calls made at the same time each for
    itself: theirs is a part of what the endpoint spends in the layers of calls.
    """
    spent = sum(row.ns for row in rows)
    together = sum(row.ns for row in picture.calls(phase, endpoint, "http_client")) or spent
    each = spent / max(1, picture.requests(phase, endpoint)) / 1e6
    return min(each, picture.layer(phase, endpoint, *CALLING) * spent / max(1, together))


class Held(NamedTuple):
    """What a phase's connections were out for, in milliseconds of all of them together.

    `used` was spent in the database's layers by requests with statements, `besides` in work of other layers, by
    endpoint and layer (at most: not all of it while a connection is held); the rest of `out` is waiting for a turn.
    """

    out: float
    used: float
    besides: dict[tuple[str, str], float]
    taken: float


def held_connections(picture: Picture, phase: StoredPhase | None) -> Held | None:
    """Take apart how long connections of pools were out in a phase; None when that was not measured."""
    out, taken = picture.gauge_rate(phase, "pool.held_s"), picture.gauge_rate(phase, "pool.checkouts")
    if phase is None or not out or not taken:
        return None
    using = [name for name in picture.seen(phase) if picture.statements(phase, name)]
    spent = {
        (name, layer): ms * picture.requests(phase, name)
        for name in using
        for layer, ms in picture.layers(phase, name).items()
    }
    besides = {key: ms for key, ms in spent.items() if key[1] not in DATABASE and key[1] not in WAITS - {"lock_wait"}}
    used = sum(ms for key, ms in spent.items() if key[1] in DATABASE_LAYERS)
    return Held(out * phase.seconds * 1000, used, besides, taken * phase.seconds)
