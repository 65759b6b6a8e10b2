"""Which of the indexes that help are kept, and what is told of the others."""

import pytest

from nineam.indexes.benches import Bench
from nineam.indexes.choosing import Tried, choose
from nineam.indexes.prepared import Asked, Prepared
from nineam.indexes.reading import read_query
from nineam.indexes.telling import rejections
from nineam.indexes.timing import Trial
from nineam.model.indexes import IndexPart

LIST = "SELECT id FROM orders WHERE customer_id = ?"
PAGE = "SELECT id FROM orders WHERE customer_id = ? ORDER BY created_at LIMIT ?"


@pytest.fixture
def prepared(shop):
    return lambda text: Prepared(Asked(text=text), read_query(text, shop, "sqlite"), (("", ()),))


def tried(statement, columns, before, after, **more):
    """Make what came of an index in milliseconds, ten pairs a little apart; without `after` it was not taken."""
    apart = [0.98, 0.99, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.01, 1.02]
    milliseconds = [tuple(ms * each / 1000 for each in apart) for ms in (before, after or 0.0)]
    trial = Trial(before=milliseconds[0], after=milliseconds[1]) if after else None
    parts = tuple(IndexPart(text=each) for each in columns.split())
    return Tried(statement, parts, trial, bytes=1000 * len(parts), **more)


def kept(*everything):
    return {" ".join(p.text for p in group[0].parts): len(group) for group in choose(everything)}


def test_another_index_is_kept_only_for_what_it_gives_beside_the_first(prepared):
    one, two = prepared(LIST), prepared(PAGE)
    first = [tried(two, "customer_id created_at", 60, 0.02), tried(two, "customer_id id", 60, 9)]
    assert kept(*first, tried(one, "customer_id created_at", 60, 0.5), tried(one, "customer_id id", 60, 0.1)) == {
        "customer_id created_at": 2
    }
    assert kept(*first, tried(one, "customer_id created_at", 60, 5), tried(one, "customer_id id", 60, 0.1)) == {
        "customer_id created_at": 1,
        "customer_id id": 1,
    }
    assert kept(*first, tried(one, "customer_id created_at", 60, 60), tried(one, "customer_id id", 60, 59.8)) == {
        "customer_id created_at": 1
    }


def test_the_left_end_of_a_kept_index_is_dropped_where_the_longer_one_helps_too(prepared):
    one, two = prepared(LIST), prepared(PAGE)
    both = [tried(two, "customer_id created_at", 60, 0.02), tried(two, "customer_id", 60, 9)]
    shorter = tried(one, "customer_id", 60, 0.1)
    assert kept(*both, shorter, tried(one, "customer_id created_at", 60, 5)) == {"customer_id created_at": 2}
    assert kept(*both, shorter, tried(one, "customer_id created_at", 60, None)) == {
        "customer_id created_at": 1,
        "customer_id": 1,
    }


@pytest.mark.parametrize("noise", [0.9, 0.949, 0.951, 1.0, 1.1])
def test_of_indexes_that_save_as_much_the_one_with_fewest_columns_is_kept_whatever_the_noise(prepared, noise):
    one = prepared(LIST)
    several = [tried(one, "customer_id note total", noise, 0.005), tried(one, "customer_id", 0.95, 0.009)]
    assert kept(*several) == kept(*reversed(several)) == {"customer_id": 1}


def test_a_disturbed_execution_decides_nothing(prepared):
    one, two = prepared(LIST), prepared(PAGE)
    longer = [tried(each, "customer_id created_at", 5, 0.1) for each in (one, two)]
    disturbed = Trial(before=(0.005,) * 10, after=(0.0001, 0.0001, *[0.0004] * 8))
    shorter = [each._replace(trial=disturbed, parts=each.parts[:1]) for each in longer]
    assert kept(*longer, *shorter) == {"customer_id": 2}


def told(bench, *kept_ones):
    return [(each.table, each.index, each.why) for each in rejections([bench], kept_ones)]


def test_only_what_was_made_for_a_statement_is_told_of_it(prepared):
    pattern = prepared("SELECT id FROM orders WHERE note LIKE ?")
    bench = Bench(pattern.query.uses[0].table)
    bench.add(pattern, 0.05, ())
    bench.tried = [tried(pattern, "customer_id", 50, None, own=False)]
    ((table, index, why),) = told(bench)
    assert (table, index) == ("orders", "")
    assert "which no b-tree finds" in why
    bench.tried = [tried(pattern, "customer_id", 50, None)]
    assert told(bench) == [("orders", "customer_id", "built, the planner does not use it")]


def test_what_a_kept_index_serves_nearly_as_well_says_so(prepared):
    one = prepared(LIST)
    bench = Bench(one.query.uses[0].table)
    bench.add(one, 0.05, ())
    bench.tried = [tried(one, "customer_id", 50, 1)]
    assert told(bench) == [("orders", "customer_id", "built, but one that is recommended does nearly as well")]
    assert told(bench, bench.tried[0]) == []
