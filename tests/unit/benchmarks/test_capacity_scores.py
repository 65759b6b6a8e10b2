"""The arithmetic of the capacity bench: halving, and who was close."""

import pytest
from benchmarks.capacity.applications import APPLICATIONS, lanes
from benchmarks.capacity.reference import Reference, halved
from benchmarks.capacity.report import Measured, Repeat, table

SURE = Reference(98.0, 102.0, sure=True)


def repeat(middle, kind="measured", seconds=100.0):
    return Repeat(middle / 1.06, middle * 1.06, kind, seconds)


def test_halving_finds_where_it_turns_over():
    found = halved(60, 140, 6, lambda rate: rate <= 97)
    assert found.carried <= 97 < found.broke
    assert found.broke - found.carried == pytest.approx(80 / 64)
    assert found.sure


@pytest.mark.parametrize("carries", [True, False])
def test_a_reference_at_the_edge_is_none(carries):
    assert not halved(60, 140, 6, lambda _: carries).sure


def test_the_middle_counts_and_cannot_tell_is_not_close():
    repeats = [repeat(91), repeat(109), repeat(89), repeat(111), repeat(100, "cannot-tell")]
    one = Measured("a", SURE, repeats)
    assert one.close == 2
    assert not one.good


def test_nine_of_ten_in_five_minutes_are_good():
    nine = [repeat(100)] * 9 + [repeat(150)]
    assert Measured("a", SURE, nine).good
    assert not Measured("a", SURE, [*nine[1:], repeat(150)]).good
    assert not Measured("a", SURE, [*nine[:9], repeat(100, seconds=301)]).good
    assert not Measured("a", SURE._replace(sure=False), nine).good
    assert not Measured("a", SURE, nine, stayed=False).good


def test_the_table_has_a_row_for_each_application():
    text = table([Measured("pool", SURE, [repeat(100)] * 10)])
    assert "| pool " in text
    assert "10 of 10" in text
    assert "held" in text


def test_what_computes_is_measured_alone():
    first, *others = lanes(APPLICATIONS, one_by_one=False)
    assert [one.name for one in first] == ["cpu"]
    assert [one.name for lane in others for one in lane] == ["pool", "lock", "workers"]
    assert all(len(lane) == 1 for lane in lanes(APPLICATIONS, one_by_one=True))
