"""What happened to the requests of some time: shares, percentiles, and when it was as good as before. Pure.

Instants are seconds of one clock, from whatever zero.
"""

import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nineam.model.trial import Course, Second

SLACK_MS = 100.0
"""What a percentile may be off beyond any factor: on a shared machine, answers of a few milliseconds jump by more."""
FACTOR = 1.5
LOST = 0.01
STEP_S = 0.25
SWELLS_MS = 250.0
"""By so much, and half of what they took before, requests have to take longer until they are called queued."""
LEAST_LATER = 8


class Sample(NamedTuple):
    """One request: the endpoint, when it was to be sent, when it had ended (None: not yet), and how."""

    name: str
    at: float
    end: float | None
    status: int
    error: str

    @property
    def ok(self) -> bool:
        """Whether it was answered, and well."""
        return self.end is not None and 200 <= self.status < 400

    def ms(self, now: float) -> float:
        """Milliseconds from the intended instant to the answer, or to `now` while there is none."""
        return ((now if self.end is None else self.end) - self.at) * 1000


@dataclass(frozen=True)
class Window:
    """Requests that were to be sent within some time, looked at from `now`."""

    samples: tuple[Sample, ...]
    now: float

    @property
    def requests(self) -> int:
        """How many."""
        return len(self.samples)

    @property
    def success(self) -> float:
        """The share that was answered well; what has no answer yet was not."""
        return sum(each.ok for each in self.samples) / len(self.samples) if self.samples else 0.0

    @property
    def hanging(self) -> int:
        """How many have no end yet."""
        return sum(each.end is None for each in self.samples)

    def quantile_ms(self, share: float, of: Callable[[Sample], bool] = lambda _: True) -> float:
        """Return a percentile of the latency, of requests that end and of those that have not yet; NaN of none."""
        found = sorted(each.ms(self.now) for each in self.samples if of(each))
        return found[min(len(found) - 1, math.ceil(share * len(found)) - 1)] if found else math.nan

    @property
    def p95_ms(self) -> float:
        """The 95th percentile of everything."""
        return self.quantile_ms(0.95)

    def within(self, limit_s: float) -> int:
        """How many were answered well within so many seconds."""
        return sum(each.ok and each.ms(self.now) <= limit_s * 1000 for each in self.samples)

    def only(self, names: Iterable[str]) -> "Window":
        """Keep the requests to some endpoints."""
        wanted = frozenset(names)
        return Window(tuple(each for each in self.samples if each.name in wanted), self.now)

    def outcomes(self) -> dict[str, int]:
        """Count by status, or by error where there was none."""
        counted = Counter(
            "no end" if each.end is None else str(each.status or each.error or "no answer") for each in self.samples
        )
        return dict(counted.most_common())


def between(samples: Iterable[Sample], begin: float, end: float, now: float) -> Window:
    """Choose the requests that were to be sent from `begin` until before `end`."""
    return Window(tuple(each for each in samples if begin <= each.at < end), now)


def under_way(samples: Iterable[Sample], begin: float, end: float, now: float) -> Window:
    """Choose the requests that were to be sent before `end` and had no answer before `begin`: queued ones too."""
    return Window(tuple(each for each in samples if each.at < end and (each.end is None or each.end >= begin)), now)


def answered(window: Window, limit_s: float) -> Window:
    """Leave out the requests that have no end yet and may still get one within `limit_s` seconds."""
    return Window(
        tuple(each for each in window.samples if each.end is not None or window.now - each.at > limit_s), window.now
    )


def decided(window: Window) -> Window:
    """Leave out the requests that are only under way; of an endpoint that never answered they count: it does not."""
    answering = {each.name for each in window.samples if each.end is not None}
    return Window(
        tuple(each for each in window.samples if each.end is not None or each.name not in answering), window.now
    )


def queueing(window: Window) -> bool:
    """Whether requests queued up: most of the later half took much longer than those to the same endpoint before."""
    ordered = sorted(window.samples, key=lambda each: each.at)
    took: dict[str, list[float]] = {}
    for each in ordered[: len(ordered) // 2]:
        took.setdefault(each.name, []).append(each.ms(window.now))
    before = {name: statistics.median(found) for name, found in took.items()}
    later = [each for each in ordered[len(ordered) // 2 :] if each.name in before]
    if len(later) < LEAST_LATER:
        return False
    more = statistics.median(each.ms(window.now) - before[each.name] for each in later)
    return more > SWELLS_MS + statistics.median(before[each.name] for each in later) / 2


def good(window: Window, control: Window) -> bool:
    """Whether a window is as good as the control: at most a hundredth less success, the 95th percentile near."""
    if not window.requests or window.success < control.success - LOST:
        return False
    return window.p95_ms <= near_ms(control)


def near_ms(control: Window) -> float:
    """Return the milliseconds until which answers are as soon as in the control."""
    return control.p95_ms * FACTOR + SLACK_MS


def recovery_s(samples: Sequence[Sample], healed: float, control: Window, now: float, width_s: float) -> float | None:
    """Seconds from the healing to the start of the first window that is as good as the control; None: not yet."""
    start = healed
    while start + width_s <= now:
        if good(between(samples, start, start + width_s, now), control):
            return start - healed
        start += STEP_S
    return None


def course(samples: Iterable[Sample], troubles: Sequence[tuple[float, float]], now: float) -> Course | None:
    """Return what became of requests, second by second from the first trouble; None without any requests."""
    known = [each for each in samples if each.at <= now]
    if not known:
        return None
    zero = troubles[0][0] if troubles else min(each.at for each in known)
    rows: dict[int, list[Sample]] = {}
    for each in known:
        rows.setdefault(math.floor(each.at - zero), []).append(each)
    seconds = tuple(_second(number, Window(tuple(found), now)) for number, found in sorted(rows.items()))
    return Course(seconds=seconds, faults=tuple((round(a - zero, 1), round(b - zero, 1)) for a, b in troubles))


def _second(number: int, window: Window) -> Second:
    well = sum(each.ok for each in window.samples)
    return Second(s=number, requests=window.requests, ok=well, p95_ms=round(window.p95_ms, 1))
