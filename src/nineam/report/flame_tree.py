"""A flame as a tree of boxes: the endpoint, its layers, their stacks."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from nineam.model import Flame
from nineam.report.clean import one_line
from nineam.report.flame_stacks import stacks
from nineam.visible import visible

_UNITS = 10_000  # per millisecond: whole numbers are short to write
_LONGEST_NAME = 200


@dataclass
class Node:
    """A box: what it is, its milliseconds with everything inside, the samples that say so."""

    name: str
    ms: float = 0.0
    samples: int = 0
    inside: dict[str, "Node"] = field(default_factory=dict)


@dataclass(frozen=True)
class Flat:
    """Boxes from the root, each before those inside it, as name, depth, tenths of microseconds, samples.

    `cut_ms` is what the largest box that was left out takes; 0 when none was.
    """

    boxes: list[int]
    cut_ms: float


class Names:
    """Every name once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.names: list[str] = []

    def number(self, name: str) -> int:
        """Return the number of a name."""
        if name not in self._numbers:
            self._numbers[name] = len(self.names)
            self.names.append(one_line(visible(name), _LONGEST_NAME))
        return self._numbers[name]


def tree(flame: Flame) -> Node:
    """Put the stacks of a flame together."""
    root = Node(flame.endpoint)
    for stack in stacks(flame):
        node = root
        _add(node, stack.ms, stack.samples)
        for name in (stack.layer, *stack.frames):
            node = node.inside.setdefault(name, Node(name))
            _add(node, stack.ms, stack.samples)
    return root


def _add(node: Node, ms: float, samples: int) -> None:
    node.ms += ms
    node.samples += samples


def flat(root: Node, names: Names, most: int) -> Flat:
    """Write a tree down with at most so many boxes; the smallest are left out, and never one around another."""
    every = list(_walk(root, 0))
    # sorting keeps the order of equals, and in that order a box comes before those inside it
    ranked = sorted(every, key=lambda box: -box[0].ms)
    kept = {id(node) for node, _ in ranked[:most]}
    cut = ranked[most][0].ms if len(ranked) > most else 0.0
    boxes: list[int] = []
    for node, depth in every:
        if id(node) in kept:
            boxes += (names.number(node.name), depth, round(node.ms * _UNITS), node.samples)
    return Flat(boxes, cut)


def _walk(root: Node, depth: int) -> Iterator[tuple[Node, int]]:
    waiting = [(root, depth)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        inside = node.inside.values()
        if depth:  # layers keep their order, which is the same in every picture
            inside = sorted(inside, key=lambda box: (-box.ms, box.name))  # type: ignore[assignment]
        waiting.extend((box, depth + 1) for box in reversed(list(inside)))
