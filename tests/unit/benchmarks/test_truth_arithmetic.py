"""What an open observer must see, computed by hand and by rule."""

import itertools

import pytest
from benchmarks.truth import (
    Freeze,
    Served,
    earliest_start,
    ideal_latencies,
    lateness,
    mean_service_s,
    off_by,
    paired_latencies,
    percentile,
    service_times,
)
from hypothesis import given
from hypothesis import strategies as st

NEVER = Freeze(1e9, 1e9)
SECOND = 1_000_000_000


def test_without_a_freeze_an_observer_sees_the_service_times():
    assert ideal_latencies(10, 0.5, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], NEVER) == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])


def test_who_arrives_in_the_freeze_waits_for_its_end_and_then_for_service():
    seen = ideal_latencies(1, 4, itertools.repeat(0.25), Freeze(1.5, 3.25))
    assert seen == pytest.approx([0.25, 0.25, 1.25 + 0.25, 0.25 + 0.25])


def test_what_would_be_answered_in_the_freeze_is_answered_at_its_end():
    assert ideal_latencies(1, 2, [0.1, 0.75], Freeze(1.5, 3.5)) == pytest.approx([0.1, 2.5])


@given(
    rate=st.integers(1, 500),
    begin=st.floats(0, 5),
    length=st.floats(0, 3),
    services=st.lists(st.floats(0, 2), min_size=1, max_size=50),
)
def test_a_freeze_never_makes_anything_faster_nor_slower_than_its_length_twice(rate, begin, length, services):
    seconds = len(services) / rate
    calm = ideal_latencies(rate, seconds, services, NEVER)
    frozen = ideal_latencies(rate, seconds, services, Freeze(begin, begin + length))
    assert len(calm) == len(frozen)
    assert all(a <= b + 1e-9 and b <= a + length + 1e-6 for a, b in zip(calm, frozen, strict=True))


def test_service_times_are_the_same_for_the_same_seed_and_as_distributed_as_asked():
    drawn = list(itertools.islice(service_times(3, 0.005, 0.05), 50_000))
    assert drawn == list(itertools.islice(service_times(3, 0.005, 0.05), 50_000))
    assert percentile(drawn, 50) == pytest.approx(0.005, rel=0.05)
    assert percentile(drawn, 99) == pytest.approx(0.05, rel=0.1)
    assert sum(drawn) / len(drawn) == pytest.approx(mean_service_s(0.005, 0.05), rel=0.05)


def served(*pairs: tuple[int, int, int]) -> list[Served]:
    return [Served(*pair) for pair in pairs]


def test_requests_are_paired_by_their_number_in_whatever_order_they_were_answered():
    log = served((1, 7 * SECOND, 9 * SECOND), (0, 5 * SECOND, 10 * SECOND))
    assert paired_latencies(5 * SECOND, 0.5, log) == [5.0, 2.0]


@pytest.mark.parametrize("numbers", [(0, 2), (0, 0, 1), (1, 2)])
def test_a_missing_or_repeated_number_is_refused(numbers):
    with pytest.raises(ValueError, match="was expected"):
        paired_latencies(0, 1, [Served(number, number * SECOND, number * SECOND) for number in numbers])


def test_a_request_that_was_read_before_it_was_intended_is_refused():
    with pytest.raises(ValueError, match=r"too early"):
        paired_latencies(0, 1, served((0, 0, 1), (1, SECOND - 1, SECOND)))


def test_a_start_that_nobody_noted_is_the_latest_that_makes_no_request_early():
    log = served((0, 105, 300), (1, SECOND + 100, SECOND + 300), (2, 2 * SECOND + 120, 2 * SECOND + 400))
    assert earliest_start(1, log) == 100
    assert lateness(100, 1, log) == pytest.approx([5e-9, 0, 20e-9], abs=1e-12)
    assert len(paired_latencies(100, 1, log)) == 3


@pytest.mark.parametrize(("percent", "value"), [(0, 1), (50, 5), (95, 10), (90, 9), (100, 10)])
def test_percentiles_are_those_of_nearest_rank(percent, value):
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], percent) == value


def test_the_error_is_relative_to_the_truth():
    assert off_by(103, 100) == pytest.approx(0.03)
    assert off_by(50, 100) == pytest.approx(-0.5)
