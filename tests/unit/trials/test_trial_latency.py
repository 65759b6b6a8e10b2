"""Round trips counted in two ways: by what the distance costs, and by the proxy."""

import pytest
from trial_lab import DATABASE, Lab

from nineam.trials.catalogue.database_latency import Endpoint, _measured


def judged(trips, flights):
    lab = Lab(lambda _: (0.01, 200))
    found = [Endpoint("GET /orders", 20.0, 20.0 + 50.0 * trips, flights, 0.0), Endpoint("GET /", 5.0, 56.0, 1.0, 0.0)]
    return _measured(lab, DATABASE, found, {"times": 9}, lab._made)


@pytest.mark.parametrize(
    ("trips", "flights", "holds", "twice"),
    [
        (18.0, 19.8, False, True),
        (31.0, 33.3, False, True),
        (44.0, 20.0, False, False),
        (12.0, 30.0, False, False),
        (44.0, 2.0, None, False),
        (4.0, 4.0, True, False),
    ],
)
def test_one_attempt_is_enough_where_both_counts_agree(trips, flights, holds, twice):
    found = judged(trips, flights)
    assert (found.holds, found.twice) == (holds, twice)
