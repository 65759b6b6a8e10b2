"""Which cause is named where an application stays late or fails after a fault: chosen by what its requests met."""

import asyncio

import pytest
from trial_lab import DATABASE, Lab

from nineam.trials.aftermath import Aftermath, aftermath, queued_behind
from nineam.trials.catalogue import connect_blackhole, silent_stall, stall_reset, stall_resumed
from nineam.trials.servers import Server
from nineam.trials.subject import Fact
from nineam.trials.window import Sample, Window

GUNICORN = Server(name="gunicorn", kills_s=30.0, drains_s=30.0, drain_option="--graceful-timeout")
CALM_S, HEALED_S = 2.0, 6.0
QUICK, BROKEN, NEVER = (0.01, 200), (0.02, 500), (None, 0)
STALLS = [stall_reset, stall_resumed, silent_stall]


def fact(timeout="2", via="psycopg2", libraries=("psycopg2", "sqlalchemy")):
    return Fact(host="127.0.0.1", port=5432, via=via, timeout=timeout, where="app/db.py:3 (make)", libraries=libraries)


def tried(module, script, **lab):
    given = {"facts": (fact(),), "server": GUNICORN, "knee": 20.0} | lab
    return asyncio.run(module.run(Lab(script, **given), DATABASE))


def calm_then(after):
    return lambda at: QUICK if at < CALM_S else after(at)


def one_worker(at):
    """One place, and a tenth of a second of work: what waited when the silence ended is answered first, in order."""
    return (max(HEALED_S - at, 0.0) + (at - CALM_S) * 0.09 + 1.0, 200)


def healed_then(what):
    return calm_then(lambda at: (HEALED_S + 0.1 - at, 500) if at < HEALED_S else what)


@pytest.mark.parametrize("trial", STALLS)
def test_where_everything_is_answered_late_the_queue_is_to_blame_and_no_connection(trial):
    found = tried(trial, calm_then(one_worker), opens=1)
    assert not found.holds
    assert found.cause.startswith("40 requests waited when the silence ended, and those that came later wait behind")
    assert "dead" not in found.cause
    assert "pre_ping" not in found.fix
    assert "--backlog 40" in found.fix
    assert "--timeout below 30 s" in found.fix
    assert found.evidence["since"]["failed_at_once"] == 0


def test_who_gave_up_in_the_silence_is_not_told_to_give_up():
    found = tried(stall_reset, calm_then(lambda at: (0.5, 503) if at < 3.0 else one_worker(at)))
    assert "--backlog 40" in found.fix
    assert "--timeout" not in found.fix


def test_where_requests_fail_at_once_connections_are_handed_out_dead():
    found = tried(stall_reset, healed_then(BROKEN), opens=90)
    assert found.cause == "sqlalchemy hands out connections that are dead, connected at app/db.py:3 (make)"
    assert "pool_pre_ping" in found.fix
    assert found.evidence["connections_opened_since"] == 90


@pytest.mark.parametrize(("opens", "words"), [(0, "0 connections were opened"), (1, "1 connection was opened")])
def test_who_opens_hardly_a_connection_keeps_what_is_dead(opens, words):
    found = tried(stall_reset, healed_then(BROKEN), opens=opens)
    assert f"requests failed at once since, and {words}: sqlalchemy goes on with one that is dead" in found.cause
    assert "for each request" in found.fix


def test_a_few_failures_at_first_do_not_hide_that_the_rest_is_late():
    found = tried(stall_reset, calm_then(lambda at: BROKEN if HEALED_S <= at < HEALED_S + 0.5 else one_worker(at)))
    assert "wait behind them" in found.cause


@pytest.mark.parametrize("trial", STALLS)
def test_where_requests_wait_in_vain_there_is_no_deadline(trial):
    found = tried(trial, healed_then(NEVER))
    assert "waits for an answer" in found.cause
    assert found.evidence["since"]["waited_in_vain"] > 0


def test_who_ended_is_told_to_have_ended():
    found = tried(stall_reset, calm_then(lambda _: NEVER), dies_at=7.0)
    assert found.cause.startswith("the process ended with its database")


def test_threads_that_stay_dead_fail_a_silence_though_others_serve_as_before():
    found = tried(silent_stall, calm_then(lambda at: NEVER if at < 2.95 else QUICK))
    assert found.recovered
    assert not found.holds
    assert "10 of 40 requests sent into it still wait" in found.sentence
    assert (found.value, found.threshold) == (10, 0)


@pytest.mark.parametrize("late_s", [0.5, 8.0])
def test_threads_that_come_back_in_time_do_not_fail_it(late_s):
    found = tried(silent_stall, calm_then(lambda at: (HEALED_S + late_s - at, 500) if at < HEALED_S else QUICK))
    assert found.holds, found.sentence
    assert found.evidence["still_waiting_at_the_end"] == 0


def test_who_was_asked_before_the_silence_is_not_asked_for():
    found = tried(silent_stall, lambda at: NEVER if 1.95 <= at < CALM_S else calm_then(lambda _: QUICK)(at))
    assert found.evidence["still_waiting_at_the_end"] == 0


def sample(at, takes, status=500):
    return Sample("GET /", at, None if takes is None else at + takes, status if takes else 0, "")


def test_what_was_only_just_sent_is_neither_late_nor_in_vain():
    control = Window((sample(0, 0.01, 200),), 1.0)
    since = Window((sample(2, 0.01, 200), sample(2, 0.02), sample(2, 0.5, 200), sample(2, 3.0), sample(4.9, None)), 5.0)
    assert aftermath(since, control) == Aftermath(failing=1, late=1, waiting=1)
    assert aftermath(Window(since.samples[:1], 5.0), control).kind == "as before"


def test_who_waits_at_the_end_of_a_queue_that_moves_does_not_wait_in_vain():
    control = Window((sample(0, 0.01, 200),), 1.0)
    late = [sample(2 + number / 10, 5.0, 200) for number in range(10)]
    queue = Window((*late, *(sample(3 + number / 10, None) for number in range(20))), 8.0)
    assert aftermath(queue, control) == Aftermath(failing=0, late=10, waiting=0)
    stuck = Window((*late, *(sample(1 + number / 100, None) for number in range(20))), 8.0)
    assert aftermath(stuck, control) == Aftermath(failing=0, late=10, waiting=20)


def waited(*takes, now=10.0):
    return Window(tuple(sample(number * 0.5, each) for number, each in enumerate(takes)), now)


@pytest.mark.parametrize(
    ("takes", "own_s"),
    [
        ((2.0, 3.5, 5.0, 6.5), 2.0),
        ((0.01, 2.0, 3.52, 5.02), 2.02),
        ((2.0, 3.5, 5.0, None), None),
        ((4.0, 7.5), 4.0),
        ((2.0, 2.0, 3.0, 3.0), 2.0),
        ((6.0, 6.0, 6.0, 6.0), None),
        ((None, None, None, None), None),
        ((2.0, None, 2.0, 2.0), None),
        ((0.01, None, None, None), None),
    ],
    ids=["one", "dead-first", "last-hangs", "two-attempts", "two", "slow", "hang", "one-hangs", "dead-then-hang"],
)
def test_a_queue_is_told_from_an_attempt_that_does_not_end(takes, own_s):
    assert queued_behind(waited(*takes), 5.0) == (own_s if own_s is None else pytest.approx(own_s, abs=0.02))


def test_who_is_not_yet_answered_may_still_be_in_the_queue():
    assert queued_behind(waited(2.0, 3.5, 5.0, None, now=7.5), 5.0) == pytest.approx(2.0)


def behind(own_s):
    """A queue for one place: the first request goes at once, each takes its time."""
    return calm_then(lambda at: (own_s + (at - CALM_S) * (2 * own_s - 1), 500))


def test_who_gives_up_in_time_is_not_told_to_give_up_but_to_make_room():
    found = tried(connect_blackhole, behind(2.0))
    assert not found.holds
    assert found.cause.startswith("each request gives up after 2.0 s, and the others wait behind it")
    assert "gunicorn --workers 2 or --threads 2" in found.fix
    assert "connect_timeout" not in found.cause + found.fix
    assert found.evidence["one_request_alone_s"] == 2.0


def test_who_was_under_way_before_stands_in_the_queue_too():
    ends = {1.5: 4.0, 2.0: 6.0, 2.5: 8.0, 3.0: 10.0, 3.5: 12.0}
    found = tried(connect_blackhole, lambda at: (ends[at] - at, 500) if at in ends else QUICK)
    assert found.evidence["one_request_alone_s"] == 2.5
    assert "gives up after 2.5 s" in found.cause


def test_who_gives_up_late_is_told_to_give_up_sooner():
    found = tried(connect_blackhole, behind(4.0))
    assert "gives up after 4.0 s" in found.cause
    assert "one attempt of two seconds at most" in found.fix


@pytest.mark.parametrize(("takes", "timeout"), [((None, 0), None), ((6.0, 500), "6")])
def test_who_does_not_give_up_is_told_to(takes, timeout):
    found = tried(connect_blackhole, calm_then(lambda _: takes), facts=(fact(timeout),))
    assert not found.holds
    assert "connect_timeout" in found.fix
    assert "one_request_alone_s" not in found.evidence


def test_with_a_timeout_in_force_the_same_advice_is_not_given_again():
    found = tried(connect_blackhole, calm_then(lambda _: NEVER), facts=(fact("2"),))
    assert "connect_timeout" not in found.fix
    assert "pool_timeout" in found.fix
