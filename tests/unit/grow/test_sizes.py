"""The sizes between the original and the full clone: evenly spaced factors, and only of what grows."""

import pytest

from nineam.grow.plan import Plan, TablePlan
from nineam.grow.sizes import rows_of, shares, wish_of


def plan(**tables):
    made = {name: TablePlan(name=name, rows=rows, factor=factor) for name, (rows, factor) in tables.items()}
    return Plan(tables=made, keys={})


@pytest.mark.parametrize(
    ("factor", "sizes"), [(1000, [10, 100, 1000]), (8, [2, 4, 8]), (7, [3, 7]), (4, [2, 4]), (3, [3]), (2, [2])]
)
def test_factors_are_evenly_spaced_and_no_step_is_less_than_double(factor, sizes):
    full = plan(orders=(50, factor))
    wishes = [wish_of(full, share, 0.0) for share in shares(full)]
    assert [wish.like["orders"] // 50 for wish in wishes] == sizes


def test_what_does_not_grow_in_the_full_clone_is_kept_and_the_rest_grows_as_it_does_there():
    full = plan(orders=(100, 400), users=(10, 100), roles=(3, 1))
    (low, middle, high) = shares(full)
    wish = wish_of(full, middle, 0.2)
    assert wish.like == {"orders": 100 * 54, "users": 10 * 22}
    assert wish.keep == ("roles",)
    assert wish.depth == 0.2
    assert 0 < low < middle < high == 1.0


def test_rows_are_of_all_tables_together():
    assert rows_of([plan(a=(10, 2), b=(5, 1)), plan(a=(10, 4), b=(5, 1))]) == (15, 25, 45)
