"""Requests that queue for a database connection."""

import pytest
from builder import Query

from nineam.diagnose.detectors import pool_exhausted

SITE = "app/database.py:5:open_shop"
LIMITS = {"pool_size": 5.0, "pool_max_overflow": 0.0}


def run_with(new_run, *, wait_ms=80.0, used=5.0, waiting=12.0):
    run = new_run().source("layer", "pool_wait", SITE)
    run.localhost().endpoint("GET /x", {"view": 5.0, "pool_wait": 0.01})
    run.monday(1, 50, held=False)
    run.endpoint("GET /x", {"view": 20.0, "pool_wait": wait_ms})
    run.endpoint("GET /y", {"view": 20.0, "pool_wait": wait_ms / 2})
    for second in range(1, 4):
        run.gauge(
            second,
            pool_used=used,
            pool_waiting=waiting,
            pool_checkouts=50.0 * second,
            pool_held_s=4.0 * second,
            **LIMITS,
        )
    return run


def test_a_full_pool_with_a_queue_fires_where_its_size_is_written(new_run):
    (finding,) = run_with(new_run).findings(pool_exhausted)
    assert (finding.code, finding.endpoint) == ("pool-exhausted", "GET /x")
    assert (finding.where, finding.function) == ("app/database.py:5", "open_shop")
    assert finding.ms_per_request == 80.0
    assert finding.evidence["pool_size"] == 5
    assert finding.evidence["most_waiting"] == 12


def test_the_connections_needed_follow_little_s_law(new_run):
    (finding,) = run_with(new_run).findings(pool_exhausted)
    # 50 checkouts a second of 80 ms each keep 4 connections busy; at 70 % busy that takes 6
    assert finding.evidence["held_ms"] == 80.0
    assert finding.evidence["connections_needed"] == 6


def test_workers_with_pools_of_their_own_do_not_confuse_the_time_held(new_run):
    run = run_with(new_run)
    for second in range(1, 4):
        run.gauge(
            second + 0.1, process=2, pool_used=5.0, pool_waiting=3.0, pool_checkouts=100.0 + 50.0 * second,
            pool_held_s=40.0 + 4.0 * second, **LIMITS,
        )  # fmt: skip
    (finding,) = run.findings(pool_exhausted)
    assert finding.evidence["held_ms"] == pytest.approx(80.0, abs=1)


def test_a_full_pool_without_anybody_waiting_does_not_fire(new_run):
    assert run_with(new_run, waiting=0.0).findings(pool_exhausted) == []


def test_a_pool_with_free_connections_does_not_fire(new_run):
    assert run_with(new_run, used=4.0).findings(pool_exhausted) == []


def test_a_pool_that_is_full_for_a_moment_does_not_fire(new_run):
    run = run_with(new_run)
    for look in range(20):
        run.gauge(3.1 + look / 40, pool_used=3.0, pool_waiting=0.0, **LIMITS)
    assert run.findings(pool_exhausted) == []


def test_a_short_wait_does_not_fire(new_run):
    assert run_with(new_run, wait_ms=9.0).findings(pool_exhausted) == []


def test_without_gauges_it_cannot_tell_and_does_not_fire(new_run):
    run = new_run().localhost().monday(1, 50, held=False).endpoint("GET /x", {"pool_wait": 80.0})
    assert run.findings(pool_exhausted) == []


def held_for(new_run, *, alone_ms, busy_ms, database_ms):
    """A pool of five, out `alone_ms` each time with one user and `busy_ms` under load; besides, 60 ms of other work."""
    run = new_run().localhost()
    run.endpoint("GET /x", {"db_execute": 4.0, "view": 1.0}, requests=100, queries=(Query(1, 1),))
    for second in range(1, 4):
        run.gauge(second, pool_used=1.0, pool_checkouts=20.0 * second, pool_held_s=0.02 * alone_ms * second, **LIMITS)
    run.monday(1, 50, held=False)
    layers = {"db_execute": database_ms, "view": 60.0, "loop_lag": 90.0, "pool_wait": 80.0}
    run.endpoint("GET /x", layers, requests=200, queries=(Query(1, 1),))
    for second in range(1, 4):
        held_s = 0.05 * busy_ms * second
        run.gauge(second, pool_used=5.0, pool_waiting=12.0, pool_checkouts=50.0 * second, pool_held_s=held_s, **LIMITS)
    return run.findings(pool_exhausted)


def test_connections_held_much_longer_than_alone_while_nothing_takes_longer_wait_for_a_turn(new_run):
    assert held_for(new_run, alone_ms=6.0, busy_ms=80.0, database_ms=8.0) == []


@pytest.mark.parametrize(
    ("alone_ms", "database_ms"), [(60.0, 8.0), (6.0, 70.0)], ids=["as long alone", "the database is slow"]
)
def test_connections_that_are_in_use_as_long_as_they_are_held_are_too_few(new_run, alone_ms, database_ms):
    assert len(held_for(new_run, alone_ms=alone_ms, busy_ms=80.0, database_ms=database_ms)) == 1


def test_a_pool_whose_connections_wait_for_the_event_loop_is_not_what_is_short(new_run):
    run = new_run().localhost().endpoint("GET /x", {"db_execute": 4.0}, queries=(Query(1, 1),))
    run.monday(1, 50, held=False)
    run.endpoint(
        "GET /x", {"db_execute": 5.0, "loop_lag": 90.0, "pool_wait": 80.0}, requests=200, queries=(Query(1, 1),)
    )
    for second in range(1, 4):
        run.gauge(
            second, pool_used=5.0, pool_waiting=12.0, pool_checkouts=50.0 * second, pool_held_s=4.0 * second, **LIMITS
        )
    assert run.findings(pool_exhausted) == []
