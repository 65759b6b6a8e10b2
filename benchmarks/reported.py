"""What a generator says about latency, whatever its format."""

import json
import re
import sys
from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple

import msgspec

from benchmarks.running import Job
from nineam.histogram import Histogram
from nineam.merging import merge, merge_endpoints
from nineam.model import Command, LoadEvent, LoadPlan, LoadStats, Phase

PERCENTILES = (50.0, 95.0, 99.0, 99.9)
RESULT = re.compile(rb"^result=(\{.*\})\s*$", re.MULTILINE)


class Reported(NamedTuple):
    """Requests that were counted, and their latency in milliseconds; `percentiles` are those of `PERCENTILES`."""

    requests: int
    mean_ms: float
    percentiles: tuple[float, ...]
    max_ms: float

    @property
    def p99_ms(self) -> float:
        """The 99th percentile."""
        return self.percentiles[PERCENTILES.index(99.0)]


def nineam_job(plan: LoadPlan, phase: Phase) -> Job:
    """Give the command of one load process that runs one phase."""
    lines = (msgspec.json.encode(line) + b"\n" for line in (plan, Command(phase=phase)))
    return Job([sys.executable, "-m", "nineam.load.shard"], b"".join(lines))


def event_of(line: bytes) -> LoadEvent:
    """Read what the load process says. Raises `RuntimeError` when it gave up, or the journey has a bug."""
    event = msgspec.json.decode(line, type=LoadEvent)
    if event.kind == "failed":
        raise RuntimeError(f"nineam: {event.message}")
    for problem in event.stats.problems:
        raise RuntimeError(f"nineam: {problem.message} ({problem.where})")
    return event


def events_in(output: bytes) -> list[LoadEvent]:
    """Read all that the load process said."""
    return [event_of(line) for line in output.splitlines() if line.startswith(b'{"kind"')]


def stats_of(events: Iterable[LoadEvent], after_s: float = 0.0) -> LoadStats:
    """Add up what happened in the intervals that began `after_s` or later."""
    began_s, stats = 0.0, LoadStats()
    for event in events:
        if began_s >= after_s:
            stats = merge(stats, event.stats)
        began_s = event.elapsed_s
    return stats


def responses(stats: LoadStats) -> Histogram:
    """Give the times from the intended start to the last byte, over all endpoints."""
    if not stats.endpoints:
        return Histogram()
    return Histogram.from_data(reduce(merge_endpoints, stats.endpoints).response)


def by_histogram(histogram: Histogram) -> Reported:
    """Give what a histogram of microseconds says."""
    percentiles = tuple(histogram.percentile(percent) / 1e3 for percent in PERCENTILES)
    return Reported(histogram.count, histogram.mean() / 1e3, percentiles, histogram.max / 1e3)


def by_script(output: bytes) -> Reported:
    """Read the line `result={...}` that the peers' scripts print. Raises `RuntimeError` when there is none."""
    found = RESULT.findall(output)
    if not found:
        raise RuntimeError(f"no result in:\n{output.decode(errors='replace')[-2000:]}")
    numbers = json.loads(found[-1])
    return Reported(numbers["requests"], numbers["mean"], tuple(numbers["percentiles"]), numbers["max"])
