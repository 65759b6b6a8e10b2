"""What a `monday.py` imports: `journey`, `check`, `group`, `metric`, `feed`.

Outside a run (in a unit test of a journey, say) `check` still returns its verdict and nothing is counted.
"""

import csv
import io
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, TypeVar, overload

JourneyFunction = Callable[[Any], Awaitable[Any]]
Function = TypeVar("Function", bound=Callable[..., Any])

ATTRIBUTE = "__nineam_journey__"


class Recorder(Protocol):
    """Where checks, metrics and groups are counted while a load runs."""

    def check(self, name: str, ok: bool) -> None:
        """Count a check."""

    def trend(self, name: str, value: float) -> None:
        """Add a value to a trend."""


@dataclass(frozen=True, slots=True)
class Journey:
    """One way through the application. `weight` is its share of the iterations; `where` is `file:line`."""

    name: str
    function: JourneyFunction
    weight: float
    setup: JourneyFunction | None
    teardown: JourneyFunction | None
    where: str


class _Counting:
    """The recorder of the running load; there is one load per process."""

    recorder: Recorder | None = None


def attach(recorder: Recorder | None) -> None:
    """Count from now on with `recorder`; None stops counting."""
    _Counting.recorder = recorder


@overload
def journey(function: Function, /) -> Function: ...


@overload
def journey(
    function: None = None,
    /,
    *,
    weight: float = 1,
    name: str | None = None,
    setup: JourneyFunction | None = None,
    teardown: JourneyFunction | None = None,
) -> Callable[[Function], Function]: ...


def journey(
    function: Callable[..., Any] | None = None,
    /,
    *,
    weight: float = 1,
    name: str | None = None,
    setup: JourneyFunction | None = None,
    teardown: JourneyFunction | None = None,
) -> Any:
    """Mark an `async def` with one argument, the user, as a journey.

    `weight` is its share among the journeys. `setup(user)` runs once for each user before its first iteration
    (a login, say), `teardown(user)` once at the end.
    """

    def mark(marked: Callable[..., Any]) -> Callable[..., Any]:
        if not hasattr(marked, "__code__"):
            raise TypeError(f"@journey goes above an `async def`, and was put on {marked!r}")
        where = f"{Path(marked.__code__.co_filename).name}:{marked.__code__.co_firstlineno}"
        described = Journey(name or marked.__name__, marked, float(weight), setup, teardown, where)
        setattr(marked, ATTRIBUTE, described)
        return marked

    return mark if function is None else mark(function)


def check(name: str, ok: object) -> bool:
    """Count whether something held; returns whether it did. A failed check does not end the journey."""
    held = bool(ok)
    recorder = _Counting.recorder
    if recorder is not None:
        recorder.check(name, held)
    return held


def metric(name: str, value: float) -> None:
    """Add a value to a trend of your own, which the summary shows and thresholds may name.

    Raises `ValueError` for a name that nineam uses itself or that a threshold could not spell.
    """
    if not name.isidentifier() or name.startswith(RESERVED):
        raise ValueError(f"'{name}' cannot name a metric: use letters, digits and _, not starting with http_ or vus")
    if _Counting.recorder is not None:
        _Counting.recorder.trend(name, float(value))


RESERVED = ("http_", "vus", "iteration", "dropped_iterations", "data_", "checks", "group_duration")


class group:  # noqa: N801 - reads as a statement: `with group("checkout"):`
    """A named part of a journey: `with` or `async with`. Its duration goes into `group_duration`."""

    __slots__ = ("_began", "name")

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> "group":
        self._began = time.perf_counter_ns()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if _Counting.recorder is not None:
            milliseconds = (time.perf_counter_ns() - self._began) / 1e6
            _Counting.recorder.trend("group_duration", milliseconds)
            _Counting.recorder.trend(f"group_duration{{group:{self.name}}}", milliseconds)

    async def __aenter__(self) -> "group":
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


class Feed(Iterator[Any]):
    """The rows of a file, one after the other and again from the top: `row = next(users)`."""

    def __init__(self, rows: list[Any]) -> None:
        self.rows = rows
        self._next = 0

    def __len__(self) -> int:
        return len(self.rows)

    def __next__(self) -> Any:
        row = self.rows[self._next % len(self.rows)]
        self._next += 1
        return row


def feed(path: str | os.PathLike[str]) -> Feed:
    """Read the rows of a CSV file (dicts by the header line), a JSON array, or JSON lines.

    A relative path is looked for beside the calling file, then in the working directory.
    Raises `FileNotFoundError` or `ValueError` (naming the file) when there is nothing to feed.
    """
    beside = Path(sys._getframe(1).f_globals.get("__file__", "")).parent / path
    found = beside if beside.exists() else Path(path)
    text = found.read_text(encoding="utf-8-sig")
    try:
        rows = _rows(found.suffix.lower(), text)
    except ValueError as error:
        raise ValueError(f"{found}: {error}") from error
    if not rows:
        raise ValueError(f"{found}: no rows to feed")
    return Feed(rows)


def _rows(suffix: str, text: str) -> list[Any]:
    if suffix in (".jsonl", ".ndjson"):
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    if suffix == ".json":
        rows = json.loads(text)
        return rows if isinstance(rows, list) else [rows]
    return list(csv.DictReader(io.StringIO(text, newline="")))
