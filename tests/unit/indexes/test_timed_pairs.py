"""How often a statement is timed: until it is clear, and no longer than that."""

import contextlib

import pytest

from nineam.indexes.holes import take_apart
from nineam.indexes.prepared import Asked, Prepared
from nineam.indexes.query import Query
from nineam.indexes.timing import trial

ASKED = Asked(text="SELECT 1")


class Clone:
    """A database whose statements take the milliseconds that they are told to, without the index and with it."""

    def __init__(self, without, having):
        self.clock, self.there = 0.0, True
        self.taken = {False: iter(without), True: iter(having)}

    def run(self, sql, values):
        self.clock += next(self.taken[self.there]) / 1000

    def plan(self, sql, values):
        pass

    @contextlib.contextmanager
    def without(self):
        self.there = False
        yield
        self.there = True


def pairs(without, having, baseline=0.002):
    query = Query(text="SELECT 1", holed=take_apart("SELECT 1"), uses=(), places=())
    clone = Clone(without, having)
    return trial(clone, Prepared(ASKED, query, (("SELECT 1", ()),)), baseline, lambda: clone.clock)


def spoilt(*first):
    """Two milliseconds each time, but for a few at first which a busy machine has spoilt."""
    return [*first, *[2.0] * 100]


@pytest.mark.parametrize(
    ("without", "having", "count"),
    [
        (spoilt(), spoilt(), 6),
        (spoilt(), [0.1] * 100, 15),
        (spoilt(), [9.0, 9.0, 9.0, *[0.1] * 100], 15),
        (spoilt(), [9.0, 9.0, 9.0, 9.0, 9.0, *[0.1] * 100], 20),
        (spoilt(), [1.2, 1.4] * 50, 45),
    ],
    ids=["hopeless", "clear", "clear but for a little", "spoilt at first", "never clear"],
)
def test_brief_statements_are_timed_until_it_is_clear(without, having, count):
    assert len(pairs(without, having).after) == count


def test_longer_ones_are_given_up_sooner_and_not_repeated_more():
    assert len(pairs([100.0] * 50, [99.0] * 50, baseline=0.1).after) == 3
    assert len(pairs([100.0] * 50, [60.0, 90.0] * 25, baseline=0.1).after) == 15
