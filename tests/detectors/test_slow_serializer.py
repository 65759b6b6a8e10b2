"""More time on turning objects into JSON than needed."""

import pytest
from builder import Spot

from nineam.diagnose.detectors import slow_serializer

SITE = "app/serializers.py:30:serialize_users"


def findings(new_run, layers, *spots):
    run = new_run().localhost().endpoint("GET /users", layers, spots=spots)
    return run.monday(1, 10, held=False).endpoint("GET /users", layers, spots=spots).findings(slow_serializer)


def test_half_of_the_time_in_one_function_fires_at_its_line(new_run):
    (finding,) = findings(new_run, {"view": 6.0, "serializer": 8.0}, Spot("serializer", 8.0, SITE, calls=3))
    assert (finding.code, finding.where, finding.function) == (
        "slow-serializer", "app/serializers.py:30", "serialize_users"
    )  # fmt: skip
    assert finding.evidence["localhost_ms"] == 8.0
    assert finding.evidence["calls_per_request"] == 3.0
    assert finding.ms_per_request == 8.0


def test_passes_on_several_lines_of_one_function_count_together(new_run):
    spots = [Spot("serializer", 2.0, f"app/serializers.py:{line}:serialize_users") for line in (30, 31, 32)]
    (finding,) = findings(new_run, {"view": 6.0, "serializer": 6.0}, *spots)
    assert "in 3 passes" in finding.title
    assert set(finding.evidence["lines"]) == {f"app/serializers.py:{line}" for line in (30, 31, 32)}


def test_a_small_share_of_a_slow_endpoint_does_not_fire(new_run):
    assert findings(new_run, {"db_execute": 30.0, "serializer": 8.0}, Spot("serializer", 8.0, SITE)) == []


def test_a_large_share_of_a_quick_endpoint_does_not_fire(new_run):
    assert findings(new_run, {"view": 1.0, "serializer": 2.5}, Spot("serializer", 2.5, SITE)) == []


def test_the_same_time_spread_over_functions_does_not_fire(new_run):
    spots = [Spot("serializer", 2.0, f"app/serializers.py:1:f{number}") for number in range(4)]
    assert findings(new_run, {"view": 2.0, "serializer": 8.0}, *spots) == []


def test_slow_only_under_load_is_not_the_serializer_s_fault(new_run):
    run = (
        new_run()
        .localhost()
        .endpoint("GET /users", {"view": 6.0, "serializer": 1.0}, spots=(Spot("serializer", 1.0, SITE),))
    )
    run.monday(1, 10, held=False)
    run.endpoint("GET /users", {"view": 6.0, "serializer": 50.0}, spots=(Spot("serializer", 50.0, SITE),))
    assert run.findings(slow_serializer) == []


@pytest.mark.parametrize(("waited", "fires"), [(0.2, True), (0.8, False)])
def test_time_in_which_other_programs_had_the_processor_does_not_count(new_run, waited, fires):
    layers, spots = {"view": 2.0, "serializer": 4.0}, (Spot("serializer", 4.0, SITE),)
    run = new_run().localhost().endpoint("GET /users", layers, spots=spots)
    for second in (0.1, 0.5, 0.9):
        run.gauge(second, process=7, app_cpu_s=second, app_run_delay_s=waited * second)
    run.monday(1, 10, held=False).endpoint("GET /users", layers, spots=spots)
    assert bool(run.findings(slow_serializer)) is fires
