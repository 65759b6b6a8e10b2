"""Where trials at several loads say that the capacity lies."""

import math
import random

import pytest

from nineam.diagnose.capacity_fit import Trial, cumulative, density, fit, held, logit

ALLOWED = 0.05


def trial(rate, share, requests=600, *, behind=False):
    return Trial(rate, requests, share * requests, behind)


def test_the_capacity_is_where_the_allowed_share_misses():
    steep = 0.05
    shares = {
        rate: 1 / (1 + math.exp(-(logit(ALLOWED) + math.log(rate / 100) / steep))) for rate in (90, 96, 100, 104, 110)
    }
    found = fit([trial(rate, share) for rate, share in shares.items()], ALLOWED)
    assert found.best == pytest.approx(100, rel=0.03)
    assert found.low < 100 < found.high
    assert found.ratio < 1.15


def test_trials_that_saw_no_miss_or_nothing_but_misses_say_on_which_side_it_lies():
    found = fit([trial(90, 0.0), trial(95, 0.0), trial(105, 1.0), trial(110, 1.0)], ALLOWED)
    assert 95 <= found.best <= 105


def test_one_disturbed_trial_among_many_does_not_carry_the_others_away():
    good = [trial(rate, 0.0) for rate in (85, 90, 95, 97)] + [trial(rate, 1.0) for rate in (103, 105, 110, 115)]
    assert fit([*good, trial(80, 1.0)], ALLOWED).best == pytest.approx(fit(good, ALLOWED).best, rel=0.06)


def test_what_fell_behind_was_too_much_however_few_missed_yet():
    held_all = [trial(90, 0.0), trial(100, 0.0), trial(110, 0.0), trial(120, 0.0)]
    behind = [trial(90, 0.0), trial(100, 0.0), trial(110, 0.01, behind=True), trial(120, 0.02, behind=True)]
    assert fit(held_all, ALLOWED).low > 110
    assert fit(behind, ALLOWED).high < 118


def test_loads_that_were_never_enough_leave_the_upper_end_open():
    found = fit([trial(rate, 0.0) for rate in (85, 95, 105, 115)], ALLOWED)
    assert found.best > 115
    assert found.ratio > 1.2


def test_the_interval_is_wider_when_trials_contradict_each_other():
    calm = [trial(90, 0.0), trial(97, 0.0), trial(103, 1.0), trial(110, 1.0)]
    wild = [trial(90, 1.0), trial(97, 0.0), trial(103, 1.0), trial(110, 0.0)]
    assert fit(wild, ALLOWED).ratio > 1.25 * fit(calm, ALLOWED).ratio


def test_nine_tenths_of_the_intervals_hold_the_capacity():
    chance, inside = random.Random(7), 0
    for _ in range(60):
        trials = []
        for rate in (85, 90, 95, 100, 105, 110, 115):
            odds = logit(ALLOWED) + (math.log(rate / 100) - chance.gauss(0, 0.03)) / 0.03
            trials.append(trial(rate, 1 / (1 + math.exp(-odds))))
        found = fit(trials, ALLOWED)
        inside += found.low <= 100 <= found.high
    assert inside >= 48


@pytest.mark.parametrize("rate", [0.5, 5.0, 50_000.0])
def test_the_fit_knows_no_unit(rate):
    found = fit(
        [trial(rate * part, share) for part, share in ((0.9, 0.0), (0.97, 0.0), (1.03, 1.0), (1.1, 1.0))], ALLOWED
    )
    assert found.best == pytest.approx(rate, rel=0.05)


@pytest.mark.parametrize("requests", [0, 1, 5])
def test_hardly_any_requests_break_nothing(requests):
    trials = [Trial(rate, requests, float(requests // 2)) for rate in (1.0, 2.0)]
    assert 0 < fit(trials, ALLOWED).best < 10


def test_a_trial_holds_when_at_most_the_allowed_share_misses_and_it_kept_up():
    assert held(trial(10, 0.05), ALLOWED)
    assert not held(trial(10, 0.06), ALLOWED)
    assert not held(trial(10, 0.0, behind=True), ALLOWED)


def test_the_distribution_is_student_s_with_four_degrees_of_freedom():
    assert cumulative(0) == 0.5
    assert cumulative(2.776445) == pytest.approx(0.975, abs=1e-6)  # from a table
    assert cumulative(-2.131847) == pytest.approx(0.05, abs=1e-6)
    step = 1e-4
    assert (cumulative(1 + step) - cumulative(1 - step)) / (2 * step) == pytest.approx(density(1), rel=1e-6)
