"""Numbers as reports and as k6 write them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.report import k6_numbers, numbers


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0 ms"),
        (0.4123, "0.412 ms"),
        (6.2, "6.2 ms"),
        (41.26, "41.3 ms"),
        (999.6, "1000 ms"),
        (2314.7, "2310 ms"),
        (9999.0, "10000 ms"),
        (12_440.0, "12.4 s"),
        (-3.0, "-3 ms"),
        (None, "-"),
        (math.nan, "-"),
        (math.inf, "-"),
    ],
)
def test_milliseconds_have_three_digits_and_become_seconds_at_ten(value, expected):
    assert numbers.milliseconds(value) == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0, "0%"), (0.00001, "<0.01%"), (0.031, "3.1%"), (0.8333, "83.3%"), (0.99999, ">99.9%"), (1, "100%"), (None, "-")],
)
def test_a_percentage_is_never_rounded_to_none_or_all(share, expected):
    assert numbers.percent(share) == expected


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_no_number_is_ever_written_with_an_exponent_or_more_than_three_digits(value):
    written = numbers.short(value)
    assert "e" not in written
    assert "nan" not in written
    assert "inf" not in written
    if 1e-3 < abs(value) < 1e12:
        digits = written.strip("-").replace(".", "").lstrip("0").rstrip("0")
        assert len(digits) <= 3


def test_a_load_names_only_what_is_known():
    assert numbers.load(40.0, 44) == "40 req/s ~ 44 people"
    assert numbers.load(None, 1) == "1 person"
    assert numbers.load(20.0, None) == "20 req/s"
    assert numbers.load(None, None) == "-"


def test_an_open_interval_says_at_least():
    assert numbers.interval(40.0, None, "req/s") == "at least 40 req/s"
    assert numbers.interval(14.1, 20.0, "req/s") == "14.1 to 20 req/s"
    assert numbers.interval(20.0, 20.0, "req/s") == "20 req/s"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0s"),
        (0.0000123, "12.3ns"),
        (0.0738, "73.8µs"),
        (6.2097, "6.2ms"),
        (61.349, "61.34ms"),
        (2314.72, "2.31s"),
        (121_037.1, "2m1s"),
        (643_226.7, "10m43s"),
        (3_725_000.0, "1h2m5s"),
        (math.nan, "-"),
    ],
)
def test_k6_durations_are_cut_to_two_decimals_with_their_own_unit(value, expected):
    assert k6_numbers.duration(value) == expected


@pytest.mark.parametrize(
    ("size", "expected"),
    [(0, "0 B"), (497, "497 B"), (1640, "1.6 kB"), (7_100, "7.1 kB"), (519_000, "519 kB"), (1e9, "1.0 GB")],
)
def test_k6_sizes_use_base_one_thousand(size, expected):
    assert k6_numbers.data(size) == expected


def test_k6_percentages_are_cut_so_that_almost_all_is_not_all():
    assert k6_numbers.percentage(0.999999) == "99.99%"
    assert k6_numbers.percentage(5 / 6, 0) == "83%"
    assert k6_numbers.percentage(0.29) == "29.00%"


def test_k6_numbers_have_at_most_six_decimals():
    assert k6_numbers.number(6.666624) == "6.666624"
    assert k6_numbers.number(152.3555567) == "152.355556"
    assert k6_numbers.number(21) == "21"


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_every_number_can_be_written_in_every_unit(value):
    written = [numbers.count(value), numbers.percent(value), numbers.times(value), numbers.milliseconds(value)]
    written += [k6_numbers.of_kind(value, kind) for kind in ("time", "data", "default")] + [
        k6_numbers.percentage(value)
    ]
    assert all(len(text) < 40 for text in written)
