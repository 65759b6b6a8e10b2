"""How detectors put down what they have found."""

from collections.abc import Iterator
from typing import Any

from nineam.diagnose.picture import Picture, place
from nineam.model import Finding
from nineam.store.records import QuerySum, StoredPhase

AROUND = ("orm", "hydration", "db_fetch")
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


def costly_alone(
    picture: Picture, layer: str, smallest_ms: float, smallest_share: float
) -> Iterator[tuple[str, float]]:
    """Yield the endpoints, with milliseconds, in which a layer is expensive with one polite user already."""
    for endpoint in picture.seen(picture.localhost):
        ms = picture.layer(picture.localhost, endpoint, layer)
        if ms >= smallest_ms and ms >= smallest_share * picture.server_ms(picture.localhost, endpoint):
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
    executing = sum(row.ns for row in rows) / max(1, picture.requests(phase, endpoint)) / 1e6
    return executing + part * picture.layer(phase, endpoint, *AROUND)
