"""Adding up statistics: two intervals, or the same interval of two load processes, become one."""

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import msgspec

from nineam.histogram import Histogram
from nineam.model import (
    CheckResult,
    EndpointStats,
    GaugeData,
    GeneratorStats,
    HistogramData,
    JourneyProblem,
    LoadStats,
    RateData,
)

T = TypeVar("T")


def merge(first: LoadStats, second: LoadStats) -> LoadStats:
    """One interval out of two: counts add, histograms merge, lag is the larger one, in flight is the second one's."""
    return LoadStats(
        endpoints=_merge_by(lambda stats: stats.name, merge_endpoints, first.endpoints, second.endpoints),
        named={**second.named, **first.named},
        health=_either(merge_endpoints, first.health, second.health),
        checks=_merge_by(lambda check: check.name, _merge_checks, first.checks, second.checks),
        timings=_merge_named(merge_histograms, first.timings, second.timings),
        counters=_merge_named(operator.add, first.counters, second.counters),
        gauges=_merge_named(_merge_gauges, first.gauges, second.gauges),
        rates=_merge_named(_merge_rates, first.rates, second.rates),
        iterations=first.iterations + second.iterations,
        data_sent=first.data_sent + second.data_sent,
        data_received=first.data_received + second.data_received,
        generator=_merge_generators(first.generator, second.generator),
        problems=_merge_by(lambda bug: (bug.message, bug.where), _merge_problems, first.problems, second.problems),
    )


def merge_parallel(first: LoadStats, second: LoadStats) -> LoadStats:
    """The same interval of two load processes: as `merge`, but time passed only once, and one was the busier one.

    Each has ports of its own; those that ended connections hold are the whole system's, seen by both.
    """
    merged = merge(first, second)
    one, other = first.generator, second.generator
    generator = msgspec.structs.replace(
        merged.generator,
        ports=one.ports - one.waiting_ports + other.ports - other.waiting_ports + merged.generator.waiting_ports,
        wall_s=max(one.wall_s, other.wall_s),
        busiest_cpu_s=max(one.busiest_cpu_s, other.busiest_cpu_s),
        in_flight=one.in_flight + other.in_flight,
    )
    return msgspec.structs.replace(merged, generator=generator)


def merge_endpoints(first: EndpointStats, second: EndpointStats) -> EndpointStats:
    """Add the answers of one endpoint in two intervals (or of two endpoints, under the first one's name)."""
    return EndpointStats(
        name=first.name,
        requests=first.requests + second.requests,
        failed=first.failed + second.failed,
        received=first.received + second.received,
        packed=first.packed + second.packed,
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


def _merge_named(add: Callable[[T, T], T], first: Mapping[str, T], second: Mapping[str, T]) -> dict[str, T]:
    merged = dict(first)
    for name, value in second.items():
        merged[name] = add(merged[name], value) if name in merged else value
    return merged


def _merge_gauges(first: GaugeData, second: GaugeData) -> GaugeData:
    return GaugeData(value=second.value, min=min(first.min, second.min), max=max(first.max, second.max))


def _merge_rates(first: RateData, second: RateData) -> RateData:
    return RateData(passes=first.passes + second.passes, fails=first.fails + second.fails)


def _merge_checks(first: CheckResult, second: CheckResult) -> CheckResult:
    return CheckResult(name=first.name, passes=first.passes + second.passes, fails=first.fails + second.fails)


def _merge_problems(first: JourneyProblem, second: JourneyProblem) -> JourneyProblem:
    return JourneyProblem(message=first.message, where=first.where, count=first.count + second.count)


def _merge_generators(first: GeneratorStats, second: GeneratorStats) -> GeneratorStats:
    return GeneratorStats(
        requests=first.requests + second.requests,
        slip=merge_histograms(first.slip, second.slip),
        cpu_s=first.cpu_s + second.cpu_s,
        busiest_cpu_s=first.busiest_cpu_s + second.busiest_cpu_s,
        wall_s=first.wall_s + second.wall_s,
        loop_lag_ms=max(first.loop_lag_ms, second.loop_lag_ms),
        files=max(first.files, second.files),
        ports=max(first.ports, second.ports),
        waiting_ports=max(first.waiting_ports, second.waiting_ports),
        dropped_iterations=first.dropped_iterations + second.dropped_iterations,
        in_flight=second.in_flight,
    )
