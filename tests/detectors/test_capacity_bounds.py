"""The capacity of a run with trials: from the run file to the document."""

import msgspec
import pytest
from builder import RunBuilder, answers, histogram

from nineam.diagnose.capacity import capacity
from nineam.diagnose.capacity_bounds import Objective, allowed_of, bounds, trial_of
from nineam.diagnose.capacity_fit import Trial
from nineam.diagnose.capacity_interval import narrowed
from nineam.diagnose.diagnosis import diagnose
from nineam.model import EndpointStats, GeneratorStats, LoadStats

FACTS = {"seconds": 8.0, "allowed": 0.05}
CLEAR = ((0.85, 0), (1.15, 0.9), (0.94, 0), (1.06, 0.6), (0.97, 0), (1.07, 0.7), (0.93, 0), (1.08, 0.8))
"""Parts of the capacity that trials had, and which share of their requests missed."""


def tick(endpoints, in_flight=0, wall_s=0.5, dropped=0):
    generator = GeneratorStats(
        requests=sum(each.requests for each in endpoints), wall_s=wall_s, cpu_s=0.05, in_flight=in_flight,
        slip=histogram(0.1, times=20), dropped_iterations=dropped,
    )  # fmt: skip
    return LoadStats(endpoints=tuple(endpoints), generator=generator)


def seen(name="GET /", requests=100, late=0, failed=0):
    """What clients saw: some answers after 900 ms, the others after 20."""
    answered = histogram(*([900.0] * late + [20.0] * (requests - late)))
    return EndpointStats(name=name, requests=requests, failed=failed, response=answered, service=answered)


# --- one trial ---


OBJECTIVE = Objective(500.0, 0.05)


def seconds_of(*ticks):
    return trial_of(50.0, ticks, 8.0, OBJECTIVE)


def test_the_first_quarter_is_not_counted():
    slow, fast = tick([seen(late=100)], wall_s=2.0), tick([seen()], wall_s=6.0)
    assert seconds_of(slow, fast) == Trial(50.0, 100, 0, came_out=50.0)


def test_answers_after_the_load_are_counted():
    late = tick([seen(requests=20, late=20)], wall_s=3.0)
    assert seconds_of(tick([seen()], wall_s=8.0), late) == Trial(50.0, 120, 20, came_out=50.0)


def test_the_endpoint_that_misses_most_is_judged():
    assert seconds_of(tick([seen("GET /a", late=2), seen("GET /b", late=30)], wall_s=8.0)).share == pytest.approx(0.3)


def test_rare_endpoints_are_judged_together():
    rare = [seen(f"GET /{number}", requests=20, late=number) for number in range(4)]
    assert seconds_of(tick(rare, wall_s=8.0)).share == pytest.approx(6 / 80)


def test_an_exempt_endpoint_is_left_aside():
    objective = OBJECTIVE._replace(exempt={"GET /slow"})
    stats = tick([seen("GET /slow", late=100), seen("GET /b")], wall_s=8.0)
    assert trial_of(50.0, [stats], 8.0, objective).missed == 0


def test_failures_are_allowed_a_hundredth():
    assert seconds_of(tick([seen(failed=1)], wall_s=8.0)).share == pytest.approx(0.01)
    assert seconds_of(tick([seen(requests=200, failed=4)], wall_s=8.0)).share == pytest.approx(0.1)


def test_arrivals_without_a_user_are_failures():
    assert seconds_of(tick([seen()], wall_s=8.0, dropped=25)).share == pytest.approx(1.0)


def test_a_trial_whose_requests_pile_up_fell_behind():
    keeps_up = seconds_of(tick([seen()], in_flight=5, wall_s=2.0), tick([seen()], in_flight=10, wall_s=6.0))
    piles_up = seconds_of(tick([seen()], in_flight=5, wall_s=2.0), tick([seen()], in_flight=40, wall_s=6.0))
    assert (keeps_up.behind, piles_up.behind) == (False, True)
    assert piles_up.came_out == pytest.approx(50 * 100 / 135)


def test_what_piles_up_must_be_a_part_of_what_was_sent():
    many = [tick([seen(requests=400)], in_flight=at, wall_s=wall) for at, wall in ((0, 2.0), (9, 6.0))]
    assert not trial_of(100.0, [many[0], many[1], tick([], 0, 1.0)], 8.0, OBJECTIVE).behind


@pytest.mark.parametrize(("percent", "allowed"), [(95, 0.05), (50, 0.5), (99.9, 0.001), (100, 0.001), (0, 0.5)])
def test_some_share_may_always_miss(percent, allowed):
    assert allowed_of(percent) == pytest.approx(allowed)


# --- all of them ---


def trials(*parts, rate=100.0):
    return [Trial(rate * part, 600, share * 600, behind=share > 0.5) for part, share in parts]


def test_trials_on_both_sides_confirm_the_ends():
    found = bounds(trials(*CLEAR), 0.05)
    assert found.confirmed
    assert not found.unknown
    assert found.low < 100 < found.high


def test_trials_that_contradict_an_end_widen_the_interval():
    inverted = ((0.90, 0.9), (1.0, 0), (0.92, 0.8), (1.08, 0.9), (1.02, 0), (0.91, 0.9))
    wide, narrow = bounds(trials(*inverted), 0.05), bounds(trials(*CLEAR), 0.05)
    assert wide.high / wide.low > 1.3 * narrow.high / narrow.low
    assert wide.low < 90
    assert wide.high > 100


def test_an_end_without_a_trial_near_it_is_not_confirmed():
    below = bounds(trials((0.85, 0), (0.95, 0), (0.90, 0), (0.92, 0), (0.97, 0)), 0.05)
    assert (below.confirmed_low, below.confirmed_high) == (False, False)


def test_three_trials_tell_nothing():
    assert bounds(trials(*CLEAR[:3]), 0.05).unknown == "only 3 trials were played"


def test_halves_that_are_far_apart_cannot_be_told():
    early = trials((0.9, 0), (1.1, 0.9), (0.95, 0), (1.05, 0.8), (0.97, 0), rate=100)
    late = trials((0.9, 0), (1.1, 0.9), (0.95, 0), (1.05, 0.8), (0.97, 0), rate=60)
    assert "it changed meanwhile" in bounds(early + late, 0.05).unknown


def test_what_came_out_much_less_lately_cannot_be_told_unless_the_lower_end_holds_again():
    drowned = Trial(79.0, 400, 380, behind=True, came_out=20.0)
    tired = [*trials((0.95, 0), (1.15, 0.9), (0.85, 0), (1.06, 0.7), rate=75), drowned]
    found = bounds(tired, 0.05)
    assert found.suspicious
    assert "20 came out" in found.unknown
    again = bounds([*tired, Trial(found.low, 400, 0)], 0.05)
    assert not again.suspicious
    assert not again.unknown


def test_trials_that_contradict_each_other_wildly_cannot_be_told():
    wild = ((0.6, 0.9), (1.5, 0), (0.7, 0.9), (1.4, 0), (0.8, 0.7), (1.2, 0))
    assert bounds(trials(*wild), 0.05).unknown


# --- in a run ---


def run_with(new_run, parts, rate=40.0, **meta) -> RunBuilder:
    run = new_run(capacity=FACTS, **meta).localhost().clients(answers("GET /", 40, 10.0))
    run.monday(1, 30).clients(answers("GET /", 120, 20.0))
    run.monday(2, 45, held=False).clients(answers("GET /", 180, 900.0))
    for number, (part, share) in enumerate(parts):
        run.phase("capacity", stair=3 + number, rate=rate * part, seconds=8.0, held=share <= 0.05)
        requests = round(rate * part * 6)
        run.clients(seen(requests=0), generator=GeneratorStats(wall_s=2.0))
        late = round(share * requests)
        run.clients(seen(requests=requests, late=late), generator=GeneratorStats(wall_s=6.0, slip=histogram(0.1)))
    return run


def test_trials_narrow_what_the_stairs_leave_open(new_run):
    picture = run_with(new_run, CLEAR).picture()
    climbed, found = capacity(picture), narrowed(picture, capacity(picture))
    assert (climbed.rate.low, climbed.rate.high) == (30, 45)
    assert 36 <= found.rate.low < 40 < found.rate.high <= 44
    assert (found.kind, found.trials, found.reason) == ("measured", 8, "")
    assert found.limited_by == climbed.limited_by
    assert found.users.low == pytest.approx(found.rate.low * 1.01, abs=1)


def test_a_run_without_trials_keeps_its_stairs(new_run):
    picture = run_with(new_run, ()).picture()
    assert narrowed(picture, capacity(picture)) == capacity(picture)


def test_what_cannot_be_told_is_not_ready_for_anything(new_run):
    drifting = [
        (part * by, share) for by in (1.0, 0.5) for part, share in ((0.9, 0), (1.1, 0.9), (0.95, 0), (1.05, 0.8))
    ]
    told, drifted = (diagnose(run_with(new_run, parts).read()).verdict for parts in (CLEAR, drifting))
    assert told.status == "ready"
    assert drifted.status == "not-proven"
    assert "it changed meanwhile" in drifted.sentence


def test_a_trial_that_was_cut_short_is_left_out(new_run):
    run = run_with(new_run, CLEAR).phase("capacity", stair=12, rate=10.0, held=None)
    run.clients(seen(late=100))
    picture = run.picture()
    assert narrowed(picture, capacity(picture)).trials == len(CLEAR)


def test_a_run_that_was_not_stationary_says_so_and_keeps_all_that_is_possible(new_run):
    drifting = [
        (part * by, share) for by in (1.0, 0.5) for part, share in ((0.9, 0), (1.1, 0.9), (0.95, 0), (1.05, 0.8))
    ]
    picture = run_with(new_run, drifting).picture()
    found = narrowed(picture, capacity(picture))
    assert found.kind == "cannot-tell"
    assert "it changed meanwhile" in found.reason
    assert found.rate.low <= 30
    assert found.rate.high >= 45


def test_trials_of_a_generator_that_cannot_be_believed_tell_nothing(new_run):
    run = run_with(new_run, ())
    for number in range(6):
        run.phase("capacity", stair=3 + number, rate=40.0, seconds=8.0)
        run.clients(seen(), generator=GeneratorStats(wall_s=8.0, cpu_s=7.9, busiest_cpu_s=7.9))
    picture = run.picture()
    found = narrowed(picture, capacity(picture))
    assert found.kind == "cannot-tell"
    assert "the generator used" in found.reason


def test_rates_of_journeys_are_given_in_requests(new_run):
    run = new_run(capacity=FACTS, unit="journeys").localhost().clients(answers("GET /", 40, 10.0))
    run.monday(1, 8, held=False).clients(answers("GET /", 120, 900.0))
    for number, (part, share) in enumerate(CLEAR):
        run.phase("capacity", stair=2 + number, rate=10 * part, seconds=8.0)
        requests = 240
        generator = GeneratorStats(wall_s=8.0, slip=histogram(0.1, times=80))
        run.clients(seen(requests=requests, late=round(share * requests)), generator=generator)
    picture = run.picture()
    found = narrowed(picture, capacity(picture))
    assert found.rate.low < 30 < (found.rate.high or 0)


def test_trials_change_nothing_else_that_is_said(new_run):
    """Stairs, blame and findings are of Monday alone."""
    with_trials, without = diagnose(run_with(new_run, CLEAR).read()), diagnose(run_with(new_run, ()).read())
    assert with_trials.stairs == without.stairs
    assert with_trials.blame == without.blame
    assert with_trials.capacity != without.capacity
    assert msgspec.json.encode(with_trials.monday) == msgspec.json.encode(without.monday)
