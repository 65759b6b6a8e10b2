"""Data for journeys: the rows of a file, each load process its own part of them."""

import csv
import io
import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from nineam.errors import nearest

ORDERS = ("sequential", "random")
LARGEST = 256 << 20


class _Part:
    """Which part of all rows is this process's, and the seed of random orders; there is one load per process."""

    shard = 0
    shards = 1
    seed = 1


def share(shard: int, shards: int, seed: int) -> None:
    """Take only every `shards`-th row from now on, beginning with row `shard`."""
    _Part.shard, _Part.shards, _Part.seed = shard, shards, seed


class NoRowsLeft(StopIteration):
    """Every row of a feed with `unique=True` has been used; the user who asks for one more does nothing more."""


class Feed(Iterator[Any]):
    """The rows of a file, one after the other and again from the top: `row = next(users)`.

    In random order any row comes next; with `unique` each comes once, and then `next` raises `NoRowsLeft`.
    """

    def __init__(self, rows: list[Any], name: str = "", *, order: str = "sequential", unique: bool = False) -> None:
        self.rows = rows
        self._name = name
        self._random = order == "random"
        self._unique = unique
        self._mine: list[Any] | None = None
        self._next = 0

    def __len__(self) -> int:
        return len(self.rows)

    def __next__(self) -> Any:
        mine = self._mine if self._mine is not None else self._part()
        at = self._next
        self._next += 1
        if not self._unique:
            return mine[self._source.randrange(len(mine)) if self._random else at % len(mine)]
        if at >= len(mine):
            raise NoRowsLeft(f"{self._name} has no row left: all {len(mine)} were used, and unique=True")
        return mine[at]

    def _part(self) -> list[Any]:
        # not when the file is read: the journeys file is imported before the process knows its part
        mine = self.rows[_Part.shard :: _Part.shards]
        if not self._unique:
            mine = mine or self.rows
        self._source = Random(f"{_Part.seed}/feed/{self._name}/{_Part.shard}")  # noqa: S311 - no secrets
        if self._unique and self._random:
            everything = list(self.rows)
            Random(f"{_Part.seed}/feed/{self._name}").shuffle(everything)  # noqa: S311 - no secrets
            mine = everything[_Part.shard :: _Part.shards]
        self._mine = mine
        return mine


def feed(path: str | os.PathLike[str], *, order: str = "sequential", unique: bool = False) -> Feed:
    """Read the rows of a CSV file (dicts by the header line), a JSON array, or JSON lines.

    A relative path is looked for beside the calling file, then in the working directory. With several load processes
    each gives its own part of the rows.
    Raises `FileNotFoundError` or `ValueError` (naming the file) when there is nothing to feed.
    """
    if order not in ORDERS:
        close = nearest(order, ORDERS)
        hint = f" - did you mean {close!r}?" if close else ""
        raise ValueError(f"feed: order={order!r} is neither 'sequential' nor 'random'{hint}")
    beside = Path(sys._getframe(1).f_globals.get("__file__", "")).parent / path
    found = beside if beside.exists() else Path(path)
    text = _text(found)
    try:
        rows = _rows(found.suffix.lower(), text)
    except ValueError as error:
        raise ValueError(f"{found}: {error}") from error
    if not rows:
        raise ValueError(f"{found}: no rows to feed")
    return Feed(rows, found.name, order=order, unique=unique)


def _text(file: Path) -> str:
    facts = file.stat()
    if not stat.S_ISREG(facts.st_mode):
        raise ValueError(f"{file}: not a regular file, whose rows could be fed")
    if facts.st_size > LARGEST:
        raise ValueError(f"{file}: {facts.st_size >> 20:,} MB, more than the {LARGEST >> 20} MB that are read")
    return file.read_text(encoding="utf-8-sig")


def _rows(suffix: str, text: str) -> list[Any]:
    if suffix in (".jsonl", ".ndjson"):
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    if suffix == ".json":
        rows = json.loads(text)
        return rows if isinstance(rows, list) else [rows]
    return list(csv.DictReader(io.StringIO(text, newline="")))
