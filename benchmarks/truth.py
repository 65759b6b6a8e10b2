"""What an observer who asks at a constant rate, whatever happens, must see: pure functions of what the server does."""

import itertools
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

STANDARD_P99 = 2.3263478740408408  # of the normal distribution


class Freeze(NamedTuple):
    """The server neither reads nor answers between two instants, in seconds from the first arrival."""

    begin_s: float
    end_s: float


class Served(NamedTuple):
    """What the server wrote down about one request: its number, and when it read it and wrote the answer."""

    number: int
    read_ns: int
    written_ns: int


def service_times(seed: int, median_s: float, p99_s: float) -> Iterator[float]:
    """Draw log-normal service times, in seconds, for ever."""
    choice = random.Random(f"{seed}/service")
    sigma = math.log(p99_s / median_s) / STANDARD_P99
    while True:
        yield choice.lognormvariate(math.log(median_s), sigma)


def mean_service_s(median_s: float, p99_s: float) -> float:
    """Give the mean of the distribution."""
    sigma = math.log(p99_s / median_s) / STANDARD_P99
    return median_s * math.exp(sigma**2 / 2)


def ideal_latencies(rate: float, seconds: float, services: Iterable[float], freeze: Freeze) -> list[float]:
    """Give the seconds from each intended instant to its answer, when nothing but the server takes time.

    What arrives in the freeze is read at its end; what would be answered in it is answered at its end.
    """
    intended = (number / rate for number in itertools.takewhile(lambda n: n / rate < seconds, itertools.count()))
    return [_answered(at, service, freeze) - at for at, service in zip(intended, services, strict=False)]


def _answered(arrives_s: float, service_s: float, freeze: Freeze) -> float:
    done = _thawed(arrives_s, freeze) + service_s
    return _thawed(done, freeze)


def _thawed(instant_s: float, freeze: Freeze) -> float:
    return freeze.end_s if freeze.begin_s <= instant_s < freeze.end_s else instant_s


def paired_latencies(began_ns: int, rate: float, served: Sequence[Served]) -> list[float]:
    """Give the seconds from each intended instant to the answer that the server wrote to that very request.

    Request number i was intended at i / `rate`. Raises `ValueError` when a number is missing or twice, or a request was
    read before it was intended: then the numbers are not in the order of the schedule.
    """
    latencies = []
    for expected, request in enumerate(sorted(served)):
        if request.number != expected:
            raise ValueError(f"the server has seen request {request.number} where {expected} was expected")
        intended_ns = began_ns + round(expected * 1e9 / rate)
        if request.read_ns < intended_ns:
            raise ValueError(f"request {expected} was read {(intended_ns - request.read_ns) / 1e6:.3f} ms too early")
        latencies.append((request.written_ns - intended_ns) / 1e9)
    return latencies


def earliest_start(rate: float, served: Iterable[Served]) -> int:
    """Give the start of a schedule at `rate` that nobody has noted: no request was read before it was intended."""
    return min(request.read_ns - round(request.number * 1e9 / rate) for request in served)


def lateness(began_ns: int, rate: float, served: Iterable[Served]) -> list[float]:
    """Give the seconds from each intended instant to the server's reading: the generator is late, and the kernel."""
    return [(request.read_ns - began_ns) / 1e9 - request.number / rate for request in served]


def percentile(values: Sequence[float], percent: float) -> float:
    """Give the nearest-rank percentile of at least one value."""
    ordered = sorted(values)
    return ordered[max(1, math.ceil(round(percent * len(ordered) / 100, 9))) - 1]


def off_by(reported: float, truth: float) -> float:
    """Give the relative error: 0.03 is 3 % too much."""
    return reported / truth - 1
