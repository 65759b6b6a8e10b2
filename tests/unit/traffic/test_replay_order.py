import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.traffic.tape import Event, Order, spread
from nineam.traffic.times import SECOND, moment

seconds = st.lists(st.integers(min_value=0, max_value=100), max_size=60)


def events(times, coarse=True):
    return [Event(second * SECOND, coarse, number) for number, second in enumerate(times)]


@given(seconds)
def test_what_comes_out_is_in_order_and_complete_however_it_came_in(times):
    order = Order()
    found = list(spread(order.sorted(events(times))))
    assert sorted(event.request for event in found) == list(range(len(times)))
    assert [event.ns for event in found] == sorted(event.ns for event in found)


@given(seconds, st.randoms(use_true_random=False))
def test_what_is_at_most_ten_seconds_late_is_sorted_exactly(times, random):
    ordered = events(sorted(times))
    shuffled = sorted(ordered, key=lambda event: event.ns + random.randrange(10 * SECOND))
    order = Order()
    found = list(order.sorted(shuffled))
    assert [event.ns for event in found] == [event.ns for event in ordered]
    assert order.late == 0


@given(seconds)
def test_requests_keep_their_second_their_order_and_equal_distances_within_it(times):
    ordered = events(sorted(times))
    found = list(spread(ordered))
    assert [event.request for event in found] == [event.request for event in ordered]
    assert [event.ns // SECOND for event in found] == sorted(times)
    for second in set(times):
        offsets = [event.ns % SECOND for event in found if event.ns // SECOND == second]
        assert offsets == [number * SECOND // len(offsets) for number in range(len(offsets))]


def test_exact_times_stay_where_they_are_among_spread_ones():
    mixed = [Event(0, True, 0), Event(0, True, 1), Event(SECOND // 4, False, 2)]
    assert [(event.ns, event.request) for event in spread(mixed)] == [(0, 0), (SECOND // 4, 2), (SECOND // 2, 1)]


@pytest.mark.parametrize(
    ("written", "ns", "coarse"),
    [
        ("10/Oct/2000:13:55:36 -0700", 971211336 * SECOND, True),
        ("10/oct/2000 13:55:36", 971186136 * SECOND, True),
        ("10/Oct/2000:13:55:36.25 +05:30", 971166336 * SECOND + SECOND // 4, False),
        ("2000-10-10T13:55:36Z", 971186136 * SECOND, True),
        ("2000-10-10 13:55:36,5", 971186136 * SECOND + SECOND // 2, False),
        ("2000-10-10T13:55:36.000+02:00", 971178936 * SECOND, False),
        (971186136, 971186136 * SECOND, True),
        ("971186136", 971186136 * SECOND, True),
        (971186136.5, 971186136 * SECOND + SECOND // 2, False),
        (971186136250, 971186136 * SECOND + SECOND // 4, False),
        (971186136250000, 971186136 * SECOND + SECOND // 4, False),
        (971186136250000000, 971186136 * SECOND + SECOND // 4, False),
    ],
)
def test_times_are_understood_as_logs_write_them(written, ns, coarse):
    assert moment(written) == (ns, coarse)


@pytest.mark.parametrize(
    "written",
    ["", "noon", "32/Oct/2000:13:55:36 +0000", "10/Okt/2000:13:55:36 +0000", 0.25, 12, -1, True, None, [], 10**30],
)
def test_what_is_no_time_is_refused(written):
    with pytest.raises(ValueError, match=r"is no|range|must be"):
        moment(written)
