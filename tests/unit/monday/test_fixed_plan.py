"""An explicit plan: the one phase it is, the stair it stands for, and the thresholds that may stop it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.histogram import Histogram
from nineam.load.thresholds import parse
from nineam.model import EndpointStats, LoadPlan, LoadStats, RampStage, Scenario
from nineam.monday.aborting import failed, spoken
from nineam.monday.fixed import is_bounded_by_work, phase_of_plan, stair_of
from nineam.monday.plan import Abort, RunPlan, Stair

RAMP = (RampStage(duration_s=10, target=20), RampStage(duration_s=10, target=0))
CLOSED = Scenario(name="closed", executor="ramping-vus", start_vus=0, stages=RAMP)
OPEN = Scenario(name="open", executor="ramping-arrival-rate", start_rate=0, stages=RAMP)
REPLAY = Scenario(name="log", executor="replay", duration_s=8, rate=3)
WORK = Scenario(name="work", executor="shared-iterations", vus=4, iterations=100)


@pytest.mark.parametrize(
    ("scenarios", "stair"),
    [
        ((CLOSED,), Stair(users=20)),
        ((OPEN,), Stair(rate=10)),
        ((REPLAY,), Stair(rate=3)),
        ((WORK,), Stair(users=4)),
        ((CLOSED, OPEN), Stair(users=20)),
        ((CLOSED, WORK), Stair(users=24)),
        ((OPEN, Scenario(executor="constant-arrival-rate", start_s=20, duration_s=20, rate=30)), Stair(rate=20)),
    ],
)
def test_a_plan_stands_for_its_most_users_or_its_mean_rate(scenarios, stair):
    assert stair_of(scenarios) == stair


def test_a_plan_is_one_phase_as_long_as_its_last_scenario():
    late = Scenario(name="late", executor="constant-vus", start_s=30, duration_s=5, graceful_stop_s=1)
    phase = phase_of_plan((CLOSED, late))
    assert (phase.duration_s, phase.scenarios) == (35, (CLOSED, late))


@given(st.lists(st.sampled_from([CLOSED, OPEN, REPLAY, WORK]), min_size=1, max_size=5))
def test_every_plan_is_some_load(scenarios):
    stair = stair_of(tuple(scenarios))
    assert bool(stair.users) != bool(stair.rate)


def test_only_iterations_are_over_when_their_work_is_done():
    assert is_bounded_by_work((WORK,))
    assert not is_bounded_by_work((WORK, CLOSED))


def stats(requests=10, bad=0, ms=10):
    histogram = Histogram()
    histogram.record_many([ms * 1000] * requests)
    return LoadStats(
        endpoints=(EndpointStats(name="GET /", requests=requests, failed=bad, response=histogram.to_data()),)
    )


def stopped(text, counted, at_s=3.0, delay_s=0.0, scenarios=()):
    abort = Abort(threshold=parse(text), delay_s=delay_s)
    return failed(RunPlan(load=LoadPlan(base_url=""), aborts=(abort,), scenarios=scenarios), counted, at_s, 1)


def test_a_threshold_that_fails_stops_the_load_and_says_when():
    result = stopped("http_req_failed rate<0.1", stats(bad=2))
    assert spoken(result) == "the load was stopped after 3.0 s: http_req_failed rate<0.1 failed (0.2)"


def test_a_threshold_that_holds_stops_nothing():
    assert stopped("http_req_failed rate<0.1", stats(bad=0)) is None


def test_a_threshold_is_not_asked_before_its_delay_is_over():
    assert stopped("p(95)<5", stats(), at_s=9.9, delay_s=10) is None
    assert stopped("p(95)<5", stats(), at_s=10, delay_s=10) is not None


@pytest.mark.parametrize("text", ["http_reqs rate>10", "p(95)<5", "checks rate>0.5", "iterations count>5"])
def test_silence_stops_nothing(text):
    assert stopped(text, LoadStats()) is None


def test_the_only_scenario_may_be_named():
    assert stopped("http_req_duration{scenario:log} p(95)<5", stats(), scenarios=(REPLAY,)) is not None
