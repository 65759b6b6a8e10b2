"""Ticks add up to longer ones; nothing is lost, and phases are never mixed."""

import itertools

import intervals
from hypothesis import given
from hypothesis import strategies as st

from nineam.gathering import gather

LENGTHS = st.lists(st.tuples(st.integers(1, 3), st.floats(0.05, 3.0)), max_size=40)


@given(LENGTHS, st.floats(0.1, 10.0))
def test_requests_and_seconds_add_up_and_phases_stay_apart(lengths, seconds):
    ticks = [
        intervals.tick(number, intervals.endpoint(), stair=stair, seconds=length)
        for number, (stair, length) in enumerate(lengths)
    ]
    gathered = list(gather(ticks, seconds))
    for stair in (1, 2, 3):
        before, after = ([each for each in part if each.stair == stair] for part in (ticks, gathered))
        assert abs(sum(each.seconds for each in before) - sum(each.seconds for each in after)) < 1e-6
        assert 3 * len(before) == sum(each.stats.endpoints[0].requests for each in after)
    assert [each.at_s for each in gathered] == sorted(each.at_s for each in gathered)


@given(LENGTHS, st.floats(0.1, 10.0))
def test_only_the_last_of_a_phase_is_short(lengths, seconds):
    ticks = [intervals.tick(n, stair=stair, seconds=length) for n, (stair, length) in enumerate(lengths)]
    gathered = list(gather(ticks, seconds))
    for one, following in itertools.pairwise(gathered):
        assert one.stair != following.stair or one.seconds >= 0.9 * seconds


def test_half_seconds_become_seconds_with_the_most_users():
    found = list(gather([intervals.tick(1, vus=4), intervals.tick(2, vus=9), intervals.tick(3, vus=0)], 1.0))
    assert [(each.at_s - intervals.BEGAN_S, each.seconds, each.vus) for each in found] == [(1.0, 1.0, 9), (1.5, 0.5, 0)]
