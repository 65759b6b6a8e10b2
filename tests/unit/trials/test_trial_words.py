"""What trials say and count, seen on applications that are only a script."""

import asyncio

import pytest
from trial_lab import DATABASE, Lab

from nineam.trials.catalogue import TRIALS, boot_without, connect_blackhole, silent_stall, surge
from nineam.trials.servers import Server

SYNC = Server(name="gunicorn", kills_s=30.0, drains_s=30.0, drain_option="--graceful-timeout")
CALM_S, FAULT_S = 2.0, 4.0
QUICK = (0.01, 200)


def tried(module, lab, dependency=DATABASE):
    return asyncio.run(module.run(lab, dependency))


def stalled(at):
    """Who is asked during the silence waits for ever; two of three come back a second later."""
    if not CALM_S <= at < CALM_S + FAULT_S:
        return QUICK
    return (CALM_S + FAULT_S + 1.0 - at, 500) if round(at * 10) % 3 else (None, 0)


def test_a_silence_is_counted_when_it_ends_and_not_only_at_the_end_of_the_trial():
    found = tried(silent_stall, Lab(stalled))
    assert found.recovered
    assert not found.holds
    assert found.evidence["sent_into_the_silence"] == found.evidence["waiting_when_it_ended"] == 40
    assert found.evidence["still_waiting_at_the_end"] == 13
    assert found.evidence["heal"] == "zombie"


def hangs(at):
    return QUICK if at < CALM_S else (None, 0)


def test_who_does_not_come_back_is_told_with_what_waited_when_the_silence_ended():
    found = tried(silent_stall, Lab(hangs))
    assert not found.holds
    assert "of 40 requests sent into it 40 had no answer when it ended" in found.sentence
    assert "without an end" in found.cause


def test_a_server_that_ends_what_hangs_is_not_said_to_wait_without_an_end():
    would = tried(silent_stall, Lab(hangs, server=SYNC))
    assert "without an end" not in would.cause
    assert "gunicorn's --timeout would end it after 30 s" in would.cause
    did = tried(silent_stall, Lab(hangs, server=SYNC, ended=2))
    assert "gunicorn's --timeout of 30 s ended 2 workers" in did.sentence
    assert did.evidence["workers_ended_by_the_server"] == 2


@pytest.mark.parametrize(("heal", "name"), [("resume", "stall-resumed"), ("reset", "stall-reset")])
def test_there_is_a_trial_for_every_way_in_which_a_silence_ends(heal, name):
    (trial,) = [each for each in TRIALS if each.name == name]
    lab = Lab(stalled)
    found = asyncio.run(trial.run(lab, DATABASE))
    assert found.evidence["heal"] == heal
    assert lab.healed[0][:2] == ("stall", {"heal": heal})


def test_where_nobody_was_answered_the_wait_is_more_than_what_was_seen():
    found = tried(connect_blackhole, Lab(hangs))
    assert found.unit == "s and more without an answer"
    assert "4 of 4 requests waited longer than 5 s" in found.sentence
    assert "4 had no answer at all, the first of them for more than 7.5 s" in found.sentence
    answered = tried(connect_blackhole, Lab(lambda at: QUICK if at < CALM_S else (6.0, 500)))
    assert answered.unit == "s until the slowest answer"
    assert "the slowest 6.0 s" in answered.sentence


def test_a_surge_that_is_not_carried_is_not_watched_for_long_and_the_limit_comes_from_the_knee():
    lab = Lab(hangs, server=SYNC, knee=25.0, ended=1)
    found = tried(surge, lab, None)
    assert not found.holds
    assert "not as before within 2 s" in found.sentence
    assert found.recovered is None
    assert "gunicorn's --timeout of 30 s ended 1 worker" in found.sentence
    assert "--backlog 50" in found.fix
    assert lab._made.now() < CALM_S + FAULT_S + 5


def healed_at(lab):
    return next(at for name, _, at in lab.healed if name == "reset_peer")


def test_what_it_depends_on_stays_away_until_a_slow_application_has_started():
    slow = Lab(lambda at: (max(0.01, 2.5 - at), 500) if at < 6.5 else QUICK)
    found = tried(boot_without, slow)
    assert healed_at(slow) == pytest.approx(2.5 + FAULT_S, abs=0.2)
    assert found.evidence["first_answer"] in ("after 2.5 s", "after 2.6 s")
    assert found.evidence["away_s"] == pytest.approx(2.5 + FAULT_S, abs=0.2)


def test_who_waits_for_it_while_starting_gets_twice_the_time_of_a_start():
    waits = Lab(lambda at: (None, 0) if at < 7.0 else QUICK)
    found = tried(boot_without, waits)
    assert healed_at(waits) == pytest.approx(2 * 1.0 + 1.0 + FAULT_S, abs=0.2)
    assert found.holds
    assert found.evidence["first_answer"] == "none while it was away"


def test_who_ends_without_it_is_not_waited_for():
    dead = Lab(lambda _: (None, 0), dies_at=0.5)
    found = tried(boot_without, dead)
    assert not found.holds
    assert "it ends (exit code 3)" in found.sentence
    assert healed_at(dead) < 1.0 + FAULT_S
