"""How a duration grows with the rows: each shape is told, and what cannot be told is not."""

import math
from random import Random

import pytest

from nineam.diagnose.grown import typical
from nineam.diagnose.growth_fit import Point, _classified, fit

ROWS = (500, 5_000, 50_000, 500_000)
FIXED = 2.0


def points(of_rows, error=0.02, rows=ROWS):
    return [Point(count, FIXED + of_rows(count), error * (FIXED + of_rows(count))) for count in rows]


@pytest.mark.parametrize(
    ("shape", "of_rows"),
    [
        ("constant", lambda rows: 0.0),
        ("constant", lambda rows: 0.03 * math.log(rows)),
        ("log", lambda rows: 2.0 * math.log(rows)),
        ("linear", lambda rows: rows / 10_000),
        ("linear", lambda rows: rows * math.log(rows) / 100_000),
        ("quadratic", lambda rows: (rows / 20_000) ** 2),
        ("power", lambda rows: 0.2 * math.sqrt(rows)),
    ],
)
def test_a_shape_is_told_although_part_of_the_time_never_changes(shape, of_rows):
    found = fit(points(of_rows))
    assert found.shape == shape, found
    if shape != "constant":
        assert found.low <= found.exponent <= found.high
        assert found.high - found.low <= 1.0


@pytest.mark.parametrize(
    ("low", "high", "shape"),
    [
        (1.2, 2.1, "power"),
        (1.4, 1.9, "power"),
        (0.7, 0.95, "power"),
        (2.1, 3.0, "power"),
        (1.05, 1.3, "linear"),
        (0.85, 1.0, "linear"),
        (1.9, 2.3, "quadratic"),
        (0.1, 0.4, "log"),
        (0.9, 2.0, "cannot-tell"),
    ],
)
def test_a_word_needs_the_interval_to_reach_it(low, high, shape):
    assert _classified((low + high) / 2, low, high).shape == shape


@pytest.mark.parametrize("taken", [(0.65, 1.0, 9.8, 16.8), (2.03, 1.12, 4.87, 75.64), (2.71, 4.45, 10.98, 100.15)])
def test_what_no_curve_fits_is_not_quadratic(taken):
    rows = (27_316, 109_261, 382_411, 1_365_751)
    found = fit([Point(count, ms, 0.15 * ms) for count, ms in zip(rows, taken, strict=True)])
    assert found.shape == "cannot-tell", found


def test_the_interval_holds_the_exponent_and_is_wider_where_points_are_worse():
    good, bad = fit(points(lambda rows: rows / 5_000)), fit(points(lambda rows: rows / 5_000, error=0.1))
    assert good.low <= 1.0 <= good.high
    assert bad.high - bad.low > good.high - good.low


@pytest.mark.parametrize(
    ("shape", "exponent", "of_rows"),
    [
        ("constant", None, lambda rows: 0.0),
        ("linear", 1.0, lambda rows: rows / 12_500),
        ("quadratic", 2.0, lambda rows: (rows / 50_000) ** 2),
    ],
)
def test_noisy_requests_are_told_as_well_and_the_interval_holds_the_truth_as_often_as_it_says(shape, exponent, of_rows):
    chance, found = Random(7), []
    for seed in range(20):
        made = []
        for rows in ROWS:
            start = (FIXED + of_rows(rows)) * math.exp(chance.gauss(0, 0.04))
            taken = [start * math.exp(abs(chance.gauss(0, 0.15))) * chance.choice((1,) * 9 + (2.5,)) for _ in range(60)]
            made.append(Point(rows, *typical(taken)))
        found.append(fit(made, seed))
    assert {each.shape for each in found} == {shape}
    if exponent is not None:
        assert sum(each.low <= exponent <= each.high for each in found) >= 18


def test_noise_is_not_growth():
    found = fit([Point(rows, mean, 0.5) for rows, mean in zip(ROWS, (2.0, 2.6, 1.8, 2.5), strict=True)])
    assert found.shape == "cannot-tell"
    assert "too unsteady" in found.reason


def test_what_shows_at_the_last_size_only_and_a_little_may_lie_on_any_curve():
    found = fit([Point(rows, mean, 0.05) for rows, mean in zip(ROWS, (2.0, 2.0, 2.0, 3.0), strict=True)])
    assert found.shape == "cannot-tell"
    assert "the exponent lies anywhere from" in found.reason


def test_two_sizes_are_not_enough():
    assert "may lie on any curve" in fit(points(lambda rows: rows / 100, rows=ROWS[:2])).reason


def test_what_is_faster_with_more_rows_is_constant():
    assert fit(points(lambda rows: 2.0 if rows == 500 else 0.0)).shape == "constant"


def test_the_typical_duration_forgives_pauses_and_says_how_well_it_is_known():
    taken = [4.0 + 0.01 * number for number in range(100)] + [900.0] * 8
    mean, error = typical(taken)
    assert mean == pytest.approx(4.54, rel=0.02)
    assert 0.0 < error < 0.2
    assert typical(taken, (4.0, 5.0, 6.0))[1] > error
