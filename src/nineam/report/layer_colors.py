"""One colour per layer, the same in every chart: the hue tells the family, the shade the layer."""

import zlib
from collections.abc import Iterable

from nineam.report.view import UNATTRIBUTED

_FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("#c0392b", ("pool_wait",)),
    ("#e07a5f", ("lock_wait",)),
    ("#1f5f8b", ("db_execute",)),
    ("#4a90b8", ("db_fetch",)),
    ("#7fb3c8", ("driver", "orm")),
    ("#a9cbd6", ("hydration",)),
    ("#8e4585", ("loop_lag", "suspended")),
    ("#b57bb0", ("gil_wait",)),
    ("#5b3f8c", ("server_wait", "worker_wait", "accept_queue", "threadpool_wait", "adapter")),
    ("#d9a441", ("view",)),
    ("#b8863b", ("framework",)),
    ("#e6c67e", ("serializer",)),
    ("#d8a7a0", ("authentication", "permissions", "throttling")),
    ("#cfa56b", ("pagination",)),
    ("#dcc96f", ("renderer",)),
    ("#c9b458", ("response",)),
    ("#a88f2a", ("template",)),
    ("#3f8f6b", ("http_client", "http_connect", "http_pool_wait")),
    ("#7dbb95", ("cache",)),
    ("#c98b9f", ("password_hash",)),
    ("#7a8b99", ("gc",)),
    ("#9aa7b1", ("logging",)),
)
_KNOWN = {layer: color for color, layers in _FAMILIES for layer in layers}
_MIDDLEWARE = ("#8f6a3f", "#a98458", "#c29f75", "#77552f")
_OTHERS = ("#5f7f4f", "#8aa05a", "#507a7a", "#6a6fa0", "#a0607a", "#7a6a5a")
_UNATTRIBUTED = "#b9b6ae"


def layer_color(layer: str) -> str:
    """Return the colour of a layer as `#rrggbb`; layers nobody listed get a stable one from their name."""
    if layer == UNATTRIBUTED:
        return _UNATTRIBUTED
    if layer in _KNOWN:
        return _KNOWN[layer]
    palette = _MIDDLEWARE if layer.startswith("middleware:") else _OTHERS
    return palette[zlib.crc32(layer.encode("utf-8", "surrogatepass")) % len(palette)]


def ordered_layers(layers: Iterable[str]) -> list[str]:
    """Layers in the order in which every bar stacks them: by family, then by name, unattributed last."""
    known = {layer: position for position, layer in enumerate(_KNOWN)}
    return sorted(set(layers), key=lambda layer: (layer == UNATTRIBUTED, known.get(layer, len(known)), layer))
