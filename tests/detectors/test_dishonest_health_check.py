"""A health check that says one thing while the application does another."""

import pytest
from builder import answers

from nineam.diagnose.detectors import dishonest_health_check as detector

HEALTH = "GET /health"
SITE = "app/health.py:9:health"


def run_with(new_run, *, probes_failed, layers, users_failed=0, exempt=()):
    run = new_run(exempt=list(exempt)).source("endpoint", HEALTH, SITE)
    run.localhost().endpoint(HEALTH, {"view": 1.0, "pool_wait": 0.01, "loop_lag": 0.1})
    run.clients(answers("GET /x"), health=answers(HEALTH, 20, 2.0))
    run.monday(1, 40, held=False).endpoint(HEALTH, layers)
    run.clients(
        answers("GET /x", 100, 300.0, failed=users_failed), health=answers(HEALTH, 20, 900.0, failed=probes_failed)
    )
    return run.findings(detector)


def test_a_check_that_queues_for_the_users_pool_and_fails_fires(new_run):
    (finding,) = run_with(new_run, probes_failed=10, layers={"view": 1.0, "pool_wait": 800.0, "loop_lag": 2.0})
    assert (finding.code, finding.endpoint) == ("dishonest-health-check", HEALTH)
    assert (finding.where, finding.function) == ("app/health.py:9", "health")
    assert finding.evidence["waits_in"] == "pool_wait"
    assert (finding.evidence["probes"], finding.evidence["failed"]) == (20, 10)


@pytest.mark.parametrize("layer", ["threadpool_wait", "db_execute", "db_connect"])
def test_threads_and_the_database_are_shared_too(new_run, layer):
    assert run_with(new_run, probes_failed=10, layers={"view": 1.0, layer: 800.0})


def test_a_check_that_smiles_while_most_users_are_turned_away_fires(new_run):
    (finding,) = run_with(new_run, probes_failed=0, layers={"view": 1.0}, users_failed=60)
    assert "says it is well while 60% of requests fail" in finding.title


def test_a_check_that_is_late_because_the_whole_process_is_tells_the_truth(new_run):
    layers = {"view": 1.0, "loop_lag": 700.0, "server_wait": 200.0, "pool_wait": 0.02}
    assert run_with(new_run, probes_failed=10, layers=layers) == []


def test_a_check_that_fails_while_users_fail_as_well_tells_the_truth(new_run):
    assert run_with(new_run, probes_failed=10, layers={"pool_wait": 800.0}, users_failed=70) == []


def test_one_lost_probe_does_not_fire(new_run):
    assert run_with(new_run, probes_failed=1, layers={"pool_wait": 800.0}) == []


def test_a_check_that_answers_while_most_users_are_served_is_honest(new_run):
    assert run_with(new_run, probes_failed=0, layers={"view": 1.0}, users_failed=30) == []


def test_endpoints_that_never_worked_are_not_held_against_the_check(new_run):
    assert run_with(new_run, probes_failed=0, layers={"view": 1.0}, users_failed=90, exempt=["GET /x"]) == []


def test_without_a_health_path_nothing_is_said(new_run):
    run = new_run().localhost().monday(1, 10, held=False).clients(answers("GET /x", failed=40))
    assert run.findings(detector) == []
