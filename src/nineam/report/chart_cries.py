"""What cried first: a line per layer, from the load at which it began to the top of the stairs."""

import math

from markupsafe import Markup

from nineam.model import Cry, RunDocument
from nineam.report import numbers, svg
from nineam.report.clean import one_line
from nineam.report.layer_colors import layer_color

_ROW, _TOP, _BOTTOM, _RIGHT = 34.0, 14.0, 30.0, 30.0


def cries_chart(document: RunDocument, width: float) -> Markup:
    """Return the timeline over the load (logarithmic), `width` pixels wide; an empty string when nothing cried."""
    cries = [cry for cry in document.cried_first if math.isfinite(cry.at_rate) and cry.at_rate > 0]
    if not cries:
        return Markup("")
    rates = sorted({cry.at_rate for cry in cries} | {stair.rate for stair in document.stairs if stair.rate > 0})
    left = 130.0 if width > 500 else 92.0
    height = _TOP + _ROW * len(cries) + _BOTTOM
    places = {rate: _place(rate, rates, left, width - _RIGHT) for rate in rates}
    body = _axis(places, height, left, width)
    body += "".join(_row(cry, index, places[cry.at_rate], left, width) for index, cry in enumerate(cries))
    label = "; ".join(f"{cry.order}. {cry.layer} at {numbers.rate(cry.at_rate)}" for cry in cries)
    return svg.picture(width, height, body, f"What cried first: {label}", class_="chart")


def _place(rate: float, rates: list[float], left: float, right: float) -> float:
    if rates[0] == rates[-1]:
        return left
    return left + (right - left) * math.log(rate / rates[0]) / math.log(rates[-1] / rates[0])


def _axis(places: dict[float, float], height: float, left: float, width: float) -> str:
    parts, base, previous = [], height - _BOTTOM, -math.inf
    for rate, x in places.items():
        parts.append(svg.line(x, _TOP, x, base, class_="grid"))
        if x - previous >= 40:
            parts.append(svg.text(numbers.short(rate), x, base + 18, class_="axis middle"))
            previous = x
    parts.append(svg.text("req/s", left - 30, base + 18, class_="axis end"))
    return "".join(parts) + svg.line(left, base, width - _RIGHT, base, class_="base")


def _row(cry: Cry, index: int, x: float, left: float, width: float) -> str:
    y = _TOP + _ROW * (index + 0.5)
    color = layer_color(cry.layer)
    name = svg.text(one_line(cry.layer, 18 if left > 100 else 13), left - 14, y + 4, class_="label end")
    reach = svg.line(
        x, y, max(width - _RIGHT, x), y, stroke=color, stroke_width=8, stroke_linecap="round", opacity=0.35
    )
    dot = svg.element("circle", cx=x, cy=y, r=10, fill=color)
    order = svg.text(str(cry.order), x, y + 4, class_="order middle")
    return name + svg.titled(reach + dot + order, f"{cry.layer} from {numbers.load(cry.at_rate, cry.at_users)}")
