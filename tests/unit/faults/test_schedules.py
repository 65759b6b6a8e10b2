"""When delayed data are due: pure functions of instants, flights and sizes."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.faults.kinds.bandwidth import Metered
from nineam.faults.kinds.latency import Flights
from nineam.faults.kinds.slicer import Slices
from nineam.faults.kinds.slow_close import SlowClose

MS = 1_000_000
pieces = st.lists(st.tuples(st.integers(0, 40 * MS), st.integers(0, 3), st.integers(1, 300_000)), min_size=1)


def planned(plan, reads):
    """Ask a plan for reads in their order: each a time after the one before, a turn or not, a size."""
    now, flight, due = 0, 1, []
    for pause, turn, size in reads:
        now += pause
        flight += turn == 0
        due.append((now, flight, list(plan(now, flight, size))))
    return due


def never(low, high):
    raise AssertionError("nothing is left to chance")


def test_a_large_answer_is_delayed_once_however_many_pieces_it_comes_in():
    flights = Flights(25 * MS, 0, never)
    due = [list(flights.plan(1000 * piece, 1, 32_768)) for piece in range(32)]
    assert due == [[(1000 * piece + 25 * MS, 32_768)] for piece in range(32)]


@given(pieces, st.integers(0, 30 * MS), st.integers(0, 20 * MS), st.integers(0, 2**16))
def test_no_flight_overtakes_another_and_jitter_stays_in_its_bounds(reads, one_way_ns, jitter_ns, seed):
    flights = Flights(one_way_ns, jitter_ns, Random(seed).uniform)
    due = planned(flights.plan, reads)
    instants = [piece[0] for _, _, (piece,) in due]
    assert instants == sorted(instants)
    assert all(piece[0] >= now + max(0, one_way_ns - jitter_ns) for now, _, (piece,) in due)
    latest = [now + one_way_ns + jitter_ns for now, _, _ in due]
    assert all(instant <= max(latest[: place + 1]) for place, instant in enumerate(instants))


def test_all_pieces_of_a_flight_share_one_jitter():
    flights = Flights(25 * MS, 10 * MS, Random(1).uniform)
    late = {piece[0] - now for now in range(0, 5 * MS, MS) for piece in flights.plan(now, 7, 10)}
    assert len(late) == 1


@pytest.mark.parametrize(("read_ns", "flight"), [(2 * MS, 2), (60 * MS, 1)])
def test_a_turn_and_a_silence_longer_than_the_way_begin_a_flight(read_ns, flight):
    drawn = iter([5.0 * MS, -5.0 * MS])
    flights = Flights(25 * MS, 10 * MS, lambda *_: next(drawn))
    assert list(flights.plan(0, 1, 10)) == [(30 * MS, 10)]
    assert list(flights.plan(read_ns, flight, 10)) == [(max(30 * MS, read_ns + 20 * MS), 10)]


def test_a_handshake_is_charged_to_the_first_flight_only():
    flights = Flights(25 * MS, 0, never, extra_ns=50 * MS)
    assert list(flights.plan(0, 1, 10)) == [(75 * MS, 10)]
    assert list(flights.plan(200 * MS, 2, 10)) == [(225 * MS, 10)]


@given(st.lists(st.integers(1, 50_000), min_size=1, max_size=20), st.integers(1000, 1_000_000))
def test_a_line_is_never_faster_than_its_rate_and_loses_no_byte(sizes, rate):
    metered = Metered(rate)
    due = [piece for size in sizes for piece in metered.plan(0, 1, size)]
    assert sum(size for _, size in due) == sum(sizes)
    assert [instant for instant, _ in due] == sorted(instant for instant, _ in due)
    assert due[-1][0] == pytest.approx(sum(sizes) / rate * 1e9, rel=1e-6, abs=1)


def test_a_line_that_was_silent_does_not_save_up_what_it_could_have_carried():
    metered = Metered(1000)
    assert list(metered.plan(0, 1, 10)) == [(10 * MS, 10)]
    assert list(metered.plan(5000 * MS, 2, 10)) == [(5010 * MS, 10)]
    assert list(metered.plan(5010 * MS, 2, 0)) == [(5010 * MS, 0)]


def test_drops_come_one_by_one():
    assert list(Metered(10, 1).plan(0, 1, 3)) == [(100 * MS, 1), (200 * MS, 1), (300 * MS, 1)]


@given(st.integers(1, 5000), st.integers(1, 200), st.integers(0, 300), st.integers(0, 2**16))
def test_slices_have_the_sizes_asked_for_and_their_distance(size, average, variation, seed):
    slices = list(Slices(average, variation, 2000, Random(seed)).plan(0, 1, size))
    assert sum(length for _, length in slices) == size
    assert all(max(1, average - variation) <= length <= average + variation for _, length in slices[:-1])
    assert [instant for instant, _ in slices] == [2000 * (number + 1) for number in range(len(slices))]


def test_the_end_of_a_connection_is_one_piece_of_no_bytes_in_every_plan():
    plans = (
        Flights(25 * MS, 0, never).plan,
        Metered(1000).plan,
        Slices(64, 0, 2000, Random(1)).plan,
        SlowClose(delay=25.0)._plan,
    )
    assert [len(list(plan(0, 1, 0))) for plan in plans] == [1, 1, 1, 1]
    assert list(SlowClose(delay=25.0)._plan(5, 1, 0)) == [(25 * MS + 5, 0)]
