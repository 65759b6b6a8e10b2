"""What a run answered, and what simpler ways of looking at the same run would have: pure functions."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from benchmarks.sins.faults import Fault
from nineam.store.records import RunData

WAITS = frozenset(
    {"server_wait", "loop_lag", "threadpool_wait", "adapter", "pool_wait", "http_pool_wait", "unattributed"}
)


class Answer(NamedTuple):
    """Layers, likeliest first, and the function that is named first; `codes` are all findings."""

    layers: tuple[str, ...]
    function: str
    codes: tuple[str, ...]


def answer_of(document: Mapping[str, Any]) -> Answer:
    """What nineam says: the layers whose work is behind it, and the line of the finding there."""
    layers = tuple(dict.fromkeys(root["layer"] for root in document["roots"]))
    findings = document["findings"]
    named = [each for each in (*document["roots"], *findings) if each["where"]]
    function = named[0]["function"].rpartition(".")[2] if named else ""
    return Answer(layers, function, tuple(each["code"] for each in findings))


def right_layer(fault: Fault, layers: tuple[str, ...]) -> bool:
    """Whether the layer named first is one of the fault's."""
    return bool(layers) and layers[0] in fault.layers


def most_time(run: RunData, phase: int) -> tuple[str, ...]:
    """The layers that take most time at a load, queues left out: "highest utilisation"."""
    sums: dict[str, int] = {}
    for row in run.layers:
        if row.phase == phase and row.layer not in WAITS:
            sums[row.layer] = sums.get(row.layer, 0) + row.ns
    return tuple(sorted(sums, key=lambda layer: -sums[layer]))


def earliest(run: RunData, before: int, phases: tuple[int, ...]) -> tuple[str, ...]:
    """The layers in the order in which their mean left what it was on localhost by three standard deviations.

    Queues are left out: they are never what was planted.
    """
    found: list[str] = []
    usual = _seconds(run, before)
    for phase in phases:
        seconds = _seconds(run, phase)
        for second in sorted({second for series in seconds.values() for second in series}):
            left = [
                (_excess(usual.get(layer, {}), series[second]), layer)
                for layer, series in seconds.items()
                if second in series and layer not in found
            ]
            found += [layer for excess, layer in sorted(left, reverse=True) if excess > 3]
    return tuple(found)


def _excess(usual: dict[int, float], now: float) -> float:
    """By how many standard deviations a second is above those of localhost."""
    values = list(usual.values()) or [0.0]
    mean = sum(values) / len(values)
    deviation = (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5
    return (now - mean) / max(deviation, 0.05 * mean, 0.01)


def _seconds(run: RunData, phase: int) -> dict[str, dict[int, float]]:
    """Mean milliseconds per request, by layer and second."""
    requests: dict[int, int] = {}
    for row in run.requests:
        if row.phase == phase:
            requests[row.second] = requests.get(row.second, 0) + row.requests
    series: dict[str, dict[int, float]] = {}
    for layer in run.layers:
        if layer.phase == phase and layer.layer not in WAITS and requests.get(layer.second):
            seconds = series.setdefault(layer.layer, {})
            seconds[layer.second] = seconds.get(layer.second, 0.0) + layer.ns / requests[layer.second] / 1e6
    return series


def most_sampled(run: RunData, phase: int) -> str:
    """The innermost function that most stack samples end in: what a sampling profiler shows on top."""
    counts: dict[str, int] = {}
    for row in run.stacks:
        if row.phase == phase and row.frames:
            function = row.frames[-1].partition(" (")[0]
            counts[function] = counts.get(function, 0) + row.samples
    return max(counts, key=lambda function: counts[function], default="")
