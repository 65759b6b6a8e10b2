"""The latency stairs: p50, p95 and p99 over the load, on a logarithmic scale, with the objective and the break."""

import math
from dataclasses import dataclass

from markupsafe import Markup

from nineam.model import RunDocument, Stair
from nineam.report import numbers, svg, view

_SERIES = (("p99", "p99_ms"), ("p95", "p95_ms"), ("p50", "p50_ms"))
_TOP, _BOTTOM, _LEFT, _RIGHT = 22.0, 52.0, 58.0, 44.0
_LABEL_GAP = 15.0


@dataclass(frozen=True)
class Frame:
    """Where the data lie: pixel extents of the plot and the latency decade it covers (ms)."""

    width: float
    height: float
    low: float
    high: float
    steps: int

    def x(self, index: int) -> float:
        """Return the pixel of the stair at `index` (0-based): stairs are geometric, so even steps are a log scale."""
        room = self.width - _LEFT - _RIGHT
        return _LEFT + room * (index + 0.5) / self.steps

    def y(self, milliseconds: float) -> float:
        """Return the pixel of a latency."""
        share = math.log(max(milliseconds, self.low) / self.low) / math.log(self.high / self.low)
        return self.height - _BOTTOM - share * (self.height - _TOP - _BOTTOM)


def stairs_chart(document: RunDocument, width: float, height: float = 340.0) -> Markup:
    """Return the chart `width` by `height` pixels; an empty string without stairs."""
    stairs = [stair for stair in document.stairs if all(_is_latency(getattr(stair, field)) for _, field in _SERIES)]
    if not stairs:
        return Markup("")
    objective = view.objective_ms(document)
    frame = _frame(stairs, objective, width, height)
    body = _broken_band(stairs, frame) + _grid(frame) + _loads(stairs, frame) + _objective(objective, document, frame)
    body += "".join(_series(stairs, name, field, frame) for name, field in _SERIES) + _series_labels(stairs, frame)
    return svg.picture(width, height, body, _summary(stairs, document), class_="chart")


def _is_latency(value: float) -> bool:
    return math.isfinite(value) and value > 0


def _summary(stairs: list[Stair], document: RunDocument) -> str:
    broken = view.first_broken(document)
    end = f"broke at {numbers.rate(broken.rate)}" if broken else "held on every stair"
    first, last = numbers.milliseconds(stairs[0].p95_ms), numbers.milliseconds(stairs[-1].p95_ms)
    return f"Latency over load in {len(stairs)} stairs: p95 went from {first} to {last}; {end}."


def _frame(stairs: list[Stair], objective: float | None, width: float, height: float) -> Frame:
    limits = [objective] if objective else []
    values = [getattr(stair, field) for stair in stairs for _, field in _SERIES]
    known = [value for value in (*values, *limits) if math.isfinite(value) and value > 0]
    low, high = 10 ** math.floor(math.log10(min(known))), 1.6 * max(known)
    return Frame(width, height, low, max(high, low * 10), len(stairs))


def _grid(frame: Frame) -> str:
    parts, value = [], frame.low
    while value <= frame.high:
        y = frame.y(value)
        parts.append(svg.line(_LEFT, y, frame.width - _RIGHT, y, class_="grid"))
        parts.append(svg.text(numbers.milliseconds(value), _LEFT - 8, y + 4, class_="axis end"))
        value *= 10
    return "".join(parts)


def _loads(stairs: list[Stair], frame: Frame) -> str:
    parts, base = [], frame.height - _BOTTOM
    every = max(1, math.ceil(len(stairs) * 46 / (frame.width - _LEFT - _RIGHT)))
    for index, stair in enumerate(stairs):
        if index % every == 0 or index == len(stairs) - 1:
            parts.append(svg.text(numbers.short(stair.rate), frame.x(index), base + 22, class_="axis middle"))
        if stair.failed_rate > 0:
            label = numbers.percent(stair.failed_rate)
            parts.append(svg.text(label, frame.x(index), base + 40, class_="axis middle bad"))
    parts.append(svg.text("req/s", _LEFT - 8, base + 22, class_="axis end"))
    if any(stair.failed_rate > 0 for stair in stairs):
        parts.append(svg.text("failed", _LEFT - 8, base + 40, class_="axis end"))
    parts.append(svg.line(_LEFT, base, frame.width - _RIGHT, base, class_="base"))
    return "".join(parts)


def _objective(objective: float | None, document: RunDocument, frame: Frame) -> str:
    if objective is None:
        return ""
    y = frame.y(objective)
    label = svg.text(f"objective {document.capacity.slo}", _LEFT + 6, y - 6, class_="label objective-text")
    return svg.line(_LEFT, y, frame.width - _RIGHT, y, class_="objective") + label


def _broken_band(stairs: list[Stair], frame: Frame) -> str:
    """Everything from the first stair that did not hold."""
    index = next((index for index, stair in enumerate(stairs) if stair.held is False), None)
    if index is None:
        return ""
    left = frame.x(index) - (frame.width - _LEFT - _RIGHT) / frame.steps / 2
    base, right = frame.height - _BOTTOM, frame.width - _RIGHT
    band = svg.element("rect", x=left, y=_TOP - 8, width=right - left, height=base - _TOP + 8, class_="broken")
    late = left > frame.width * 0.6
    x, side = (right - 4, "end") if late else (left + 6, "start")
    label = svg.text(f"broke at {numbers.rate(stairs[index].rate)}", x, _TOP + 6, class_=f"label bad {side}")
    return band + svg.line(left, _TOP - 8, left, base, class_="broken-edge") + label


def _series(stairs: list[Stair], name: str, field: str, frame: Frame) -> str:
    points = [(frame.x(index), frame.y(getattr(stair, field))) for index, stair in enumerate(stairs)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(
        svg.titled(
            svg.element("circle", cx=x, cy=y, r=3.5, class_=f"dot {name}"),
            f"{name} {numbers.milliseconds(getattr(stair, field))} at {numbers.load(stair.rate, stair.users)}",
        )
        for (x, y), stair in zip(points, stairs, strict=True)
    )
    return svg.element("polyline", points=path, class_=f"series {name}") + dots


def _series_labels(stairs: list[Stair], frame: Frame) -> str:
    """Return the names at the right end of the lines, pushed apart where the lines meet."""
    parts, previous = [], -math.inf
    for name, field in _SERIES:
        y = max(frame.y(getattr(stairs[-1], field)) + 4, previous + _LABEL_GAP)
        parts.append(svg.text(name, frame.x(len(stairs) - 1) + 9, y, class_=f"label {name}-text"))
        previous = y
    return "".join(parts)
