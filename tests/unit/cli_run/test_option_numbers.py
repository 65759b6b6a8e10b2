import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nineam.cli.asked import Options
from nineam.cli.numbers import RANGES, check_number
from nineam.errors import UsageError

NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=True, allow_infinity=True), st.just(10**400))


@pytest.mark.parametrize(
    ("name", "number", "words"),
    [
        ("rate", 0.0, "expected more than 0"),
        ("rate", 1e308, "rate 1e+308: expected at most 1,000,000"),
        ("rate", 1e-300, "rate 1e-300: expected at least 1e-05"),
        ("spawn_rate", 1e-300, "expected at least 1e-05"),
        ("users", 99999999999999999999999, "users 999999999999999... (23 digits): expected at most 1,000,000"),
        ("users", 10**400, "(401 digits): expected at most 1,000,000"),
        ("users", -5, "users -5: expected more than 0"),
        ("timeout", 1e-300, "expected at least 0.001"),
        ("connect_timeout", 1e308, "expected at most 86,400"),
        ("think", 1e308, "expected at most 31,622,400"),
        ("think", -1.0, "think -1: expected 0 or more"),
        ("think", math.inf, "think inf: expected a finite number"),
        ("speed", math.nan, "speed nan: expected a finite number"),
        ("iterations", 10**12, "expected at most 1,000,000,000"),
        ("seed", 10**30, "expected at most"),
        ("stair_time", math.nan, "expected a finite number, at most 86,400"),
        ("workers", 1001, "workers 1001: expected at most 1000"),
    ],
)
def test_a_number_out_of_its_range_is_refused_with_the_limit_and_the_next_step(name, number, words):
    with pytest.raises(UsageError) as caught:
        check_number(name, name, number)
    assert words in caught.value.message
    assert caught.value.hint


@given(st.sampled_from(sorted(RANGES)), NUMBERS)
@example("processes", 0)
def test_what_is_let_through_can_be_counted_with(name, number):
    try:
        check_number(name, name, number)
    except UsageError:
        return
    assert math.isfinite(number)
    assert number == 0 or name == "seed" or 1e-6 <= number <= 1e9


def test_the_defaults_are_within_their_ranges():
    options = Options(target="", command=(), environ={})
    for name in RANGES:
        number = getattr(options, name)
        if number is not None:
            check_number(name, name, number)


def test_no_more_processes_than_the_machine_could_use(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    check_number("processes", "--processes", 16)
    with pytest.raises(UsageError, match="expected at most 16"):
        check_number("processes", "--processes", 17)
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    check_number("processes", "--processes", 256)
