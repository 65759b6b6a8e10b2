"""Folded stacks: a line per stack, for flamegraph.pl, inferno and whatever else reads them."""

from nineam.model import Flame, RunDocument
from nineam.report.clean import one_line
from nineam.report.flame_stacks import Stack, loaded, stacks
from nineam.visible import visible


def render_folded(document: RunDocument) -> str:
    """Return `endpoint;layer;frame;... microseconds`, all requests of Monday (else of localhost) together."""
    return "".join(_line(flame, stack) for flame in loaded(document.flames) for stack in stacks(flame))


def _line(flame: Flame, stack: Stack) -> str:
    microseconds = round(stack.ms * flame.requests * 1000)
    names = ";".join(_name(name) for name in (flame.endpoint, stack.layer, *stack.frames))
    return f"{names} {microseconds}\n" if microseconds else ""


def _name(text: str) -> str:
    """Keep a name from ending its frame or its line."""
    return one_line(visible(text)).replace(";", ",") or "-"
