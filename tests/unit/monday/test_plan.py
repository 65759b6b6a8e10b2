"""The decisions of a run that need no clock: where to begin, how to climb, when a stair is broken."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.histogram import Histogram
from nineam.model import EndpointStats, GeneratorStats, LoadPlan, LoadStats
from nineam.monday.plan import (
    ENOUGH,
    FACTOR,
    LONGEST_LADDER,
    Goal,
    RunPlan,
    Stair,
    broken,
    first_stair,
    ladder,
    phase_of,
    unwell,
)

PLAN = RunPlan(load=LoadPlan(base_url="http://127.0.0.1:1"), objective_ms=500.0)


@pytest.mark.parametrize(
    ("stats", "exempt", "said"),
    [
        (EndpointStats(name="GET /", requests=4), False, ""),
        (
            EndpointStats(name="GET /", requests=4, failed=4, statuses={"404": 4}),
            True,
            "GET / fails with one polite user already: 4 of 4 (404); Monday is not judged by it",
        ),
        (
            EndpointStats(name="GET /", requests=4, failed=1, errors={"timeout": 1}),
            False,
            "GET / fails with one polite user already: 1 of 4 (timeout)",
        ),
        (
            EndpointStats(name="GET /", requests=4),
            True,
            "GET / misses the objective with one polite user already; Monday is not judged by it",
        ),
    ],
)
def test_what_is_wrong_with_an_endpoint_alone_is_one_line(stats, exempt, said):
    assert unwell(stats, exempt=exempt) == said


def rates(limit, first, kind="rate"):
    return [stair.rate or stair.users for stair in ladder(Goal(kind=kind, limit=limit), first)]


@pytest.mark.parametrize(
    ("limit", "first", "expected"),
    [
        (100, 10, [10, 15, 22.5, 33.8, 50.6, 75.9, 100]),
        (100, 100, [100]),
        (100, 250, [100]),
        (50, 49.7, [50]),
        (10, 8, [8, 10]),
        (10, 2.5, [2.5, 3.8, 5.6, 8.4, 10]),
    ],
)
def test_stairs_are_geometric_and_end_exactly_at_the_goal(limit, first, expected):
    assert rates(limit, first) == expected


def test_users_are_whole():
    assert rates(40, 10, "users") == [10, 15, 22, 34, 40]


def test_without_a_goal_the_ladder_goes_on_but_not_for_ever():
    climbed = rates(0, 10)
    assert len(climbed) == LONGEST_LADDER
    assert climbed[-1] == pytest.approx(10 * FACTOR ** (LONGEST_LADDER - 1), rel=0.01)


@given(st.floats(1, 5000), st.floats(1, 100), st.sampled_from(["rate", "users"]))
def test_every_ladder_is_bounded_rises_and_ends_at_its_goal(limit, first, kind):
    limit = float(round(limit))
    climbed = rates(limit, first, kind)
    assert len(climbed) <= LONGEST_LADDER + 1
    assert climbed[-1] == limit
    assert climbed == sorted(climbed)


@given(st.integers(1, 300), st.floats(1, 100))
def test_no_number_of_users_is_climbed_to_twice(limit, first):
    climbed = rates(limit, first, "users")
    assert all(low < high for low, high in itertools.pairwise(climbed)), climbed


@pytest.mark.parametrize(
    ("limit", "service_s", "expected"),
    [
        (0, 0.010, 25.0),  # a quarter of what one request at a time could do
        (0, 0.050, 5.0),
        (0, 0.000001, 100.0),  # never above a hundred at once
        (0, 10.0, 1.0),  # nor below one
        (40, 0.010, 10.0),  # at most a quarter of the goal
        (2, 0.010, 1.0),
        (1000, 0.010, 25.0),
    ],
)
def test_the_first_stair_is_one_that_every_application_carries(limit, service_s, expected):
    assert first_stair(Goal(limit=limit), service_s) == expected


def endpoint(name="GET /x", requests=100, failed=0, ms=10.0, slow=0, slow_ms=5000.0):
    """An endpoint of `requests` answers of `ms`, `slow` of them of `slow_ms`."""
    histogram = Histogram()
    histogram.record_many([int(ms * 1000)] * (requests - slow) + [int(slow_ms * 1000)] * slow)
    return EndpointStats(name=name, requests=requests, failed=failed, response=histogram.to_data())


def why(*endpoints, exempt=(), dropped=0):
    def percentile(histogram, percent):
        return Histogram.from_data(histogram).percentile(percent)

    stats = LoadStats(endpoints=endpoints, generator=GeneratorStats(dropped_iterations=dropped))
    return broken(PLAN, stats, frozenset(exempt), percentile)


@pytest.mark.parametrize(
    "held",
    [
        [],
        [endpoint()],
        [endpoint(ms=499)],
        [endpoint(failed=1)],  # one failure alone is an accident
        [endpoint(requests=1000, failed=10)],  # 1 % is allowed
        [endpoint(slow=5)],  # p95 is within
        [endpoint(requests=ENOUGH - 1, slow=10)],  # too few to judge by a percentile
        [endpoint(requests=0)],
    ],
    ids=["nothing", "quick", "just within", "one failure", "1 %", "5 % slow", "rare", "silent"],
)
def test_a_stair_holds(held):
    assert why(*held) == ""


@pytest.mark.parametrize(
    ("endpoints", "says"),
    [
        ([endpoint(ms=520)], "GET /x: p(95) is 520 ms"),
        ([endpoint(slow=6)], "GET /x: p(95) is 4997 ms"),  # a histogram is off by less than 0.4 %
        ([endpoint(failed=2)], "GET /x: 2 of 100 requests failed"),
        ([endpoint(requests=1000, failed=11)], "GET /x: 11 of 1000 requests failed"),
        ([endpoint(), endpoint("GET /y", ms=900)], "GET /y"),
        ([endpoint(requests=ENOUGH - 1, ms=600)], "GET /x: half of its requests take more than 600 ms"),
    ],
    ids=["slow", "tail", "failures", "more than 1 %", "the second", "rare and slow"],
)
def test_a_stair_breaks_and_says_why(endpoints, says):
    assert why(*endpoints).startswith(says)


def test_arrivals_that_found_no_user_break_a_stair():
    assert why(endpoint(), dropped=7) == "7 arrivals found no free user"


def test_an_endpoint_that_was_slow_with_one_user_does_not_break_monday():
    assert why(endpoint(ms=900), exempt=["GET /x"]) == ""
    assert why(endpoint(requests=5, ms=900), exempt=["GET /x"]) == ""
    assert why(endpoint(ms=900), endpoint("GET /y", ms=900), exempt=["GET /x"]).startswith("GET /y")


def test_an_endpoint_that_failed_with_one_user_does_not_break_monday():
    assert why(endpoint(failed=100), endpoint("GET /y"), exempt=["GET /x"]) == ""


def test_a_stair_of_users_is_closed_load_and_one_of_a_rate_is_open():
    closed = phase_of(PLAN, Stair(users=7), 2, last=False)
    opened = phase_of(PLAN, Stair(rate=7.5), 3, last=False)
    assert (closed.executor, closed.vus, closed.name) == ("constant-vus", 7, "monday-2")
    assert (opened.executor, opened.rate, opened.name) == ("poisson-arrival-rate", 7.5, "monday-3")


def test_only_the_last_stair_takes_the_goal_s_duration():
    plan = RunPlan(load=PLAN.load, goal=Goal(limit=10, duration_s=60), stair_s=4)
    assert phase_of(plan, Stair(rate=5), 1, last=False).duration_s == 4
    assert phase_of(plan, Stair(rate=10), 2, last=True).duration_s == 60
