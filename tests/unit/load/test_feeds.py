"""Rows for journeys: orders, uniqueness, and the parts of several load processes."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam import feeds
from nineam.feeds import Feed, NoRowsLeft, feed


@pytest.fixture(autouse=True)
def alone():
    yield
    feeds.share(0, 1, 1)


def taken(shard, shards, rows, **options):
    feeds.share(shard, shards, 7)
    fed = Feed(list(range(rows)), "rows.csv", unique=True, **options)
    return list(fed)


@given(st.integers(0, 60), st.integers(1, 8), st.sampled_from(feeds.ORDERS))
def test_the_parts_of_all_processes_are_all_rows_exactly_once(rows, shards, order):
    parts = [taken(shard, shards, rows, order=order) for shard in range(shards)]
    assert Counter(row for part in parts for row in part) == Counter(range(rows))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@given(st.integers(1, 60), st.integers(1, 8))
def test_without_unique_a_process_goes_round_in_its_own_part(rows, shards):
    for shard in range(shards):
        feeds.share(shard, shards, 7)
        fed = Feed(list(range(rows)), "rows.csv")
        mine = list(range(rows))[shard::shards] or list(range(rows))
        assert [next(fed) for _ in range(2 * len(mine))] == mine * 2


def test_random_order_is_random_and_the_same_for_the_same_seed():
    def drawn(seed):
        feeds.share(0, 1, seed)
        fed = Feed(list(range(1000)), "rows.csv", order="random")
        return [next(fed) for _ in range(50)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert drawn(1) != sorted(drawn(1))


def test_a_feed_that_is_used_up_says_so():
    fed = Feed([1], "users.csv", unique=True)
    assert next(fed) == 1
    with pytest.raises(NoRowsLeft, match=r"users\.csv has no row left: all 1 were used"):
        next(fed)


def test_an_unknown_order_names_the_nearest(tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n")
    with pytest.raises(ValueError, match="did you mean 'random'"):
        feed(tmp_path / "a.csv", order="ramdom")
