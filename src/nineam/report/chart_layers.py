"""Where the time went: one stacked bar per endpoint and phase, as thin SVGs that stretch with the page."""

import math
from dataclasses import dataclass

from markupsafe import Markup

from nineam.model import RunDocument
from nineam.report import numbers, svg, view
from nineam.report.layer_colors import layer_color, ordered_layers

MOST_LAYER_ROWS = 30
_WIDTH, _HEIGHT = 1000.0, 10.0


@dataclass(frozen=True)
class LayerRow:
    """An endpoint with its two bars; each bar comes with its total in words."""

    name: str
    localhost: Markup
    localhost_total: str
    monday: Markup
    monday_total: str


def layer_rows(document: RunDocument) -> list[LayerRow]:
    """Return the bars of every endpoint with layers, the slowest first; each bar is the whole of its request."""
    seen = [row for row in view.endpoint_rows(document) if row.layers][:MOST_LAYER_ROWS]
    return [
        LayerRow(
            row.name,
            _bar(row, "localhost"),
            _total_text(row, "localhost"),
            _bar(row, "monday"),
            _total_text(row, "monday"),
        )
        for row in seen
    ]


def legend(document: RunDocument) -> list[tuple[str, str]]:
    """Every layer in the bars with its colour, in stacking order."""
    rows = [row for row in view.endpoint_rows(document) if row.layers][:MOST_LAYER_ROWS]
    names = {layer for row in rows for phase in ("localhost", "monday") for layer in _layers(row, phase)}
    return [(layer, layer_color(layer)) for layer in ordered_layers(names)]


def _layers(row: view.EndpointRow, phase: str) -> dict[str, float]:
    seen = row.localhost if phase == "localhost" else row.monday
    return {layer: ms for layer, ms in seen.layers_ms.items() if math.isfinite(ms) and ms > 0} if seen else {}


def _total_text(row: view.EndpointRow, phase: str) -> str:
    layers = _layers(row, phase)
    return numbers.milliseconds(sum(layers.values())) if layers else numbers.UNKNOWN


def _bar(row: view.EndpointRow, phase: str) -> Markup:
    layers = _layers(row, phase)
    if not layers:
        return Markup("")
    total, parts, left = sum(layers.values()), [], 0.0
    for layer in ordered_layers(layers):
        width = _WIDTH * layers[layer] / total
        box = svg.element("rect", x=left, y=0, width=width, height=_HEIGHT, fill=layer_color(layer))
        share = f"{numbers.milliseconds(layers[layer])}, {numbers.percent(layers[layer] / total)}"
        parts.append(svg.titled(box, f"{layer} {share}"))
        left += width
    label = f"{row.name}, {phase}: {numbers.milliseconds(total)}; {_largest(layers)}"
    return svg.picture(_WIDTH, _HEIGHT, "".join(parts), label, preserveAspectRatio="none", class_="bar")


def _largest(layers: dict[str, float]) -> str:
    ranked = sorted(layers, key=lambda layer: -layers[layer])[:4]
    return ", ".join(f"{layer} {numbers.milliseconds(layers[layer])}" for layer in ranked)
