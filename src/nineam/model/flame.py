"""Flames: the exact time of each layer, in the shape that stack samples give it."""

from nineam.model.record import Record


class FlameStack(Record, frozen=True, kw_only=True):
    """A sampled stack inside a layer, root first, each frame `function (file:line)`. `ms` is its part of the layer."""

    frames: tuple[str, ...]
    samples: int
    ms: float


class FlameLayer(Record, frozen=True, kw_only=True):
    """A layer with its exact exclusive mean per request; its stacks add up to it. No stacks: nobody saw inside."""

    layer: str
    ms: float
    stacks: tuple[FlameStack, ...] = ()


class Flame(Record, frozen=True, kw_only=True):
    """One endpoint in one phase, `localhost` or `monday`, layers in the order in which every chart stacks them."""

    endpoint: str
    phase: str
    requests: int
    ms: float
    layers: tuple[FlameLayer, ...]


class Sampler(Record, frozen=True, kw_only=True):
    """Who took the stack samples: `kind` (none: nobody), how often a second, and why so.

    `threads` in the kind: of threads other than the main one the shape is biased, the share of computing exact.
    """

    kind: str = "none"
    hz: float = 0.0
    reason: str = ""
