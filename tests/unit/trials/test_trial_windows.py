"""Windows of requests: shares, percentiles, and when an application is as good as before."""

import math

from nineam.trials.healthwatch import honesty
from nineam.trials.window import Sample, Window, answered, between, course, decided, queueing, recovery_s, under_way


def sample(at, ms=10.0, status=200, name="GET /"):
    return Sample(name=name, at=at, end=None if ms is None else at + ms / 1000, status=status, error="")


def steady(begin, end, every=0.1, **how):
    return [sample(begin + index * every, **how) for index in range(round((end - begin) / every))]


CONTROL = Window(tuple(steady(0, 2)), 2.0)


def test_a_request_without_an_end_counts_against_the_application_with_what_it_has_waited():
    window = Window((sample(0.0), sample(1.0, ms=None, status=0)), 5.0)
    assert (window.success, window.hanging) == (0.5, 1)
    assert window.quantile_ms(1.0) == 4000


def test_the_percentile_of_nothing_is_no_number():
    assert math.isnan(Window((), 0.0).p95_ms)


def test_recovery_is_the_start_of_the_first_good_window():
    samples = [*steady(0, 3, status=500), *steady(3, 8)]
    assert recovery_s(samples, 1.0, CONTROL, 8.0, 1.5) == 2.0


def test_slow_answers_are_no_recovery():
    assert recovery_s(steady(0, 8, ms=400), 0.0, CONTROL, 8.0, 1.5) is None


def test_one_failure_within_the_window_puts_recovery_off():
    samples = [*steady(0, 5), sample(0.55, status=500)]
    assert recovery_s(samples, 0.0, CONTROL, 5.0, 1.5) == 0.75


def test_silence_is_no_recovery():
    assert recovery_s([], 0.0, CONTROL, 9.0, 1.5) is None


def test_a_window_has_its_begin_and_not_its_end():
    assert between(steady(0, 1), 0.0, 0.5, 9.0).requests == 5


def test_a_request_that_is_only_just_sent_is_not_held_against_the_calm():
    window = Window((sample(0.0), sample(1.0, ms=None, status=0), sample(4.5, ms=None, status=0)), 5.0)
    assert [each.at for each in answered(window, 2.0).samples] == [0.0, 1.0]


def test_under_way_is_what_waited_when_a_fault_began_and_not_what_was_over():
    over, queued, met, later = sample(0.0), sample(0.5, ms=900.0), sample(2.0, ms=None, status=0), sample(4.0)
    assert under_way([over, queued, met, later], 1.0, 3.0, 5.0).samples == (queued, met)


def test_what_takes_longer_and_longer_queues_and_a_slow_endpoint_or_a_slow_answer_does_not():
    def calm(takes_ms):
        pages = ("GET /", "GET /slow")
        return Window(tuple(sample(at / 10, ms=takes_ms(at), name=pages[at % 2]) for at in range(40)), 30.0)

    assert queueing(calm(lambda at: 50 + at * 50))
    assert not queueing(calm(lambda at: 50 if at % 2 else 900))
    assert not queueing(calm(lambda at: 3000 if at in (21, 30) else 50))
    assert not queueing(calm(lambda at: 2000 - at * 40))
    assert not queueing(Window(tuple(sample(at / 2, ms=50 + at * 900) for at in range(4)), 30.0))


def test_of_the_calm_only_what_is_decided_counts():
    under_way = sample(1.9, ms=None, status=0)
    assert decided(Window((sample(0.0), under_way), 5.0)).success == 1.0
    never = sample(1.0, ms=None, status=0, name="GET /stuck")
    assert decided(Window((sample(0.0), under_way, never), 5.0)).success == 0.5


def test_the_course_has_a_row_for_each_second_from_the_first_trouble():
    found = course([*steady(0, 2), *steady(2, 3, status=500)], [(1.0, 2.5)], 3.0)
    assert [(row.s, row.ok == row.requests) for row in found.seconds] == [(-1, True), (0, True), (1, False)]
    assert found.faults == ((0.0, 1.5),)
    assert course([], [(1.0, 2.0)], 3.0) is None


def probes(begin, end, status=200):
    return steady(begin, end, every=0.5, status=status)


def test_a_check_that_says_ready_while_users_get_nothing_is_told():
    found = honesty(probes(0, 6), [*steady(0, 2), *steady(2, 6, status=500)])
    assert found.longest_false_ready_s >= 3
    assert found.longest_false_alarm_s == 0


def test_a_check_that_fails_while_users_are_served_is_told():
    found = honesty([*probes(0, 2), *probes(2, 6, status=500)], steady(0, 6))
    assert found.longest_false_alarm_s >= 3
    assert found.problems == {"500": 8}


def test_a_check_that_fails_with_the_application_is_honest():
    users = [*steady(0, 2), *steady(2, 6, status=500)]
    found = honesty([*probes(0, 2), *probes(2, 6, status=503)], users)
    assert max(found.longest_false_ready_s, found.longest_false_alarm_s) <= 0.5


def test_answers_that_come_too_late_for_anybody_are_none():
    assert honesty(probes(0, 4), steady(0, 4, ms=6000)).longest_false_ready_s >= 3


def test_where_half_of_the_users_are_served_nobody_can_say_what_would_be_right():
    users = [*steady(0, 4, every=0.2), *steady(0.1, 4, every=0.2, status=500)]
    found = honesty(probes(0, 4), users)
    assert (found.longest_false_ready_s, found.longest_false_alarm_s) == (0, 0)
