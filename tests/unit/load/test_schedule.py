import itertools
from collections import Counter

import pytest

from nineam.load import schedule
from nineam.model import Phase

MS = 1_000_000


def phase(**changes):
    return Phase(**{"name": "monday", "executor": "constant-arrival-rate", "duration_s": 1.0, **changes})


@pytest.mark.parametrize(
    ("rate", "duration_s", "expected_ms"),
    [
        (4, 1.0, [0, 250, 500, 750]),
        (2, 1.0, [0, 500]),
        (10, 0.25, [0, 100, 200]),
        (0.5, 5, [0, 2000, 4000]),
        (0, 5, []),
        (-1, 5, []),
    ],
)
def test_constant_arrivals_are_evenly_spaced_from_the_start(rate, duration_s, expected_ms):
    offsets = list(schedule.arrivals(phase(rate=rate, duration_s=duration_s), seed=1))
    assert offsets == [round(ms * MS) for ms in expected_ms]


def test_constant_arrivals_do_not_drift():
    offsets = list(schedule.arrivals(phase(rate=3000, duration_s=100.0), seed=1))
    assert len(offsets) == 300_000
    assert offsets[299_999] == round(299_999 / 3000 * 1e9)


def test_poisson_arrivals_have_the_rate_and_the_variation_of_a_poisson_process():
    offsets = list(schedule.arrivals(phase(executor="poisson-arrival-rate", rate=1000, duration_s=100.0), seed=7))
    gaps = [later - earlier for earlier, later in itertools.pairwise(offsets)]
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert mean == pytest.approx(1 * MS, rel=0.02)
    assert deviation / mean == pytest.approx(1.0, rel=0.03)
    assert offsets == sorted(offsets)
    assert offsets[-1] < 100e9


def test_the_same_seed_gives_the_same_arrivals_and_another_seed_others():
    poisson = phase(executor="poisson-arrival-rate", rate=50)
    assert list(schedule.arrivals(poisson, 1)) == list(schedule.arrivals(poisson, 1))
    assert list(schedule.arrivals(poisson, 1)) != list(schedule.arrivals(poisson, 2))


@pytest.mark.parametrize(
    ("vus", "think_s", "duration_s", "expected_ms"),
    [
        (4, 1.0, 10, [0, 250, 500, 750]),
        (1, 1.0, 10, [0]),
        (4, 0.0, 10, [0, 1, 2, 3]),
        (1000, 0.0, 1, [index * 0.1 for index in range(1000)]),
    ],
)
def test_users_start_spread_over_one_think_time(vus, think_s, duration_s, expected_ms):
    closed = phase(executor="constant-vus", vus=vus, think_s=think_s, duration_s=duration_s)
    assert schedule.starts(closed) == [round(ms * MS) for ms in expected_ms]


def test_think_times_lie_between_half_and_one_and_a_half_of_their_mean():
    choice = schedule.source(1, "think")
    times = [schedule.think_ns(2.0, choice) for _ in range(5000)]
    assert min(times) >= 1e9
    assert max(times) <= 3e9
    assert sum(times) / len(times) == pytest.approx(2e9, rel=0.02)


def test_items_are_drawn_in_proportion_to_their_weights():
    draws = schedule.Weighted("abc", [6, 3, 1], schedule.source(1))
    counts = Counter(draws.draw() for _ in range(20_000))
    assert [counts[item] / 20_000 for item in "abc"] == pytest.approx([0.6, 0.3, 0.1], abs=0.015)


def test_an_item_of_weight_zero_is_never_drawn():
    draws = schedule.Weighted("ab", [1, 0], schedule.source(1))
    assert {draws.draw() for _ in range(100)} == {"a"}


def test_in_turn_visits_everything_before_it_begins_again():
    draws = schedule.Weighted("abc", [9, 1, 1], schedule.source(1))
    assert [draws.in_turn() for _ in range(7)] == list("abcabca")


def test_the_same_seed_draws_the_same_sequence():
    one, other = (schedule.Weighted("abc", [1, 1, 1], schedule.source(3, "what")) for _ in range(2))
    assert [one.draw() for _ in range(50)] == [other.draw() for _ in range(50)]
