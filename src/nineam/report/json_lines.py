"""A run over time as JSON lines, in the layout of k6's `--out json`: a metric is declared, then come its points."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from nineam.model import RunDocument, Tick
from nineam.points import Point, points
from nineam.report.data import compact


def render_json_lines(document: RunDocument, ticks: Sequence[Tick]) -> dict[str, Iterable[str]]:  # noqa: ARG001 - as others
    """One file: every number of every tick; `phase` and `stair` are tags."""
    return {"": _lines(ticks)}


def _lines(ticks: Sequence[Tick]) -> Iterator[str]:
    declared: set[str] = set()
    for tick in ticks:
        time = datetime.fromtimestamp(tick.at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        tags = {"phase": tick.kind} | ({"stair": str(tick.stair)} if tick.stair else {})
        for point in points(tick):
            if point.metric not in declared:
                declared.add(point.metric)
                yield _line("Metric", point.metric, _declaration(point))
            yield _line("Point", point.metric, {"time": time, "value": point.value, "tags": tags | dict(point.tags)})


def _line(kind: str, metric: str, data: dict[str, Any]) -> str:
    return compact({"type": kind, "metric": metric, "data": data}).decode() + "\n"


def _declaration(point: Point) -> dict[str, Any]:
    known = {"name": point.metric, "type": point.type, "contains": point.contains}
    return known | {"thresholds": [], "submetrics": None}
