import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.load import schedule
from nineam.load.schedule import Part
from nineam.model import RampStage, Scenario

MS = 1_000_000
SHARDS = st.integers(1, 9)


def phase(**changes):
    return Scenario(**{"name": "monday", "executor": "constant-arrival-rate", "duration_s": 1.0, **changes})


def parts(shards):
    return [Part(shard, shards) for shard in range(shards)]


def ramp(*stages):
    return tuple(RampStage(duration_s=duration_s, target=target) for duration_s, target in stages)


@pytest.mark.parametrize(
    ("rate", "duration_s", "expected_ms"),
    [
        (4, 1.0, [0, 250, 500, 750]),
        (2, 1.0, [0, 500]),
        (10, 0.25, [0, 100, 200]),
        (0.5, 5, [0, 2000, 4000]),
        (5, 0.2, [0]),
        (10 / 6, 3, [0, 600, 1200, 1800, 2400]),
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


@given(SHARDS, st.integers(0, 9))
def test_the_draws_of_all_shards_are_the_draws_of_one(shards, seed):
    def drawn(part, many):
        draws = schedule.Weighted("abcd", [4, 3, 2, 1], schedule.source(seed, "what"), part)
        return [draws.draw() for _ in range(many)]

    whole = drawn(schedule.WHOLE, 60)
    for part in parts(shards):
        assert drawn(part, part.share(60)) == list(part.stripe(whole))


# --- ramps of arrivals ---


@pytest.mark.parametrize(
    ("start_rate", "stages", "expected_ms"),
    [
        (0, [(2, 2)], [0, 1414.213562]),
        (2, [(2, 0)], [0, 585.786438]),
        (4, [(1, 4)], [0, 250, 500, 750]),
        (0, [(0, 4), (1, 4)], [0, 250, 500, 750]),
        (0, [(10, 0), (0, 2), (1, 2)], [10_000, 10_500]),
        (1, [(1.5, 1), (0, 2), (1, 2)], [0, 1000, 1750, 2250]),
        (2, [(0, 4), (0.5, 4), (1, 0), (0.5, 4)], [0, 250, 500, 792.893219, 1500]),
        (0, [(5, 0)], []),
    ],
)
def test_a_ramping_arrival_is_where_the_integral_of_the_rate_passes_its_number(start_rate, stages, expected_ms):
    ramping = phase(executor="ramping-arrival-rate", start_rate=start_rate, stages=ramp(*stages))
    assert list(schedule.arrivals(ramping, seed=1)) == [pytest.approx(ms * MS, abs=1) for ms in expected_ms]


def rate_at(scenario, seconds):
    """The integral of the rate until an instant, by its definition."""
    total, now, rate = 0.0, 0.0, scenario.start_rate
    for stage in scenario.stages:
        inside = min(stage.duration_s, max(0.0, seconds - now))
        growth = (stage.target - rate) / stage.duration_s if stage.duration_s else 0
        total += rate * inside + growth * inside**2 / 2
        now, rate = now + stage.duration_s, stage.target
    return total


STAGES = st.lists(
    st.tuples(st.integers(0, 40).map(lambda tenths: tenths / 10), st.integers(0, 60)), min_size=1, max_size=5
)


@given(st.integers(0, 60), STAGES)
def test_every_ramp_has_as_many_arrivals_as_its_integral_and_each_at_its_place(start_rate, stages):
    scenario = phase(executor="ramping-arrival-rate", start_rate=start_rate, stages=ramp(*stages))
    found = list(schedule.arrivals(scenario, 1))
    whole = rate_at(scenario, sum(stage.duration_s for stage in scenario.stages))
    assert len(found) - whole == pytest.approx(0.5, abs=0.5 + 1e-6)
    assert found == sorted(found)
    for number, offset in enumerate(found):
        assert rate_at(scenario, offset / 1e9) == pytest.approx(number, abs=1e-4)


@pytest.mark.parametrize(("rate", "seconds"), [(60, 4.0), (7, 3.0), (0.1, 4.0)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_poisson_arrivals_are_as_many_as_the_rate_says(rate, seconds, seed):
    """A phase of 60 arrivals a second has 60 a second, whatever the seed."""
    scenario = phase(executor="poisson-arrival-rate", rate=rate, duration_s=seconds)
    offsets = list(schedule.arrivals(scenario, seed))
    assert len(offsets) == max(1, round(rate * seconds))
    assert offsets == sorted(offsets)
    assert 0 <= offsets[0] <= offsets[-1] < seconds * 1e9


def test_poisson_arrivals_follow_the_stages():
    stages = ramp((50, 1000), (50, 1000), (0, 100), (50, 100))
    scenario = phase(executor="poisson-arrival-rate", stages=stages)
    found = list(schedule.arrivals(scenario, 3))
    parts = [sum(1 for offset in found if begin <= offset / 1e9 < begin + 50) for begin in (0, 50, 100)]
    assert parts == [pytest.approx(expected, rel=0.05) for expected in (25_000, 50_000, 5_000)]
    assert found == sorted(found)
    assert found[-1] < 150e9


# --- ramps of users ---


@pytest.mark.parametrize(
    ("start_vus", "stages", "expected"),
    [
        (0, [(2, 2)], [(1000, 0, True), (2000, 1, True)]),
        (2, [(2, 0)], [(0, 0, True), (0, 1, True), (1000, 1, False), (2000, 0, False)]),
        (
            1, [(5, 1), (0, 3), (2, 1)],
            [(0, 0, True), (5000, 1, True), (5000, 2, True), (6000, 2, False), (7000, 1, False)],
        ),
        (1, [(0, 0), (1, 1)], [(0, 0, True), (0, 0, False), (1000, 0, True)]),
        (0, [(10, 0)], []),
    ],
)  # fmt: skip
def test_users_come_when_the_ramp_reaches_their_number_and_go_last_in_first_out(start_vus, stages, expected):
    ramping = phase(executor="ramping-vus", start_vus=start_vus, stages=ramp(*stages))
    assert [(offset / MS, vu, on) for offset, vu, on in schedule.changes(ramping)] == expected


@given(st.integers(0, 30), STAGES)
def test_after_every_stage_there_are_as_many_users_as_its_target(start_vus, stages):
    ramping = phase(executor="ramping-vus", start_vus=start_vus, stages=ramp(*stages))
    changes = list(schedule.changes(ramping))
    assert [change.offset_ns for change in changes] == sorted(change.offset_ns for change in changes)
    here = set()
    for change in changes:
        assert (change.vu in here) is not change.on
        here ^= {change.vu}
        assert here == set(range(len(here)))
    assert len(here) == stages[-1][1]


# --- shards: the parts together are exactly the whole ---


def exactly_the_whole(take, shards):
    return Counter(itertools.chain.from_iterable(map(take, parts(shards)))) == Counter(take(schedule.WHOLE))


@given(
    st.sampled_from(["constant-arrival-rate", "ramping-arrival-rate", "poisson-arrival-rate", "sessions"]),
    st.integers(0, 80), STAGES, SHARDS, st.integers(1, 5), st.integers(0, 5),
)  # fmt: skip
def test_the_arrivals_of_all_shards_are_the_arrivals_of_one(executor, rate, stages, shards, max_vus, seed):
    staged = {} if executor == "constant-arrival-rate" else {"stages": ramp(*stages), "start_rate": rate}
    scenario = phase(executor=executor, rate=rate, max_vus=max_vus, **staged)
    assert exactly_the_whole(lambda part: schedule.arrivals(scenario, seed, part), shards)
    for part in parts(shards):
        may_have_users = schedule.our_arrivals(scenario, part).share(max_vus)
        assert may_have_users or not list(schedule.arrivals(scenario, seed, part))
    assert sum(schedule.our_arrivals(scenario, part).share(max_vus) for part in parts(shards)) == max_vus


@given(st.integers(1, 200), st.floats(0, 3), SHARDS)
def test_the_users_of_all_shards_start_as_the_users_of_one(vus, think_s, shards):
    scenario = phase(executor="constant-vus", vus=vus, think_s=think_s, duration_s=5)
    assert exactly_the_whole(lambda part: schedule.starts(scenario, part), shards)


@given(st.integers(0, 30), STAGES, SHARDS)
def test_the_changes_of_all_shards_are_the_changes_of_one(start_vus, stages, shards):
    scenario = phase(executor="ramping-vus", start_vus=start_vus, stages=ramp(*stages))
    assert exactly_the_whole(lambda part: schedule.changes(scenario, part), shards)
    owners = [{change.vu for change in schedule.changes(scenario, part)} for part in parts(shards)]
    assert sum(map(len, owners)) == len(set().union(*owners))


@given(st.integers(1, 100), st.integers(1, 1000), SHARDS)
def test_iterations_and_users_are_split_without_a_rest(vus, iterations, shards):
    scenario = phase(executor="shared-iterations", vus=vus, iterations=iterations)
    shares = [schedule.shared_iterations(scenario, part) for part in parts(shards)]
    users = [part.share(vus) for part in parts(shards)]
    assert (sum(shares), sum(users)) == (iterations, vus)
    assert max(users) - min(users) <= 1
    assert all(users[shard] or not shares[shard] for shard in range(shards))
