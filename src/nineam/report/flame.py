"""The flamegraph of the page: its data as JSON that cannot end its script, bounded, and who took the samples."""

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import jinja2
from markupsafe import Markup

from nineam.model import Flame, RunDocument, Sampler
from nineam.report import numbers
from nineam.report.clean import one_line
from nineam.report.data import compact
from nineam.report.flame_tree import Flat, Names, flat, tree
from nineam.report.layer_colors import layer_color
from nineam.visible import visible

MOST_ENDPOINTS = 60
MOST_NODES = 5000
"""Boxes of one flame; the largest are kept."""
_MOST_BYTES = 1_000_000
_LEAST_NODES = 20
_BIASED = (
    "On threads other than the main one the shape is biased: how much was computing is scaled "
    "to their clocks, but in which lines is seen only where a thread lets go of the interpreter."
)


@dataclass(frozen=True)
class Page:
    """What the template names; `script` comes with the hash that lets it run."""

    endpoints: tuple[str, ...]
    views: tuple[tuple[str, str], ...]
    data: Markup
    script: Markup
    script_hash: str
    samples: str
    hidden: int


def flame_page(document: RunDocument, environment: jinja2.Environment) -> Page | None:
    """Return everything of the section; None without flames. Cleans what it takes: flames come as they are."""
    endpoints = list(dict.fromkeys(flame.endpoint for flame in document.flames))
    if not endpoints:
        return None
    shown = endpoints[:MOST_ENDPOINTS]
    flames = [flame for flame in document.flames if flame.endpoint in set(shown)]
    script = _source(environment, "flame.js")
    return Page(
        endpoints=tuple(one_line(visible(name), 120) for name in shown),
        views=_views(flames),
        data=_data(flames, shown),
        script=Markup(script),  # noqa: S704 - a file of ours
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        samples=sampled(flames, document.sampler),
        hidden=len(endpoints) - len(shown),
    )


def sampled(flames: list[Flame], sampler: Sampler) -> str:
    """Return where the shape inside the layers comes from, in a sentence."""
    count = sum(stack.samples for flame in flames for layer in flame.layers for stack in layer.stacks)
    reason = visible(sampler.reason)
    if not count:
        because = f": {reason}" if reason else ""
        return f"There are no stack samples{because}, so nothing is known of the shape inside."
    rate = f", {numbers.short(sampler.hz)} a second ({visible(sampler.kind)})" if sampler.hz else ""
    remark = f"; {reason}" if reason else ""
    biased = f" {_BIASED}" if "threads" in sampler.kind else ""
    return f"Inside a layer the shape is estimated from {numbers.count(count)} stack samples{rate}{remark}.{biased}"


def _views(flames: list[Flame]) -> tuple[tuple[str, str], ...]:
    phases = {flame.phase for flame in flames}
    known = (("localhost", "Localhost"), ("monday", "Monday"))
    views = tuple(view for view in known if view[0] in phases)
    return (*views, ("difference", "Difference")) if len(views) == len(known) else views


def _data(flames: list[Flame], endpoints: list[str]) -> Markup:
    """Return the flames as JSON, with fewer and fewer boxes until it fits."""
    trees, most = [(flame, tree(flame)) for flame in flames], MOST_NODES
    while True:
        names = Names()
        drawn = [_flame(flame, flat(root, names, most), endpoints) for flame, root in trees]
        layers = sorted({layer.layer for flame in flames for layer in flame.layers})
        colors = {str(names.number(layer)): layer_color(layer) for layer in layers}
        text = compact({"names": names.names, "colors": colors, "flames": drawn}).decode()
        if len(text) <= _MOST_BYTES or most <= _LEAST_NODES:
            # markup inside a script is only ended by "<"
            return Markup(text.replace("<", "\\u003c"))  # noqa: S704
        most //= 2


def _flame(flame: Flame, boxes: Flat, endpoints: list[str]) -> dict[str, Any]:
    return {
        "endpoint": endpoints.index(flame.endpoint),
        "phase": flame.phase,
        "requests": flame.requests,
        "boxes": boxes.boxes,
        "cut": boxes.cut_ms,
    }


def _source(environment: jinja2.Environment, name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]
