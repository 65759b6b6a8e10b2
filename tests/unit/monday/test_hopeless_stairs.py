"""Stairs on which nothing is carried, whatever localhost was like."""

from nineam.histogram import Histogram
from nineam.model import EndpointStats, GeneratorStats, HistogramData, LoadPlan, LoadStats
from nineam.monday.plan import RunPlan, broken

PLAN = RunPlan(load=LoadPlan(base_url="http://127.0.0.1:1"))
BEGUN = GeneratorStats(slip=HistogramData(counts={1: 3}, count=3))


def endpoint(name, requests, failed):
    return EndpointStats(name=name, requests=requests, failed=failed, errors={"timeout": failed} if failed else {})


def why(*endpoints, exempt=(), **stats):
    seen = LoadStats(endpoints=endpoints, **stats)
    return broken(PLAN, seen, frozenset(exempt), lambda data, p: Histogram.from_data(data).percentile(p))


def test_exempt_endpoints_excuse_no_stair_on_which_most_requests_fail():
    assert why(endpoint("GET /a", 4, 4), exempt=["GET /a"]) == "4 of 4 requests failed (timeout)"
    assert why(endpoint("GET /a", 6, 6), endpoint("GET /b", 5, 0), exempt=["GET /a"]).startswith("6 of 11")


def test_a_smaller_part_of_exempt_failures_is_excused():
    assert why(endpoint("GET /a", 5, 5), endpoint("GET /b", 6, 0), exempt=["GET /a"]) == ""


def test_a_stair_that_began_something_and_sent_nothing_does_not_hold():
    assert why(generator=BEGUN) == "no request was sent"
    assert why(generator=BEGUN, timings={"iteration_duration": HistogramData(count=3)}) == "no request was sent"


def test_a_stair_without_arrivals_or_with_other_measurements_holds():
    assert why() == ""
    assert why(generator=BEGUN, counters={"ws_sessions": 3.0}) == ""
    assert why(generator=BEGUN, timings={"cart_size": HistogramData(count=3)}) == ""
