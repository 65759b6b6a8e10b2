"""Thresholds on an endpoint or a tag that never occurred: what there was instead."""

from collections.abc import Callable, Iterable, Iterator

from nineam.errors import nearest
from nineam.load.thresholds import Threshold
from nineam.model import LoadStats

SHOWN = 8


def silent(thresholds: Iterable[Threshold], stats: LoadStats, shown: Callable[[str], str]) -> Iterator[str]:
    """Say of each label once that nothing was counted under it; `shown` gives what reports call an endpoint."""
    for label, threshold in {each.label: each for each in thresholds if each.tag not in ("", "scenario")}.items():
        there = _names(stats, shown) if threshold.tag == "name" else _values(threshold, stats)
        if threshold.of in there or (threshold.tag == "name" and any(threshold.of == e.name for e in stats.endpoints)):
            continue
        close = nearest(threshold.of, there)
        meant = f"; did you mean {close}?" if close else "."
        listed = ", ".join(there[:SHOWN]) + (", ..." if len(there) > SHOWN else "")
        yield f"threshold {label}: there is no {threshold.tag} {threshold.of!r}{meant} There were: {listed or 'none'}"


def _names(stats: LoadStats, shown: Callable[[str], str]) -> list[str]:
    return sorted({shown(endpoint.name) for endpoint in stats.endpoints})


def _values(threshold: Threshold, stats: LoadStats) -> list[str]:
    before = f"{threshold.metric}{{{threshold.tag}:"
    counted = {*stats.timings, *stats.counters, *stats.gauges, *stats.rates}
    return sorted(name[len(before) : -1] for name in counted if name.startswith(before))
