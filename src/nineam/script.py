"""What a `monday.py` imports: `journey`, `check`, `group`, and metrics of its own.

Outside a run (in a unit test of a journey, say) `check` still returns its verdict and nothing is counted.
"""

import math
import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Protocol, TypeVar, overload

JourneyFunction = Callable[[Any], Awaitable[Any]]
Function = TypeVar("Function", bound=Callable[..., Any])

Tags = Mapping[str, object]

ATTRIBUTE = "__nineam_journey__"
LONGEST_NAME = 200
LARGEST = 1e30
"""Of what a metric may be given: sums of such values are finite."""


class Recorder(Protocol):
    """Where checks, metrics and groups are counted while a load runs."""

    def check(self, name: str, ok: bool) -> None:
        """Count a check."""

    def trend(self, name: str, value: float, tags: Tags | None = None) -> None:
        """Add a value to a trend."""

    def counter(self, name: str, add: float, tags: Tags | None = None) -> None:
        """Add to a counter."""

    def gauge(self, name: str, value: float, tags: Tags | None = None) -> None:
        """Say what a gauge stands at."""

    def rate(self, name: str, ok: bool, tags: Tags | None = None) -> None:
        """Count one time that something was so, or was not."""


@dataclass(frozen=True, slots=True)
class Journey:
    """One way through the application. `weight` is its share of the iterations; `where` is `file:line`.

    `options` make it a scenario of its own: k6's option names, as they were given.
    """

    name: str
    function: JourneyFunction
    weight: float
    setup: JourneyFunction | None
    teardown: JourneyFunction | None
    where: str
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)


class _Counting:
    """The recorder of the running load; there is one load per process."""

    recorder: Recorder | None = None
    kinds: ClassVar[dict[str, str]] = {}


def attach(recorder: Recorder | None) -> None:
    """Count from now on with `recorder`; None stops counting."""
    _Counting.recorder = recorder
    _Counting.kinds.clear()


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
    **options: Any,
) -> Callable[[Function], Function]: ...


def journey(
    function: Callable[..., Any] | None = None,
    /,
    *,
    weight: float = 1,
    name: str | None = None,
    setup: JourneyFunction | None = None,
    teardown: JourneyFunction | None = None,
    **options: Any,
) -> Any:
    """Mark an `async def` with one argument, the user, as a journey.

    `weight` is its share among the journeys. `setup(user)` runs once for each user before its first iteration
    (a login, say), `teardown(user)` once at the end; journeys that name the same function share it.

    With `executor=` and that executor's `options`, under k6's names, the journey is a scenario of its own:
    `@journey(executor="constant-arrival-rate", rate=50, duration="1m")`.
    """

    def mark(marked: Callable[..., Any]) -> Callable[..., Any]:
        if not hasattr(marked, "__code__"):
            raise TypeError(f"@journey goes above an `async def`, and was put on {marked!r}")
        where = f"{Path(marked.__code__.co_filename).name}:{marked.__code__.co_firstlineno}"
        described = Journey(name or marked.__name__, marked, float(weight), setup, teardown, where, options)
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


def metric(name: str, value: float, *, tags: Tags | None = None) -> None:
    """Add a value to a trend of your own, which the summary shows and thresholds may name.

    `tags` add it to `NAME{key:value}` as well. Raises `ValueError` for a name that nineam uses itself or that a
    threshold could not spell; so do `counter`, `gauge` and `rate`.
    """
    _check_name(name, "trend", tags)
    number = _finite(name, value)
    if _Counting.recorder is not None:
        _Counting.recorder.trend(name, number, tags)


def counter(name: str, add: float = 1, *, tags: Tags | None = None) -> None:
    """Add to a counter of your own. Raises `ValueError` for what is no number, as `metric` and `gauge` do."""
    _check_name(name, "counter", tags)
    number = _finite(name, add)
    if _Counting.recorder is not None:
        _Counting.recorder.counter(name, number, tags)


def gauge(name: str, value: float, *, tags: Tags | None = None) -> None:
    """Say what a gauge of your own stands at; the last value, the smallest and the largest are kept."""
    _check_name(name, "gauge", tags)
    number = _finite(name, value)
    if _Counting.recorder is not None:
        _Counting.recorder.gauge(name, number, tags)


def rate(name: str, ok: object, *, tags: Tags | None = None) -> None:
    """Count one time that something was so, or was not: a rate of your own."""
    _check_name(name, "rate", tags)
    if _Counting.recorder is not None:
        _Counting.recorder.rate(name, bool(ok), tags)


def check_tags(tags: Tags | None) -> None:
    """Raise `ValueError` for a tag that a threshold could not spell, or that nineam counts by itself."""
    for key in tags or ():
        if not key.isidentifier():
            raise ValueError(f"'{key}' cannot be the key of a tag: use letters, digits and _")
        if key in OWN_TAGS:
            raise ValueError(f"'{key}' cannot be the key of a tag: nineam counts by {', '.join(OWN_TAGS)} itself")


def _finite(name: str, value: float) -> float:
    number = float(value)
    if not math.isfinite(number) or abs(number) > LARGEST:
        raise ValueError(f"'{name}' was given {number}: a metric takes finite numbers up to {LARGEST:g}")
    return number


def _check_name(name: str, kind: str, tags: Tags | None) -> None:
    known = _Counting.kinds.get(name)
    if known is None:
        if not name.isidentifier() or name.startswith(RESERVED):
            message = "use letters, digits and _, not starting with http_, ws_ or vus"
            raise ValueError(f"'{name[:LONGEST_NAME]}' cannot name a metric: {message}")
        if len(name) > LONGEST_NAME:
            raise ValueError(f"'{name[:20]}...' cannot name a metric: it has more than {LONGEST_NAME} characters")
        _Counting.kinds[name] = kind
    elif known != kind:
        raise ValueError(f"'{name}' is a {known} already and cannot be a {kind} as well")
    if tags:
        check_tags(tags)


OWN_TAGS = ("group", "name", "scenario")
RESERVED = ("http_", "ws_", "vus", "iteration", "dropped_iterations", "data_", "checks", "group_duration")


class GroupMember(Protocol):
    """The user whose journey runs: told how many groups are open around it."""

    def enter_group(self, name: str) -> None:
        """Note that a group has begun."""

    def leave_group(self, name: str) -> None:
        """Note that a group is over."""


current_user: ContextVar[GroupMember | None] = ContextVar("nineam_user", default=None)
current_groups: ContextVar[tuple[str, ...]] = ContextVar("nineam_groups", default=())


class group:  # noqa: N801 - reads as a statement: `with group("checkout"):`
    """A named part of a journey: `with` or `async with`. Its duration goes into `group_duration`.

    One that was cut off, by the end of the load, say, has no duration; one that a bug ended has. The requests inside
    go into `http_req_duration{group:NAME}` as well.
    """

    __slots__ = ("_around", "_began", "name")

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> "group":
        user = current_user.get()
        if user is not None:
            user.enter_group(self.name)
        self._around = current_groups.get()
        current_groups.set((*self._around, self.name))
        self._began = time.perf_counter_ns()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        milliseconds = (time.perf_counter_ns() - self._began) / 1e6
        current_groups.set(self._around)
        user = current_user.get()
        if user is not None:
            user.leave_group(self.name)
        cut_off = kind is not None and not issubclass(kind, Exception)
        if _Counting.recorder is not None and not cut_off:
            _Counting.recorder.trend("group_duration", milliseconds, {"group": self.name})

    async def __aenter__(self) -> "group":
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)
