"""A short run, interval by interval, of which every number is known."""

from nineam.histogram import Histogram
from nineam.model import (
    After,
    Capacity,
    CheckResult,
    EndpointStats,
    Generator,
    GeneratorStats,
    HistogramData,
    Interval,
    JourneyProblem,
    LoadStats,
    Machine,
    Observer,
    PhaseResult,
    RunDocument,
    TargetInfo,
    Tick,
    Totals,
    Verdict,
)

BEGAN_S = 1_795_000_000.0


def data(*milliseconds: float) -> HistogramData:
    histogram = Histogram()
    for value in milliseconds:
        histogram.record(value * 1000)
    return histogram.to_data()


def endpoint(name="GET /orders", answers=(10.0, 20.0, 30.0), failed=0, statuses=None, errors=None):
    return EndpointStats(
        name=name,
        requests=len(answers),
        failed=failed,
        statuses={"200": len(answers)} if statuses is None else statuses,
        errors=errors or {},
        response=data(*answers),
        service=data(*(value / 2 for value in answers)),
    )


def tick(number: int, *endpoints, kind="monday", stair=1, seconds=0.5, vus=7, **stats) -> Tick:
    """Return the interval `number`, which ends so many half seconds after the beginning."""
    requests = sum(each.requests for each in endpoints)
    counted = LoadStats(
        endpoints=endpoints,
        iterations=stats.pop("iterations", requests),
        generator=GeneratorStats(requests=requests, wall_s=seconds),
        **stats,
    )
    return Tick(kind=kind, stair=stair, at_s=BEGAN_S + number / 2, seconds=seconds, vus=vus, stats=counted)


def run() -> list[Tick]:
    """Return a polite phase and two stairs, two seconds each; the second stair fails now and then."""
    localhost = [tick(n, endpoint(answers=(5.0,)), kind="localhost", stair=0, vus=1) for n in range(1, 5)]
    first = [tick(n, endpoint(), endpoint("POST /cart", (40.0,)), data_received=400) for n in range(5, 9)]
    bad = endpoint("POST /cart", (900.0, 1000.0), failed=2, statuses={"500": 1}, errors={"timeout": 1})
    second = [
        tick(n, endpoint(), bad, stair=2, vus=9, data_received=500, checks=(CheckResult(name="ok", passes=3, fails=1),))
        for n in range(9, 13)
    ]
    return [*localhost, *first, *second]


def document(stairs=(1, 2), seconds=4.0) -> RunDocument:
    """Return as much of the run's document as outputs over time look at."""
    return RunDocument(
        machine=Machine(cores=2, python="3.12", os="Linux"),
        target=TargetInfo(kind="url", command="", framework="", server="", database=""),
        verdict=Verdict(status="ready", sentence=""),
        generator=Generator(trustworthy=True, slip_p99_ms=0, cpu_share=0, requests=0, cpu_us_per_request=0, reason=""),
        observer=Observer(cpu_percent=None, records=0, dropped=0),
        localhost=PhaseResult(),
        monday=PhaseResult(),
        after=After(recovered=None, seconds=None),
        capacity=Capacity(slo="", rate=Interval(low=0, high=None), users=Interval(low=0, high=None), limited_by=""),
        totals=Totals(stairs=stairs, seconds=seconds),
        problems=(JourneyProblem(message="KeyError: 'id'", where="monday.py:12", count=3),),
    )
