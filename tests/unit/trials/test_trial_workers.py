"""A worker that is killed: what was lost, what only waits, and what is said of it."""

import asyncio
from types import SimpleNamespace

import pytest
from trial_lab import Lab

from nineam.trials.catalogue import worker_killed

KILLED_S = 2.0
QUICK = (0.01, 200)


@pytest.fixture
def tried(monkeypatch):
    def run(script, workers=2):
        there = [SimpleNamespace(kill=lambda: None)] * workers
        monkeypatch.setattr(worker_killed, "_workers", lambda _: there)
        lab = Lab(script)
        lab.subject.command = ("gunicorn", "shop:app")
        return asyncio.run(worker_killed.run(lab, None))

    return run


def test_another_that_takes_its_place_in_time_holds(tried):
    found = tried(lambda at: (0.01, 200 if not KILLED_S <= at < KILLED_S + 0.2 else 0))
    assert found.holds, found.sentence


def test_what_only_waits_is_not_lost_and_no_first_worker_is_missed(tried):
    found = tried(lambda at: QUICK if at < KILLED_S else (None, 0))
    assert not found.holds
    assert "0 requests that came later were lost, and" in found.sentence
    assert found.evidence["still_waiting_at_the_end"] > 0
    assert "workers that were left" in found.cause
    assert "more than one" not in found.fix


@pytest.mark.parametrize(("workers", "fix"), [(1, "more than one worker"), (2, "one worker more")])
def test_what_fails_later_is_lost(tried, workers, fix):
    found = tried(lambda at: QUICK if at < KILLED_S else (0.01, 0), workers)
    assert not found.holds
    assert found.evidence["lost_later"] > 0
    assert found.fix.startswith(fix)
    assert "dead" in found.cause
