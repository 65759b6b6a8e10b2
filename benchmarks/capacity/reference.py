"""The load that is carried for long, found without any of nineam's ways to find it: halving, with long trials."""

from collections.abc import Callable
from typing import NamedTuple

from benchmarks.capacity.applications import Application
from benchmarks.capacity.asking import document_of, served

FROM, TO = 0.7, 1.3
"""Where to look, as parts of what the application is about able to do."""
STEPS = 5
LESS, MORE = 0.9, 1.1
PLAIN = ("--no-climb", "--no-agent", "--capacity-time", "0", "--observer-time", "0", "--localhost-time", "1")


class Reference(NamedTuple):
    """The highest rate a second that was carried, and the lowest that was not; `sure` when both were seen."""

    carried: float
    broke: float
    sure: bool

    @property
    def rate(self) -> float:
        """The middle."""
        return (self.carried + self.broke) / 2


def halved(low: float, high: float, steps: int, carries: Callable[[float], bool]) -> Reference:
    """Halve an interval so many times; `carries(rate)` plays one long trial."""
    carried = broke = 0.0
    for _ in range(steps):
        middle = (low + high) / 2
        if carries(middle):
            low = carried = middle
        else:
            high = broke = middle
    return Reference(low, high, sure=bool(carried and broke))


def measure(application: Application, seconds: float) -> Reference:
    """Find what an application carries for `seconds` at a time."""
    with served(application) as url:
        ends = FROM * application.about, TO * application.about
        return halved(*ends, STEPS, lambda rate: _carries(url, rate, seconds))


def still(application: Application, reference: Reference, seconds: float) -> bool:
    """Whether a reference is true later as well: a tenth less is carried, and a tenth more is not."""
    with served(application) as url:
        return _carries(url, LESS * reference.rate, seconds) and not _carries(url, MORE * reference.rate, seconds)


def _carries(url: str, rate: float, seconds: float) -> bool:
    found = document_of([url, "--rate", f"{rate:.2f}", "-t", f"{seconds:g}s", "--after-time", "0.5", *PLAIN])
    (stair,) = found["stairs"]
    return bool(stair["held"])
