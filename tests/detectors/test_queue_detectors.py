"""Requests that queue: for threads, for workers, for the interpreter, for a connection somebody keeps."""

from functools import partial

import pytest
from builder import Query

from nineam.diagnose.detectors import (
    connection_held,
    connection_leak,
    gil_bound,
    threadpool_exhausted,
    workers_exhausted,
)

Q = Query(1, 1, ms=5.0)


def queueing(new_run, before, after, **gauges):
    """A run of one endpoint, with gauges read three times at Monday's load; counters rise by their value a second."""
    run = new_run().source("endpoint", "GET /x", "app/views.py:5:x")
    run.localhost().endpoint("GET /x", before)
    run.monday(1, 50, held=False).endpoint("GET /x", after, requests=200)
    for second in (1, 2, 3):
        risen = {
            name: value * second if name.endswith(("_s", "checkouts")) else value for name, value in gauges.items()
        }
        run.gauge(second, **risen)
    return run


def waiting_for_threads(new_run, wait=80.0, waiting=9.0, running=(40.0, 40.0, 40.0)):
    layers = {"threadpool_wait": wait, "http_client": 40.0}
    run = queueing(new_run, {"threadpool_wait": 0.1, "http_client": 40.0}, layers)
    for second, threads in enumerate(running, 1):
        run.gauge(second, threadpool_waiting=waiting, threadpool_running=threads)
    return run


def test_a_full_pool_of_threads_fires_and_says_what_they_do(new_run):
    (finding,) = waiting_for_threads(new_run).findings(threadpool_exhausted)
    assert (finding.code, finding.where) == ("threadpool-exhausted", "app/views.py:5")
    assert finding.evidence == {"most_waiting": 9.0, "most_running": 40.0, "threads_mostly": "http_client"}


@pytest.mark.parametrize(
    "case",
    [{"wait": 5.0}, {"waiting": 0.0}, {"running": (0.0, 0.0, 1.0)}],
    ids=["a short wait", "nobody queues", "threads are free"],
)
def test_threads_that_are_free_soon_do_not_fire(new_run, case):
    assert waiting_for_threads(new_run, **case).findings(threadpool_exhausted) == []


def waiting_for_workers(new_run, cores=0.2, wait=90.0, in_flight=(4.0, 4.0, 4.0), late=0.01):
    run = new_run()
    run.localhost().endpoint("GET /x", {"server_wait": 0.2, "http_client": 50.0})
    run.monday(1, 50, held=False).endpoint("GET /x", {"server_wait": wait, "http_client": 50.0})
    for second, number in enumerate(in_flight, 1):
        run.gauge(second, process=0, app_cpu_s=cores * second)
        run.gauge(second, process=7, app_run_delay_s=late * second)
        run.in_flight(second, number)
    return run


def test_workers_that_all_wait_fire(new_run):
    (finding,) = waiting_for_workers(new_run).findings(workers_exhausted)
    assert (finding.code, finding.endpoint) == ("workers-exhausted", "GET /x")
    assert finding.evidence == {"served_at_a_time": 4, "cores_used": 0.2, "workers_mostly": "http_client"}


@pytest.mark.parametrize(
    "case",
    [{"cores": 0.95}, {"wait": 8.0}, {"in_flight": (1.0, 4.0, 2.0)}, {"cores": 0.3, "late": 0.7}],
    ids=["the CPU is what is busy", "a short wait", "workers are free", "other programs have the CPU"],
)
def test_a_queue_with_another_reason_does_not_fire(new_run, case):
    assert waiting_for_workers(new_run, **case).findings(workers_exhausted) == []


def test_threads_that_wait_for_the_interpreter_fire(new_run):
    run = queueing(new_run, {"view": 10.0}, {"view": 60.0}, app_gil_wait=3.0, app_cpu_s=0.98)
    (finding,) = run.findings(gil_bound)
    assert finding.code == "gil-bound"
    assert finding.evidence == {"threads_waiting": 3.0, "cores_used": 0.98, "processes": 1}
    assert finding.ms_per_request == pytest.approx(45.0)


def test_a_master_that_watches_its_workers_does_not_hide_that_they_wait(new_run):
    run = queueing(new_run, {"view": 10.0}, {"view": 60.0}, app_cpu_s=0.98)
    for second in (1, 2, 3):
        run.in_flight(second, 4.0, process=7).gauge(second, process=7, app_gil_wait=2.8)
        run.gauge(second, process=6, app_gil_wait=0.0)
    (finding,) = run.findings(gil_bound)
    assert finding.evidence == {"threads_waiting": 2.8, "cores_used": 0.98, "processes": 1}


@pytest.mark.parametrize(("waiting", "cores"), [(0.4, 0.98), (3.0, 0.4)], ids=["one busy thread", "an idle core"])
def test_one_busy_thread_or_an_idle_core_does_not_fire(new_run, waiting, cores):
    run = queueing(new_run, {"view": 10.0}, {"view": 60.0}, app_gil_wait=waiting, app_cpu_s=cores)
    assert run.findings(gil_bound) == []


@pytest.mark.parametrize(
    "busy", [{"system_cpu_s": 1.9}, {"app_run_delay_s": 0.7}], ids=["no processor is left", "other programs hold it"]
)
def test_where_another_process_would_have_no_processor_it_does_not_fire(new_run, busy):
    two_cores = partial(new_run, machine={"cores": 2, "python": "3.11", "os": "Linux"})
    run = queueing(two_cores, {"view": 10.0}, {"view": 60.0}, app_gil_wait=3.0, app_cpu_s=0.98, **busy)
    assert run.findings(gil_bound) == []


def holding(new_run, held_s=5.0, wait=30.0, alone_s=None):
    """Fifty times a second a connection is out for `held_s` / 50, and the database is used for 5 ms of each.

    With one user, where that was measured, it is out ten times a second for `alone_s` / 10.
    """
    layers = {"db_execute": 5.0, "password_hash": 60.0, "pool_wait": wait}
    run = new_run().source("endpoint", "GET /x", "app/views.py:5:x")
    run.localhost().endpoint("GET /x", layers | {"pool_wait": 0.0}, queries=(Q,))
    for second in (1, 2, 3) if alone_s else ():
        run.gauge(second, pool_held_s=alone_s * second, pool_checkouts=10.0 * second)
    run.monday(1, 50, held=False).endpoint("GET /x", layers, requests=200, queries=(Q,))
    for second in (1, 2, 3):
        run.gauge(second, pool_held_s=held_s * second, pool_checkouts=50.0 * second)
    return run


def test_a_connection_kept_while_hashing_fires_and_says_so(new_run):
    (finding,) = holding(new_run).findings(connection_held)
    assert (finding.code, finding.where) == ("connection-held", "app/views.py:5")
    assert finding.evidence == {"held_ms": 100.0, "used_ms": 5.0, "meanwhile": "password_hash"}


@pytest.mark.parametrize("case", [{"held_s": 0.45}, {"wait": 0.2}], ids=["held as long as used", "nobody waits"])
def test_a_connection_that_nobody_misses_does_not_fire(new_run, case):
    assert holding(new_run, **case).findings(connection_held) == []


@pytest.mark.parametrize(("alone_s", "count"), [(0.95, 1), (0.06, 0)], ids=["alone too", "only under load"])
def test_what_connections_are_kept_for_shows_with_one_user_already(new_run, alone_s, count):
    assert len(holding(new_run, alone_s=alone_s).findings(connection_held)) == count


def leaking(new_run, after, readings=6):
    run = new_run().source("layer", "pool_wait", "app/database.py:3:engine")
    run.localhost().endpoint("GET /x", {"view": 5.0})
    for number in range(readings):
        run.gauge(0.5 + number / 2, pool_used=float(number % 2))
    run.monday(1, 50, held=False).endpoint("GET /x", {"view": 5.0}, queries=(Q,))
    run.phase("after", seconds=5)
    for number in range(readings):
        run.gauge(0.5 + number / 2, pool_used=after + number % 2)
    return run


def test_connections_that_stay_out_are_a_leak(new_run):
    (finding,) = leaking(new_run, 4.0).findings(connection_leak)
    assert (finding.code, finding.where) == ("connection-leak", "app/database.py:3")
    assert finding.evidence == {"out_before": 0.0, "out_after": 4.0}


@pytest.mark.parametrize(("after", "readings"), [(0.0, 6), (1.0, 6), (4.0, 2)], ids=["none", "one", "hardly looked"])
def test_connections_that_come_back_are_no_leak(new_run, after, readings):
    assert leaking(new_run, after, readings).findings(connection_leak) == []
