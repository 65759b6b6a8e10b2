"""`expect=`: what a journey takes for a success."""

import inspect
from collections.abc import Callable, Collection
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from nineam.load.response import Response

Expect = int | str | Collection[int | str] | Callable[[Response], object]

ANYTHING = frozenset(range(1, 1000))
NOTHING: frozenset[int] = frozenset()
POSSIBLE = range(100, 600)
MOST_NAMED = 8
ALLOWED = 'expect= takes a status, several, a range like "2xx", or a function of the response'


class Expectation(Protocol):
    """Judges an answer: sets what it is `failed` by, and an `error` that says why."""

    def accepts(self, status: int) -> bool:
        """Whether this status is what is wanted, whatever it means."""

    def judge(self, response: Response) -> None:
        """Judge an answer that has ended."""


def expectation(expect: Expect) -> Expectation:
    """Make an expectation out of `expect=`. Raises `ValueError` when it is none."""
    if callable(expect):
        return Condition(expect)
    if isinstance(expect, int | str):
        return _statuses((expect,))
    if isinstance(expect, range):  # which may be endless, but statuses are few
        statuses = tuple(status for status in POSSIBLE if status in expect)
        if not statuses:
            raise ValueError(f"{ALLOWED}, not {str(expect)[:60]}")
        return _statuses(statuses)
    if not isinstance(expect, Collection) or len(expect) > len(ANYTHING):
        raise ValueError(f"{ALLOWED}, not {str(expect)[:60]}")
    return _statuses(tuple(expect))


class Statuses:
    """One of these statuses."""

    def __init__(self, values: frozenset[int], text: str) -> None:
        self._values = values
        self._text = text

    def accepts(self, status: int) -> bool:
        """Whether it is one of them."""
        return status in self._values

    def judge(self, response: Response) -> None:
        """Fail any other status."""
        response.expect = self._values
        if response.status and response.status not in self._values:
            response.error = f"expected {self._text}, got {response.status}"


class Condition:
    """A function of the journey's holds for the answer."""

    def __init__(self, function: Callable[[Response], object]) -> None:
        if inspect.iscoroutinefunction(function):
            raise ValueError(f"{ALLOWED}; the function must not be async")
        self._function = function

    def accepts(self, status: int) -> bool:  # noqa: ARG002 - only the whole answer can tell
        """No status alone is what is wanted."""
        return False

    def judge(self, response: Response) -> None:
        """Fail an answer for which the function gives nothing true, or raises."""
        response.expect = NOTHING
        if not response.status:
            return
        try:
            why = "" if self._function(response) else "not met"
        except Exception as error:  # noqa: BLE001 - whatever it is, the answer was not as expected
            why = f"raised {type(error).__name__}"
        if why:
            response.error = f"expectation{_place(self._function)} {why}"
        else:
            response.expect = ANYTHING


def _place(function: Any) -> str:
    code = getattr(function, "__code__", None)
    return f" at {Path(code.co_filename).name}:{code.co_firstlineno}" if code else ""


@lru_cache(maxsize=256)
def _statuses(parts: tuple[int | str, ...]) -> Statuses:
    values: set[int] = set()
    for part in parts:
        values.update(_range(part))
    return Statuses(frozenset(values), _named(parts))


def _named(parts: tuple[int | str, ...]) -> str:
    if len(parts) > MOST_NAMED:
        return f"one of {len(parts)} statuses from {parts[0]} to {parts[-1]}"
    return " or ".join(str(part) for part in parts) or "nothing"


def _range(part: int | str) -> Collection[int]:
    text = str(part).lower()
    if len(text) == 3 and text[0] in "12345":
        if text[1:] == "xx":
            return range(int(text[0]) * 100, int(text[0]) * 100 + 100)
        if text.isdigit():
            return (int(text),)
    raise ValueError(f"{ALLOWED}, not {part!r}")
