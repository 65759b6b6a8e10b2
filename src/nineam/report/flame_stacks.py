"""Flames as plain stacks, the way profile formats want them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nineam.model import Flame
from nineam.report.layer_colors import ordered_layers

_FRAME = re.compile(r"(?P<function>.*) \((?P<file>.*):(?:(?P<line>\d{1,9})|\w*)\)", re.DOTALL)


@dataclass(frozen=True)
class Stack:
    """A stack with its mean milliseconds per request; a layer without samples is one stack without frames."""

    layer: str
    frames: tuple[str, ...]
    samples: int
    ms: float


@dataclass(frozen=True)
class Place:
    """A frame taken apart; `file` is empty and `line` 0 when it does not say."""

    function: str
    file: str
    line: int


def stacks(flame: Flame) -> Iterator[Stack]:
    """Every stack of a flame, layer by layer; together they are the whole of its mean request."""
    by_name = {layer.layer: layer for layer in flame.layers}
    for name in ordered_layers(by_name):
        layer = by_name[name]
        if not layer.stacks:
            yield Stack(name, (), 0, layer.ms)
        for stack in layer.stacks:
            yield Stack(name, stack.frames, stack.samples, stack.ms)


def loaded(flames: Iterable[Flame]) -> list[Flame]:
    """Monday's flames; localhost's when nothing was measured on Monday."""
    every = list(flames)
    return [flame for flame in every if flame.phase == "monday"] or every


def place(frame: str) -> Place:
    """Take `function (file:line)` apart."""
    found = _FRAME.fullmatch(frame)
    return Place(found["function"], found["file"], int(found["line"] or 0)) if found else Place(frame, "", 0)
