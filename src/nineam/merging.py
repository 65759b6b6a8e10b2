"""Adding up statistics: two intervals, or the same interval of two load processes, become one."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeVar

from nineam.histogram import Histogram
from nineam.model import CheckResult, EndpointStats, GeneratorStats, HistogramData, JourneyProblem, LoadStats

T = TypeVar("T")


def merge(first: LoadStats, second: LoadStats) -> LoadStats:
    """One interval out of two: counts add, histograms merge, lag is the larger one."""
    return LoadStats(
        endpoints=_merge_by(lambda stats: stats.name, merge_endpoints, first.endpoints, second.endpoints),
        health=_either(merge_endpoints, first.health, second.health),
        checks=_merge_by(lambda check: check.name, _merge_checks, first.checks, second.checks),
        timings=_merge_timings(first.timings, second.timings),
        iterations=first.iterations + second.iterations,
        data_sent=first.data_sent + second.data_sent,
        data_received=first.data_received + second.data_received,
        generator=_merge_generators(first.generator, second.generator),
        problems=_merge_by(lambda bug: (bug.message, bug.where), _merge_problems, first.problems, second.problems),
    )


def merge_endpoints(first: EndpointStats, second: EndpointStats) -> EndpointStats:
    """Add the answers of one endpoint in two intervals (or of two endpoints, under the first one's name)."""
    return EndpointStats(
        name=first.name,
        requests=first.requests + second.requests,
        failed=first.failed + second.failed,
        statuses=dict(Counter(first.statuses) + Counter(second.statuses)),
        errors=dict(Counter(first.errors) + Counter(second.errors)),
        response=merge_histograms(first.response, second.response),
        service=merge_histograms(first.service, second.service),
    )


def merge_histograms(first: HistogramData, second: HistogramData) -> HistogramData:
    """Two histograms at rest as one."""
    histogram = Histogram.from_data(first)
    histogram.merge(Histogram.from_data(second))
    return histogram.to_data()


def _merge_by(
    key: Callable[[T], object], add: Callable[[T, T], T], first: Iterable[T], second: Iterable[T]
) -> tuple[T, ...]:
    merged: dict[object, T] = {key(item): item for item in first}
    for item in second:
        known = merged.get(key(item))
        merged[key(item)] = item if known is None else add(known, item)
    return tuple(merged.values())


def _either(add: Callable[[T, T], T], first: T | None, second: T | None) -> T | None:
    if first is None or second is None:
        return first if second is None else second
    return add(first, second)


def _merge_timings(first: dict[str, HistogramData], second: dict[str, HistogramData]) -> dict[str, HistogramData]:
    merged = dict(first)
    for name, data in second.items():
        merged[name] = merge_histograms(merged[name], data) if name in merged else data
    return merged


def _merge_checks(first: CheckResult, second: CheckResult) -> CheckResult:
    return CheckResult(name=first.name, passes=first.passes + second.passes, fails=first.fails + second.fails)


def _merge_problems(first: JourneyProblem, second: JourneyProblem) -> JourneyProblem:
    return JourneyProblem(message=first.message, where=first.where, count=first.count + second.count)


def _merge_generators(first: GeneratorStats, second: GeneratorStats) -> GeneratorStats:
    return GeneratorStats(
        requests=first.requests + second.requests,
        slip=merge_histograms(first.slip, second.slip),
        cpu_s=first.cpu_s + second.cpu_s,
        wall_s=first.wall_s + second.wall_s,
        loop_lag_ms=max(first.loop_lag_ms, second.loop_lag_ms),
        dropped_iterations=first.dropped_iterations + second.dropped_iterations,
    )
