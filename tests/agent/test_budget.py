"""What sampling may take, judged from numbers alone."""

import pytest

from nineam.agent.budget import SHARE, SLOWEST, WINDOW_NS, WOKEN_NS, Budget


@pytest.fixture
def budget():
    return Budget(0)


def test_nothing_changes_before_a_second_has_passed(budget):
    budget.spent = WINDOW_NS
    assert budget.judge(WINDOW_NS - 1, 0) is None


def test_what_takes_too_much_is_halved_and_says_how_much_it_took(budget):
    budget.spent = 2 * SHARE * WINDOW_NS
    assert budget.judge(WINDOW_NS, 0) == (2, pytest.approx(2 * SHARE))


def test_what_others_took_counts(budget):
    assert budget.judge(WINDOW_NS, 2 * SHARE * WINDOW_NS) == (2, pytest.approx(2 * SHARE))


def test_the_rate_is_never_slower_than_the_slowest(budget):
    budget.slower, budget.spent = SLOWEST, WINDOW_NS
    assert budget.judge(WINDOW_NS, 0) is None


def test_with_room_again_the_rate_is_doubled(budget):
    budget.slower = 4
    assert budget.judge(WINDOW_NS, 0) == (2, 0.0)


def test_requests_that_all_wait_are_dearer_to_look_at(budget):
    budget.ticked(running=False)
    waiting, budget.spent = budget.spent, 0
    budget.ticked(running=True)
    assert waiting > 10 * budget.spent


def test_a_process_that_is_woken_for_nothing_stops_its_timer_with_the_last_request(budget):
    for _ in range(100):
        budget.ticked_idly()
    budget.gaps = 500
    budget.judge(WINDOW_NS, 0)
    assert budget.eager
    budget.gaps = 500
    budget.judge(2 * WINDOW_NS, 0)
    assert budget.eager, "the cure removes its own symptom, and must go on"


def test_where_stopping_would_cost_more_the_timer_goes_on(budget):
    budget.ticked_idly()
    budget.gaps = WOKEN_NS
    budget.judge(WINDOW_NS, 0)
    assert not budget.eager


def test_it_is_lazy_again_when_requests_come_too_fast(budget):
    budget.eager, budget.gaps = True, 5000
    budget.judge(WINDOW_NS, 0)
    assert not budget.eager


def test_a_child_begins_anew(budget):
    budget.spent = WINDOW_NS
    budget.reset(5 * WINDOW_NS)
    assert budget.judge(6 * WINDOW_NS, 0) is None
