"""Operations as requests: their holes filled each time, and what the answers teach about the fillings."""

import functools
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any, NamedTuple
from urllib.parse import unquote

from nineam.load.harvest import Entry, Harvester, Id, Pool
from nineam.model import Hole, Operation, Template

NOT_THERE = frozenset({404, 410})
CACHED = 8192


class Rendered(NamedTuple):
    """One request. `path_values` stood in the holes of its path; `drawn` are the entries behind them, by pool."""

    path: str
    headers: dict[str, str]
    body: bytes
    path_values: Entry = ()
    drawn: tuple[tuple[str, Entry], ...] = ()


class Recipe:
    """Renders one operation. `numbers` never gives the same twice; `pools` is shared with all other operations."""

    def __init__(self, operation: Operation, pools: dict[str, Pool], numbers: Iterator[int]) -> None:
        self.operation = operation
        self._pools = pools
        self._numbers = numbers
        self._harvester = Harvester(operation.harvests, pools) if operation.harvests else None
        self._takes = operation.method == "DELETE" and bool(operation.path) and isinstance(operation.path[-1], Hole)
        templates = [operation.path, operation.body, *(value for _, value in operation.headers)]
        holes = [part for template in templates for part in template if isinstance(part, Hole)]
        self._fixed = None if holes else self._filled(Random(0))  # noqa: S311 - nothing is drawn
        self.repeats = not operation.body and all(hole.sources or hole.choices for hole in holes)
        """Whether the same path is always the same request, so that it may be built once."""

    def render(self, choice: Random) -> Rendered:
        """Make the next request."""
        return self._fixed or self._filled(choice)

    def learn(self, request: Rendered, status: int, answer: Callable[[], Any]) -> None:
        """Draw conclusions from what a request was answered; `answer()` parses its body."""
        if self._takes:
            self._taken(request, status)
        elif len(request.drawn) == 1:  # of several pools nobody knows which one was to blame
            name, entry = request.drawn[0]
            if status in NOT_THERE:
                self._pools[name].missed(entry)
            elif status < 400:
                self._pools[name].found(entry)
        if self._harvester is not None and 200 <= status < 300:
            self._harvester.look(answer, request.path_values)

    def _filled(self, choice: Random) -> Rendered:
        drawn: dict[str, Entry] = {}
        values: list[Any] = []
        path = self._text(self.operation.path, choice, drawn, values)
        of_path = tuple(drawn.items())
        if self._takes:
            for name, entry in of_path[:1]:
                self._pools[name].remove(entry)
        headers = {name: self._text(template, choice, drawn, []) for name, template in self.operation.headers}
        template = self.operation.body
        body = self._text(template, choice, drawn, []).encode("utf-8", "replace") if template else b""
        return Rendered(path, headers, body, tuple(values), of_path)

    def _text(self, template: Template, choice: Random, drawn: dict[str, Entry], values: list[Any]) -> str:
        return "".join(part if isinstance(part, str) else self._hole(part, choice, drawn, values) for part in template)

    def _hole(self, hole: Hole, choice: Random, drawn: dict[str, Entry], values: list[Any]) -> str:
        for source in hole.sources:
            pool = self._pools[source.pool]
            if source.pool in drawn or pool:
                entry = drawn.get(source.pool) or drawn.setdefault(source.pool, pool.draw(choice))
                value = entry[source.index]
                values.append(value)
                return _encoded(hole, value)
        if not hole.choices:
            return f"{next(self._numbers) % 16**hole.digits:0{hole.digits}x}"
        text = hole.choices[int(choice.random() * len(hole.choices))]
        values.append(unquote(text))
        return text

    def _taken(self, request: Rendered, status: int) -> None:
        """What was to be deleted takes along what belonged to it; or it is still there, when the answer says so."""
        for name, entry in request.drawn[:1]:
            if 200 <= status < 300:
                for other, pool in self._pools.items():
                    if other.startswith(f"{name}/"):
                        pool.remove_below(entry)
            elif status not in NOT_THERE:
                self._pools[name].restore(entry)


@functools.lru_cache(maxsize=CACHED, typed=True)
def _encoded(hole: Hole, value: Id) -> str:
    return hole.encoded(value)


def recipes(operations: Iterable[Operation], numbers: Iterator[int]) -> tuple[Recipe, ...]:
    """Make the recipes of all operations, around the pools that they share."""
    operations = tuple(operations)
    pools = {harvest.pool: Pool() for operation in operations for harvest in operation.harvests}
    for operation in operations:
        for template in (operation.path, operation.body, *(value for _, value in operation.headers)):
            holes = (part for part in template if isinstance(part, Hole))
            pools |= {source.pool: Pool() for hole in holes for source in hole.sources if source.pool not in pools}
    return tuple(Recipe(operation, pools, numbers) for operation in operations)
