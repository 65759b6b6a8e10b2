"""What became of the requests around a fault, second by second: how many, how they ended, how long they took."""

import math

from markupsafe import Markup

from nineam.model.trial import Course, Second
from nineam.report import numbers, svg

_LEFT, _RIGHT, _TOP, _BOTTOM = 58.0, 12.0, 18.0, 22.0
_BARS, _GAP, _LINE = 56.0, 16.0, 52.0
HEIGHT = _TOP + _BARS + _GAP + _LINE + _BOTTOM
_TICKS = (1, 2, 5, 10, 20, 60, 120, 300)
_MOST_TICKS = 10
_LEAST_MS = 0.1
_FEWEST = 3


class _Scale:
    """Pixels of seconds, of requests and of latencies (logarithmic)."""

    def __init__(self, course: Course, width: float) -> None:
        rows = course.seconds
        self.first, self.last = rows[0].s, rows[-1].s + 1
        self.room = (width - _LEFT - _RIGHT) / max(1, self.last - self.first)
        self.right = width - _RIGHT
        self.requests = max(row.requests for row in rows) or 1
        known = [max(row.p95_ms, _LEAST_MS) for row in rows if row.p95_ms is not None] or [1.0]
        self.low = 10.0 ** math.floor(math.log10(min(known)))
        self.high = max(10.0 ** math.ceil(math.log10(max(known))), self.low * 10)

    def x(self, second: float) -> float:
        return min(self.right, max(_LEFT, _LEFT + (second - self.first) * self.room))

    def height(self, requests: float) -> float:
        return _BARS * requests / self.requests

    def y(self, milliseconds: float) -> float:
        share = math.log(max(milliseconds, self.low) / self.low) / math.log(self.high / self.low)
        return _TOP + _BARS + _GAP + _LINE * (1 - share)


def course_chart(course: Course | None, width: float) -> Markup:
    """Return the chart, `width` pixels wide; an empty string of less than three seconds."""
    if course is None or len(course.seconds) < _FEWEST:
        return Markup("")
    scale = _Scale(course, width)
    body = _faults(course, scale) + _axes(scale) + "".join(_bars(row, scale) for row in course.seconds)
    return svg.picture(width, HEIGHT, body + _latency(course, scale), _summary(course), class_="chart course")


def strip(course: Course | None) -> str:
    """Write the course in one line, a sign for each second: `.` all well, `x` not; the fault between bars."""
    if course is None or not course.seconds:
        return ""
    edges = sorted(round(edge) for fault in course.faults for edge in fault)
    signs = []
    for row in course.seconds:
        while edges and row.s >= edges[0]:
            signs.append("|")
            edges.pop(0)
        signs.append("." if row.ok == row.requests else "x")
    return "".join(signs)


def _summary(course: Course) -> str:
    asked, well = sum(row.requests for row in course.seconds), sum(row.ok for row in course.seconds)
    return f"Requests second by second: {asked} sent, {asked - well} of them not answered well"


def _faults(course: Course, scale: _Scale) -> str:
    parts = []
    for begin, end in course.faults:
        left, right = scale.x(begin), scale.x(end)
        place = {"x": left, "y": _TOP - 4, "width": max(2.0, right - left), "height": HEIGHT - _BOTTOM - _TOP + 4}
        band = svg.element("rect", class_="broken", **place)
        parts.append(svg.titled(band, f"the fault, {numbers.seconds(end - begin)}"))
    if course.faults:
        parts.append(svg.text("fault", scale.x(course.faults[0][0]), _TOP - 7, class_="axis"))
    return "".join(parts)


def _axes(scale: _Scale) -> str:
    base, foot = _TOP + _BARS, HEIGHT - _BOTTOM
    parts = [
        svg.line(_LEFT, base, scale.right, base, class_="base"),
        svg.line(_LEFT, foot, scale.right, foot, class_="grid"),
        svg.text(f"{scale.requests}/s", _LEFT - 8, _TOP + 10, class_="axis end"),
        svg.text(numbers.milliseconds(scale.high), _LEFT - 8, scale.y(scale.high) + 8, class_="axis end"),
        svg.text(numbers.milliseconds(scale.low), _LEFT - 8, scale.y(scale.low), class_="axis end"),
    ]
    span = scale.last - scale.first
    step = next((each for each in _TICKS if span / each <= _MOST_TICKS), _TICKS[-1])
    for second in range(math.ceil(scale.first / step) * step, math.floor(scale.last) + 1, step):
        parts.append(svg.text(f"{second} s", scale.x(second), HEIGHT - 6, class_="axis middle"))
    return "".join(parts)


def _bars(row: Second, scale: _Scale) -> str:
    left, width = scale.x(row.s) + 0.5, max(0.5, scale.room - 1)
    well, ill = scale.height(row.ok), scale.height(row.requests - row.ok)
    base = _TOP + _BARS
    body = svg.element("rect", x=left, y=base - well, width=width, height=well, class_="ok") if well else ""
    body += svg.element("rect", x=left, y=base - well - ill, width=width, height=ill, class_="failed") if ill else ""
    took = f", p95 {numbers.milliseconds(row.p95_ms)}" if row.p95_ms is not None else ""
    return svg.titled(body, f"second {row.s}: {row.requests} requests, {row.ok} answered well{took}") if body else ""


def _latency(course: Course, scale: _Scale) -> str:
    points = [
        f"{scale.x(row.s + 0.5):.1f},{scale.y(row.p95_ms):.1f}" for row in course.seconds if row.p95_ms is not None
    ]
    return svg.element("polyline", points=" ".join(points), class_="series p95") if points else ""
