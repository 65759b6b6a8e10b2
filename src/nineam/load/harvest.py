"""Ids out of earlier answers: pools of them, and how the answers of an operation fill them.

Answers are looked at until the pools are full (or do not get any fuller), and only now and then from there on.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from nineam.load.response import AnswerError
from nineam.model import Harvest

FULL = 500
RARELY = 1000
LESS_OFTEN = 50
"""Even while a pool is empty: only every so manieth answer is looked at when none of them had an id."""
MISSES = 2
LONGEST_ID = 200
WRAPPERS = (
    "items",
    "results",
    "data",
    "content",
    "records",
    "rows",
    "entries",
    "list",
    "objects",
    "_embedded",
    "edges",
)
SHELLS = ("node", "attributes", "data", "item", "result")
BODY = "$response.body#/"
PATH = "$request.path."

Id = str | int
Entry = tuple[Id, ...]


class Pool:
    """Entries that lead to something. One that leads nowhere twice in a row leaves, and does not come back."""

    __slots__ = ("_entries", "_gone", "_misses", "_places")

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._places: dict[Entry, int] = {}
        self._misses: dict[Entry, int] = {}
        self._gone: set[Entry] = set()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def full(self) -> bool:
        """Whether there are enough."""
        return len(self._entries) >= FULL

    def add(self, entry: Entry) -> bool:
        """Put an entry in; False when it is known already, has gone before, or there are enough."""
        if self.full or entry in self._places or entry in self._gone:
            return False
        self._places[entry] = len(self._entries)
        self._entries.append(entry)
        return True

    def draw(self, choice: Random) -> Entry:
        """Give any entry; there has to be one."""
        return self._entries[int(choice.random() * len(self._entries))]

    def remove(self, entry: Entry) -> None:
        """Take an entry out, for good."""
        place = self._places.pop(entry, None)
        if place is None:
            return
        last = self._entries.pop()
        if last != entry:
            self._entries[place], self._places[last] = last, place
        if len(self._gone) < FULL * 2:
            self._gone.add(entry)
        self._misses.pop(entry, None)

    def remove_below(self, above: Entry) -> None:
        """Take out, for good, what belongs to an entry of another pool."""
        for entry in [each for each in self._entries if each[: len(above)] == above]:
            self.remove(entry)

    def restore(self, entry: Entry) -> None:
        """Put back what was removed too early."""
        self._gone.discard(entry)
        self.add(entry)

    def found(self, entry: Entry) -> None:
        """Note that an entry led to something."""
        if self._misses:
            self._misses.pop(entry, None)

    def missed(self, entry: Entry) -> None:
        """Note that an entry led nowhere."""
        misses = self._misses[entry] = self._misses.get(entry, 0) + 1
        if misses >= MISSES:
            self.remove(entry)


class Harvester:
    """Looks at the answers of one operation and fills the pools that they are good for."""

    def __init__(self, harvests: Sequence[Harvest], pools: Mapping[str, Pool]) -> None:
        self._rules = [(harvest, pools[harvest.pool]) for harvest in harvests]
        self._every = self._left = 1

    def look(self, answer: Callable[[], Any], path_values: Entry) -> None:
        """Take what a good answer has; `answer()` parses it, which is only done when it is worth it."""
        self._left -= 1
        if self._left > 0:
            return
        new = self._harvest(answer, path_values)
        everything = all(pool.full for _, pool in self._rules)
        rarest = RARELY if all(len(pool) for _, pool in self._rules) else LESS_OFTEN
        self._every = RARELY if everything else 1 if new else min(self._every * 2, rarest)
        self._left = self._every

    def _harvest(self, answer: Callable[[], Any], path_values: Entry) -> int:
        try:
            document = answer()
        except (AnswerError, ValueError, RecursionError):
            return 0
        return sum(
            pool.add(entry)
            for harvest, pool in self._rules
            if not pool.full
            for entry in _entries(harvest, document, path_values)
        )


def _entries(harvest: Harvest, document: Any, path_values: Entry) -> Iterator[Entry]:
    if harvest.values:
        linked = tuple(_evaluated(expression, document, path_values) for expression in harvest.values)
        entry = tuple(value for value in linked if value is not None)
        if len(entry) == len(linked):
            yield entry
        return
    found = [document] if harvest.one and isinstance(document, dict) else items(document, harvest.noun)
    for item in found[:FULL]:
        value = wrapped_identity(item, harvest.fields) if harvest.one else identity(item, harvest.fields)
        if value is not None and len(path_values) >= harvest.keeps:
            yield (*path_values[: harvest.keeps], value)


def items(document: Any, noun: str, levels: int = 3) -> list[Any]:
    """Give the list in an answer: the answer itself, or the one under the likeliest name, or the first; else none."""
    if isinstance(document, list):
        return document
    if not isinstance(document, dict) or not levels:
        return []
    for name in (noun, *WRAPPERS):
        inner = document.get(name)
        found = items(inner, noun, levels - 1) if isinstance(inner, dict) else inner
        if isinstance(found, list) and found:
            return found
    return next((value for value in document.values() if isinstance(value, list) and value), [])


def identity(item: Any, fields: Sequence[str]) -> Id | None:
    """Give the id of an item: the first of `fields` that it has; the item itself when it is no object."""
    if not isinstance(item, dict):
        return _id(item)
    found = _first(item, fields)
    if found is not None:
        return found
    shells = (item.get(name) for name in SHELLS)
    return next((_first(shell, fields) for shell in shells if isinstance(shell, dict)), None)


def _first(item: dict[str, Any], fields: Sequence[str]) -> Id | None:
    return next((value for name in fields if (value := _id(_inside(item, name))) is not None), None)


def _inside(item: dict[str, Any], name: str) -> Any:
    """Give a property of an item; `author.username` is one of an object in it."""
    if name in item or "." not in name:
        return item.get(name)
    outer, _, inner = name.partition(".")
    shell = item.get(outer)
    return shell.get(inner) if isinstance(shell, dict) else None


def wrapped_identity(answer: Any, fields: Sequence[str]) -> Id | None:
    """Give the id of what was created: the answer's own, or that of the first object in it (`{"user": {"id": 1}}`)."""
    found = identity(answer, fields)
    inside = answer.values() if found is None and isinstance(answer, dict) else ()
    shells = (identity(each, fields) for each in inside if isinstance(each, dict))
    return next((value for value in shells if value is not None), found)


def _id(value: Any) -> Id | None:
    if isinstance(value, str):
        return value if 0 < len(value) <= LONGEST_ID else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _evaluated(expression: str, document: Any, path_values: Entry) -> Id | None:
    """Evaluate a runtime expression of a link; what is no expression stands for itself."""
    if expression.startswith(PATH):
        index = int(expression.removeprefix(PATH))
        return path_values[index] if index < len(path_values) else None
    if not expression.startswith(BODY):
        return expression
    found = document
    for step in expression.removeprefix(BODY).split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list):
            found = found[int(key)] if key.isdecimal() and int(key) < len(found) else None
        else:
            found = found.get(key) if isinstance(found, dict) else None
    return _id(found)
