"""Values for statements, drawn from rows of the clone."""

import pytest

from nineam.indexes.intervals import median_interval
from nineam.indexes.reading import read_query
from nineam.indexes.values import NoValues, Sampled, drawn


def sets(shop, condition, expressions, rows, seed=1):
    query = read_query(f"SELECT id FROM orders WHERE {condition}", shop, "sqlite")
    return drawn(query, {0: Sampled(expressions=expressions, rows=rows)}, seed)


def test_the_most_frequent_row_comes_first_and_combinations_exist(shop):
    rows = [("paid", n % 7) for n in range(50)] + [("open", 1)] * 20
    found = sets(shop, "status = ? AND customer_id = ?", ('"status"', '"customer_id"'), rows)
    assert tuple(found[0].values()) == ("open", 1)
    assert all(tuple(each.values()) in rows for each in found)


def test_the_same_seed_draws_the_same_and_no_set_twice(shop):
    rows = [(n,) for n in range(1000)]
    assert sets(shop, "total = ?", ('"total"',), rows) == sets(shop, "total = ?", ('"total"',), rows)
    assert len(sets(shop, "total = ?", ('"total"',), [(7,)] * 100)) == 1


def test_a_range_lets_a_share_through(shop):
    rows = [(n,) for n in range(1000)]
    window = sets(shop, "total >= ? AND total < ?", ('"total"',), rows)
    assert [high - low for low, high in (each.values() for each in window)] == pytest.approx([250, 50, 10], abs=2)
    assert [each[0] for each in sets(shop, "total > ?", ('"total"',), rows)] == [750, 950, 990]
    assert [each[0] for each in sets(shop, "total < ?", ('"total"',), rows)] == [250, 50, 10]


def test_beside_equal_columns_that_find_few_rows_a_range_also_lets_everything_through(shop):
    few = [(n % 10, n) for n in range(1000)]
    found = sets(shop, "customer_id = ? AND total > ?", ('"customer_id"', '"total"'), few)
    assert [each[1] for each in found] == [750, 950, 990, 0]
    many = [(n % 2, n) for n in range(1000)]
    assert len(sets(shop, "customer_id = ? AND total > ?", ('"customer_id"', '"total"'), many)) == 3
    window = sets(shop, "customer_id = ? AND total >= ? AND total < ?", ('"customer_id"', '"total"'), few)
    assert (window[3][1], window[3][2]) == (0, 999)


def test_lists_are_different_values_and_patterns_are_letters_of_one(shop):
    rows = [(f"note {n}",) for n in range(100)]
    first = sets(shop, "note IN (?, ...)", ('"note"',), rows)[0][0]
    assert len(set(first)) == len(first) == 20
    assert sets(shop, "note LIKE ?", ('"note"',), rows)[0][0] == "%not%"
    assert sets(shop, "note LIKE ? || ?", ('"note"',), rows)[0] == {0: "not", 1: "%"}


def test_one_parameter_in_two_places_has_one_value(shop):
    rows = [(n, n) for n in range(100)]
    found = sets(shop, "total = $1 OR customer_id = $1", ('"total"', '"customer_id"'), rows)
    assert all(each[0] == each[1] for each in found)


def test_a_column_without_values_is_said(shop):
    with pytest.raises(NoValues, match="no values"):
        sets(shop, "total = ?", ('"total"',), [(None,)] * 10)


def test_an_interval_holds_the_median_and_narrows_with_more_pairs():
    assert median_interval([3.0, 1.0, 2.0]) == (2.0, 1.0, 3.0)
    assert median_interval([float(n) for n in range(1, 7)]) == (3.5, 1.0, 6.0)
    assert median_interval([float(n) for n in range(1, 10)]) == (5.0, 2.0, 8.0)
    assert median_interval([float(n) for n in range(1, 16)]) == (8.0, 4.0, 12.0)


def test_what_is_written_is_another_row_s_or_nothing_where_nothing_is_known(shop):
    query = read_query("UPDATE orders SET note = ? WHERE status = ?", shop, "sqlite")
    sample = Sampled(expressions=('"note"', '"status"'), rows=[("a", "paid")] * 9 + [("b", "open")])
    assert drawn(query, {0: sample}, 1)[0][1] == "paid"
    unknown = Sampled(expressions=('"note"', '"status"'), rows=[(None, "paid")] * 9)
    assert drawn(query, {0: unknown}, 1) == ({0: None, 1: "paid"},)
