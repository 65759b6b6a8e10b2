"""Whose work is behind the growth: waiting moves to what was waited for."""

import pytest
from builder import Query

from nineam.diagnose.detectors import n_plus_one
from nineam.diagnose.diagnosis import diagnose
from nineam.diagnose.roots import roots

ORDERS, LOGIN, USERS = "GET /orders", "POST /login", "GET /users"
ROWS = Query(30, 30, site="app/views.py:10:orders", ms=20.0)


def growing(new_run, before, after, **facts):
    """A run in which endpoints had the layers `before` alone and `after` in four seconds of load."""
    run = new_run().localhost()
    for name, layers in before.items():
        run.endpoint(name, layers, queries=facts.get(name, ()))
    run.monday(1, 50, held=False)
    for second in range(4):
        for name, layers in after.items():
            steps = facts.get("steps", {}).get(name, 0.0)
            run.endpoint(name, layers, requests=50, second=second, steps_ms=steps, queries=facts.get(name, ()))
    return run


def shares(picture, findings=()):
    return {(root.endpoint, root.layer): round(root.share, 2) for root in roots(picture, tuple(findings))}


def test_waiting_for_a_connection_is_the_work_of_those_who_hold_one(new_run):
    run = growing(
        new_run,
        {ORDERS: {"view": 2.0, "db_execute": 20.0}, USERS: {"view": 2.0, "db_execute": 1.0}},
        {
            ORDERS: {"view": 2.0, "db_execute": 40.0, "pool_wait": 200.0},
            USERS: {"view": 2.0, "db_execute": 1.0, "pool_wait": 200.0},
        },
        **{ORDERS: (ROWS,), USERS: (Query(1, 1),)},
    )
    picture = run.picture()
    (first, *_) = roots(picture, tuple(n_plus_one.detect(picture)))
    assert (first.endpoint, first.layer, first.code) == (ORDERS, "db_execute", "n-plus-one")
    assert first.where == "app/views.py:10"
    assert first.share > 0.95
    assert first.confidence == pytest.approx(1.0)


def test_waiting_for_the_loop_is_the_work_of_what_ran_on_it(new_run):
    run = growing(
        new_run,
        {LOGIN: {"password_hash": 70.0}, USERS: {"view": 1.0, "db_execute": 3.0}},
        {
            LOGIN: {"password_hash": 75.0, "loop_lag": 100.0},
            USERS: {"view": 1.0, "db_execute": 3.0, "loop_lag": 150.0},
        },
        steps={LOGIN: 75.0, USERS: 2.0},
    )
    found = shares(run.picture())
    assert next(iter(found)) == (LOGIN, "password_hash")
    assert found[LOGIN, "password_hash"] > 0.9


def test_what_runs_on_the_loop_beside_the_computing_layers_is_the_drivers(new_run):
    run = growing(
        new_run,
        {USERS: {"view": 1.0, "db_execute": 10.0}},
        {USERS: {"view": 1.0, "db_execute": 10.0, "loop_lag": 100.0}},
        steps={USERS: 9.0},
    )
    assert shares(run.picture()) == {(USERS, "db_execute"): 0.89, (USERS, "view"): 0.11}


def test_waiting_for_a_worker_is_what_workers_do_and_what_they_wait_for_in_turn(new_run):
    run = growing(
        new_run,
        {ORDERS: {"view": 2.0, "db_execute": 20.0, "pool_wait": 0.0}},
        {ORDERS: {"server_wait": 300.0, "pool_wait": 60.0, "view": 2.0, "db_execute": 20.0}},
        **{ORDERS: (ROWS,)},
    )
    found = shares(run.picture())
    assert next(iter(found)) == (ORDERS, "db_execute")
    assert found[ORDERS, "db_execute"] > 0.9


def test_waiting_for_a_lock_stays_where_it_is(new_run):
    run = growing(new_run, {USERS: {"view": 5.0}}, {USERS: {"view": 5.0, "lock_wait": 80.0}})
    assert shares(run.picture()) == {(USERS, "lock_wait"): 1.0}


def test_a_lock_behind_a_queue_of_workers_is_found(new_run):
    layers = {"view": 5.0, "lock_wait": 80.0, "server_wait": 400.0}
    run = growing(new_run, {USERS: {"view": 5.0}}, {USERS: layers})
    assert next(iter(shares(run.picture()))) == (USERS, "lock_wait")


def test_causes_that_take_turns_are_both_named(new_run):
    run = new_run().localhost().endpoint(USERS, {"view": 5.0, "template": 5.0})
    run.monday(1, 50, held=False)
    for second in range(6):
        slow = "view" if second % 2 else "template"
        run.endpoint(USERS, {"view": 5.0, "template": 5.0} | {slow: 100.0}, requests=50, second=second)
    story = diagnose(run.read()).story
    (line,) = [line for line in story if "waited for" in line]
    assert "cannot tell which" in line
    assert " or " in line


def test_nothing_grown_has_no_roots(new_run):
    assert roots(growing(new_run, {USERS: {"view": 5.0}}, {USERS: {"view": 5.0}}).picture(), ()) == ()


def test_a_run_without_load_has_no_roots(new_run):
    assert roots(new_run().localhost().endpoint(USERS, {"view": 5.0}).picture(), ()) == ()


def test_a_connection_kept_while_another_service_is_asked_makes_that_the_work_behind_the_pool(new_run):
    run = growing(
        new_run,
        {ORDERS: {"db_execute": 2.0, "http_client": 40.0}},
        {ORDERS: {"db_execute": 2.0, "http_client": 40.0, "pool_wait": 300.0}},
        **{ORDERS: (Query(1, 1),)},
    )
    for second in (1, 2, 3):
        run.gauge(second, pool_held_s=2.1 * second, pool_checkouts=50.0 * second)
    found = shares(run.picture())
    assert next(iter(found)) == (ORDERS, "http_client")
    assert found[ORDERS, "http_client"] > 0.9


def test_collecting_garbage_belongs_to_what_makes_it(new_run):
    run = growing(
        new_run,
        {USERS: {"template": 20.0, "db_execute": 3.0, "gc": 2.0}},
        {USERS: {"template": 24.0, "db_execute": 3.0, "gc": 16.0}},
    )
    assert shares(run.picture()) == {(USERS, "template"): 1.0}


def test_collections_that_take_longer_than_what_makes_garbage_are_themselves_to_blame(new_run):
    run = growing(
        new_run,
        {USERS: {"view": 2.0, "db_execute": 3.0, "gc": 0.0}},
        {USERS: {"view": 2.0, "db_execute": 3.0, "gc": 80.0}},
    )
    assert shares(run.picture()) == {(USERS, "gc"): 1.0}


def late(new_run, cores, waited):
    """A service that is asked and a serializer, both slower under load, while threads wait for a processor."""
    run = growing(
        new_run,
        {ORDERS: {"http_client": 3.0}, USERS: {"serializer": 15.0}},
        {ORDERS: {"http_client": 25.0}, USERS: {"serializer": 17.0}},
    )
    for second in (2.1, 3.0, 3.9):
        run.gauge(second, app_cpu_s=cores * second, app_run_delay_s=waited * second)
    return run


def test_where_every_processor_is_taken_what_computes_is_behind_all_waits(new_run):
    picture = late(new_run, 0.8, 3.0).picture()
    assert next(iter(shares(picture))) == (USERS, "serializer")


def test_where_processors_are_free_a_service_that_got_slower_is_behind_it(new_run):
    assert next(iter(shares(late(new_run, 0.3, 0.01).picture()))) == (ORDERS, "http_client")


@pytest.mark.parametrize(("waiting", "first"), [(1.5, (USERS, "serializer")), (0.0, (ORDERS, "http_client"))])
def test_workers_whose_threads_queue_for_the_interpreter_are_kept_by_what_computes(new_run, waiting, first):
    run = growing(
        new_run,
        {ORDERS: {"http_client": 20.0}, USERS: {"serializer": 15.0}},
        {ORDERS: {"http_client": 20.0, "server_wait": 90.0}, USERS: {"serializer": 15.0, "server_wait": 90.0}},
    )
    for second in (2.1, 3.0, 3.9):
        run.gauge(second, app_cpu_s=0.7 * second)
        run.gauge(second, process=7, in_flight=4.0, app_gil_wait=waiting)
    assert next(iter(shares(run.picture()))) == first
