"""However a trial ends, nothing of it is left: no process, no fault, and the real address works."""

import os
import signal
import time
from random import Random

import psutil
import psycopg
import pytest
from trial_kit import APPS, POSTGRES, SHORT, needs_postgres, own_environment, own_python

pytestmark = pytest.mark.postgres
INTERRUPTED = 130
END_S = 15.0
MOST = 3
"""The proxy, the guard, and the application below it."""


@pytest.fixture(scope="module", autouse=True)
def database():
    needs_postgres()


@pytest.fixture
def on_trial(start):
    """Start trials, and wait until it says so of one of them."""

    def begin(word, until):
        env = own_environment({"DATABASE_URL": POSTGRES})
        started = start("trial", "trial_shop:app", "silent-stall", *own_python(), *SHORT, cwd=APPS, env=env)
        until(lambda: word in started.said() and len(started.descendants()) >= MOST)
        return started

    return begin


def gone(processes):
    return not [each for each in processes if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


def works():
    with psycopg.connect(POSTGRES, connect_timeout=5) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_after_kill_9_in_the_middle_of_a_trial_nothing_is_left(on_trial, until):
    started = on_trial("silent-stall", until)
    below = started.descendants()
    os.kill(started.pid, signal.SIGKILL)
    until(lambda: gone(below))
    assert works()


@pytest.mark.slow
def test_ctrl_c_ends_everything_and_says_so(on_trial, until):
    started = on_trial("silent-stall", until)
    below = started.descendants()
    os.kill(started.pid, signal.SIGINT)
    outcome = started.outcome(END_S)
    assert outcome.code == INTERRUPTED
    assert "faults are healed" in outcome.err
    assert "Traceback" not in outcome.err
    assert gone(below)
    assert works()


@pytest.mark.slow
@pytest.mark.parametrize("number", range(20))
def test_killed_at_any_moment_it_leaves_nothing(on_trial, until, number):
    started = on_trial("starting", until)
    time.sleep(Random(number).uniform(0, 15))  # any moment is the point
    below = started.descendants()
    os.kill(started.pid, signal.SIGKILL)
    until(lambda: gone(below))
    assert works()
