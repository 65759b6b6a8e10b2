"""What a run on grown clones came to: localhost and Monday with data, and how each endpoint grows."""

import math
from collections.abc import Sequence
from statistics import fmean, stdev
from typing import Any

from nineam.diagnose.capacity import result
from nineam.diagnose.grown_statements import Size, statements
from nineam.diagnose.growth_fit import Point, fit
from nineam.diagnose.layers import WAITS
from nineam.diagnose.picture import Picture
from nineam.histogram import middle_of
from nineam.model import EndpointStats, Grown, GrownTable, Growth, GrowthPoint, HistogramData
from nineam.store.records import StoredPhase
from nineam.visible import visible

GROWING = ("linear", "quadratic", "power")
POLITE, LOADED = "grown", "grown-monday"
LIKELY = "which is most likely the clone's fault"
MOST_NAMED = 3
CUT = 0.25
"""Of the requests at one size the fastest and the slowest quarter are left out: pauses of the machine, lucky ones."""
FEWEST = 5
"""Requests at a size below which what was seen inside says less than what clients saw."""
ADDED_BY = 0.5
"""A layer is named when it is behind at least this part of what was added."""


def grown(picture: Picture) -> Grown | None:
    """Put together what was played on clones; None of a run without."""
    facts: dict[str, Any] = picture.run.meta.get("grown", {})
    if not facts:
        return None
    rows, sizes = facts["rows"], _sizes(picture, facts["rows"])
    full = sizes[-1].phase if len(sizes) == len(rows) else None
    loaded = next((phase for phase in picture.phases if phase.kind == LOADED and phase.end_ns), None)
    return Grown(
        database=facts["database"],
        variable=facts["variable"],
        rows=rows[0],
        after=rows[-1],
        tables={name: GrownTable(rows=before, after=after) for name, (before, after) in facts["tables"].items()},
        proven=facts["proven"],
        proof=facts["proof"],
        localhost=result(picture, full, 1),
        monday=result(picture, loaded, loaded.users if loaded and loaded.users else None),
        held=loaded.held if loaded else None,
        growth=_growth(picture, sizes, proven=facts["proven"]),
        problem=facts["problem"],
        broke=facts.get("broke", ""),
        suspects=suspects(picture),
    )


def _sizes(picture: Picture, rows: Sequence[int]) -> list[Size]:
    """Return the sizes that were played to the end, the original first."""
    played = {phase.stair: phase for phase in picture.phases if phase.kind == POLITE and phase.end_ns}
    phases = [picture.localhost, *(played.get(number) for number in range(1, len(rows)))]
    growing = picture.run.meta["grown"].get("growing", rows)
    known = zip(rows, growing, phases, strict=True)
    return [Size(count, grown, phase) for count, grown, phase in known if phase is not None]


def _growth(picture: Picture, sizes: Sequence[Size], *, proven: bool) -> tuple[Growth, ...]:
    seen = [picture.judged(size.phase) for size in sizes]
    found = []
    for name in seen[0] if seen else ():
        stats = [each.get(name) for each in seen]
        silent = next((number for number, each in enumerate(stats) if not _answered(each)), None)
        if silent is None:
            every = [each for each in stats if each is not None]
            found.append(_of_endpoint(picture, sizes, name, every, proven=proven))
        elif silent:
            found.append(_silenced(picture, name, sizes[silent], stats[silent]))
    found.sort(key=lambda growth: -(growth.times or 0.0))
    inside = [
        each for growth in found if proven and growth.points for each in statements(picture, sizes, growth.endpoint)
    ]
    return (*found, *inside)


def _answered(stats: EndpointStats | None) -> bool:
    return stats is not None and stats.requests > stats.failed


def _silenced(picture: Picture, name: str, size: Size, stats: EndpointStats | None) -> Growth:
    """An endpoint that answers on the original, and at one of the sizes no more, or was not asked there."""
    if stats is None or not stats.requests:
        taken = {each: stats.service.total for each, stats in picture.judged(size.phase).items()}
        slowest = max(taken, key=lambda each: taken[each], default="")
        why = f": {slowest} took the time" if slowest else ""
        return Growth(endpoint=name, reason=f"with {size.rows:,} rows it was not asked{why}")
    how = f" ({stats.commonest_failure})" if stats.commonest_failure else ""
    likely = f", {LIKELY}" if name in suspects(picture) else ""
    return Growth(endpoint=name, reason=f"with {size.rows:,} rows not one request succeeds{how}{likely}")


def suspects(picture: Picture) -> dict[str, str]:
    """Return the endpoints that the clone itself seems to break, and what they answer on it."""
    known: dict[str, str] = picture.run.meta.get("grown", {}).get("suspects", {})
    return {picture.names.shown(name): how for name, how in known.items()}


def _of_endpoint(
    picture: Picture, sizes: Sequence[Size], name: str, stats: Sequence[EndpointStats], *, proven: bool
) -> Growth:
    measured = _inside(picture, sizes, name) or [
        typical(_milliseconds(each.service), _by_tick(picture, size.phase, name))
        for size, each in zip(sizes, stats, strict=True)
    ]
    points = [Point(size.grown, *known) for size, known in zip(sizes, measured, strict=True)]
    found = fit(points)
    times = points[-1].mean / points[0].mean if points[0].mean else None
    unproven = "it is not proven that the application used the clones"
    return Growth(
        endpoint=name,
        shape=found.shape if proven else "cannot-tell",
        exponent=found.exponent if proven else None,
        low=found.low if proven else None,
        high=found.high if proven else None,
        times=times,
        layer=_behind(picture, sizes, name) if found.shape != "constant" else "",
        points=tuple(GrowthPoint(rows=size.rows, ms=point.mean) for size, point in zip(sizes, points, strict=True)),
        reason=found.reason if proven else unproven,
    )


def _inside(picture: Picture, sizes: Sequence[Size], name: str) -> list[tuple[float, float]]:
    """Return what requests take inside the application, without waiting for their turn, size by size.

    Nothing where too few were seen, or where several of the user's names share a route.
    """
    template = picture.template(name)
    if sum(picture.template(each) == template for each in picture.judged(sizes[0].phase)) > 1:
        return []
    taken: dict[int, list[float]] = {size.phase.id: [] for size in sizes}
    for request in picture.run.polite:
        if request.endpoint == template and request.phase in taken:
            waited = sum(request.layers.get(layer, 0) for layer in WAITS)
            taken[request.phase].append((request.total_ns - waited) / 1e6)
    return [typical(values) for values in taken.values()] if all(len(each) >= FEWEST for each in taken.values()) else []


def _by_tick(picture: Picture, phase: StoredPhase, name: str) -> list[float]:
    """Return the mean of each interval of a phase, in milliseconds: what changes slowly shows between them."""
    means = []
    for stats in picture.run.load.get(phase.id, ()):
        histograms = [each.service for each in stats.endpoints if picture.names.shown(each.name) == name]
        count, total = sum(each.count for each in histograms), sum(each.total for each in histograms)
        means += [total / count / 1000] if count else []
    return means


def typical(taken: Sequence[float], by_tick: Sequence[float] = ()) -> tuple[float, float]:
    """Return the mean of the middle half of some durations and its standard error."""
    ranked, cut = sorted(taken), int(len(taken) * CUT)
    values = ranked[cut : len(ranked) - cut]
    mean = fmean(values)
    # the spread of the middle half is about 0.38 of the whole's, whose means of n are off by it / sqrt(n)
    error = stdev(values) / 0.38 / math.sqrt(2 * len(values)) if len(values) > 1 else mean * CUT
    between = stdev(by_tick) / math.sqrt(len(by_tick)) if len(by_tick) > 2 else 0.0
    return mean, max(error, min(between, mean * CUT))


def _milliseconds(service: HistogramData) -> list[float]:
    return [middle_of(bucket) / 1000 for bucket, count in service.counts.items() for _ in range(count)]


def _behind(picture: Picture, sizes: Sequence[Size], name: str) -> str:
    """Name the layer that most of what the data added to an endpoint is spent in; empty when none stands out."""
    name = picture.template(name)
    before, after = (picture.layers(size.phase, name) for size in (sizes[0], sizes[-1]))
    added = {layer: ms - before.get(layer, 0.0) for layer, ms in after.items() if ms > before.get(layer, 0.0)}
    most = max(added, key=lambda layer: added[layer], default="")
    return most if most and added[most] >= ADDED_BY * sum(added.values()) else ""


def told(sentences: Sequence[str], found: Grown | None, most: int) -> tuple[str, ...]:
    """Add a sentence about what grows most with the data to a story of at most `most`."""
    grows = [each for each in found.growth if each.shape in GROWING and not each.statement] if found else []
    if found is None or not grows:
        return tuple(sentences)
    worst = max(grows, key=lambda growth: growth.times or 0.0)
    where = f", in {worst.layer}" if worst.layer else ""
    how = f"takes {worst.times:.3g} times as long{where}, and grows {_spoken(worst)}"
    return (*sentences[: most - 1], f"With {found.after:,} rows instead of {found.rows:,} {worst.endpoint} {how}.")


def _spoken(growth: Growth) -> str:
    if growth.shape == "power":
        return f"as rows^{growth.exponent:.2g}"
    return "as the rows do" if growth.shape == "linear" else "as their square"


def ended(found: Grown | None) -> str:
    """Say that the application did not live on a grown clone to the end, and why; empty when it did."""
    if found is None or not found.problem:
        return ""
    return f"on a grown clone of its database it did not live: {found.problem.splitlines()[0].rstrip('.')}"


def breaks(found: Grown | None) -> str:
    """Say that Monday broke on a database of production's size, and by what it was judged; empty when it did not."""
    if found is None or found.held is not False or not found.proven:
        return ""
    why = f": {visible(found.broke)}" if found.broke else ""
    return f"with {found.after:,} rows in its database it breaks at the same load{why}"


def doubtful(found: Grown | None) -> str:
    """Name what was not counted with data because the clone itself seems to break it; empty when nothing was."""
    if found is None or not found.suspects:
        return ""
    named = ", ".join(f"{name} ({how})" for name, how in list(found.suspects.items())[:MOST_NAMED])
    more = ", ..." if len(found.suspects) > MOST_NAMED else ""
    return f"with data not counting {named}{more}: the smallest clone breaks it already, {LIKELY}"
