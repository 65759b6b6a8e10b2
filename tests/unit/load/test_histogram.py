import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.histogram import LARGEST, Histogram, bucket_of, middle_of
from nineam.model import HistogramData

DURATIONS = st.integers(min_value=0, max_value=3_600_000_000)
MANY = st.lists(DURATIONS, min_size=1, max_size=300)
PERCENT = st.floats(min_value=0, max_value=100)


def recorded(values):
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return histogram


def same(first, second):
    one, two = first.to_data(), second.to_data()
    return (one.counts, one.count, one.min, one.max) == (two.counts, two.count, two.min, two.max) and math.isclose(
        one.total, two.total, rel_tol=1e-9, abs_tol=1e-9
    )


@given(MANY, st.lists(st.integers(0, 3), min_size=1))
def test_merged_shards_equal_one_histogram_that_saw_everything(values, shards):
    parts = [Histogram() for _ in range(4)]
    for index, value in enumerate(values):
        parts[shards[index % len(shards)]].record(value)
    merged = Histogram()
    for part in parts:
        merged.merge(part)
    assert same(merged, recorded(values))


@given(MANY, PERCENT)
def test_a_percentile_is_within_one_percent_of_the_sorted_list(values, percent):
    true = sorted(values)[max(1, math.ceil(percent / 100 * len(values))) - 1]
    assert abs(recorded(values).percentile(percent) - true) <= max(0.5, true * 0.01)


@given(MANY, PERCENT)
def test_a_percentile_never_leaves_the_range_of_what_was_recorded(values, percent):
    assert min(values) <= recorded(values).percentile(percent) <= max(values)


@given(MANY, PERCENT, PERCENT)
def test_percentiles_never_fall_as_the_percent_rises(values, one, other):
    histogram = recorded(values)
    assert histogram.percentile(min(one, other)) <= histogram.percentile(max(one, other))


@given(MANY)
def test_recording_many_equals_recording_each(values):
    many = Histogram()
    many.record_many(values)
    assert same(many, recorded(values))


@given(MANY)
def test_a_histogram_survives_being_put_to_rest_as_json(values):
    data = msgspec.json.decode(msgspec.json.encode(recorded(values).to_data()), type=HistogramData)
    assert same(Histogram.from_data(data), recorded(values))


@given(DURATIONS, DURATIONS)
def test_buckets_keep_the_order_of_values(one, other):
    assert bucket_of(min(one, other)) <= bucket_of(max(one, other))


@given(st.integers(0, LARGEST))
def test_the_middle_of_a_bucket_lies_in_that_bucket(value):
    bucket = bucket_of(value)
    assert bucket_of(int(middle_of(bucket))) == bucket


def test_an_empty_histogram_answers_zero_to_everything():
    histogram = Histogram()
    assert (histogram.percentile(99), histogram.mean(), histogram.max, histogram.to_data()) == (
        0,
        0,
        0,
        HistogramData(),
    )


def test_the_mean_is_exact():
    assert recorded([1000, 2000, 3000.5]).mean() == pytest.approx(2000.1666667)


def test_memory_is_bounded_whatever_is_recorded():
    histogram = Histogram()
    histogram.record_many([2**power + step * 2**power // 500 for power in range(120) for step in range(500)])
    assert len(histogram.counts) < 14_000


def test_what_is_larger_than_all_buckets_keeps_its_exact_maximum():
    histogram = recorded([10, LARGEST * 4])
    assert histogram.percentile(100) == LARGEST * 4


def test_durations_before_the_clock_count_as_zero():
    histogram = Histogram()
    for values in ([-724, 300], [-3, 70_000], [-2, -1]):
        histogram.record_many(values)
    assert same(histogram, recorded([0, 300, 0, 70_000, 0, 0]))


SIGNED = st.lists(st.floats(-1e33, 1e33) | st.floats(-1e6, 1e6), min_size=1, max_size=200)


def kept(values):
    histogram = Histogram()
    for value in values:
        histogram.record_signed(value)
    return histogram


@given(SIGNED, PERCENT)
def test_values_that_are_no_durations_may_be_large_and_negative(values, percent):
    true = sorted(values)[max(1, math.ceil(percent / 100 * len(values))) - 1]
    found = Histogram.from_data(msgspec.json.decode(msgspec.json.encode(kept(values).to_data()), type=HistogramData))
    assert abs(found.percentile(percent) - true) <= max(1, abs(true) * 0.01)
    assert (found.min, found.max) == (min(values), max(values))


@given(SIGNED, SIGNED)
def test_negative_values_merge_as_others_do(one, other):
    merged = kept(one)
    merged.merge(kept(other))
    assert merged.counts == kept([*one, *other]).counts
    assert (merged.min, merged.max) == (min(*one, *other, one[0]), max(*one, *other, one[0]))


def test_zeros_are_counted_without_being_recorded_one_by_one():
    histogram = recorded([100])
    histogram.record_zeros(99)
    assert (histogram.count, histogram.percentile(99), histogram.percentile(100), histogram.mean()) == (100, 0, 100, 1)


def test_clearing_forgets_everything():
    histogram = recorded([5, 6])
    histogram.clear()
    assert histogram.to_data() == HistogramData()
