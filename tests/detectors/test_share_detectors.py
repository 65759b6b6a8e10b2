"""Layers that take too large a share: templates, logging, garbage collection."""

import pytest

from nineam.diagnose.detectors import chatty_logging, gc_pauses, slow_template

CASES = [(slow_template, "template", 12.0), (chatty_logging, "logging", 2.0), (gc_pauses, "gc", 4.0)]


def spending(new_run, layer, ms, view=10.0):
    run = new_run().source("endpoint", "GET /x", "app/views.py:5:x")
    for begin in (run.localhost, lambda: run.monday(1, 10, held=False)):
        begin().endpoint("GET /x", {layer: ms, "view": view}).endpoint("GET /y", {"view": 2.0})
    return run


@pytest.mark.parametrize(("detector", "layer", "ms"), CASES[:2], ids=["template", "logging"])
def test_what_nobody_asked_for_under_load_has_the_share_that_it_had_before(new_run, detector, layer, ms):
    run = new_run().localhost().endpoint("GET /x", {layer: ms, "view": 10.0})
    (finding,) = run.monday(1, 10, held=False).endpoint("GET /y", {"view": 2.0}).findings(detector)
    assert finding.share == pytest.approx(ms / (ms + 10.0))


@pytest.mark.parametrize(("detector", "layer", "ms"), CASES, ids=[layer for _, layer, _ in CASES])
def test_a_layer_that_takes_too_much_fires_at_its_endpoint(new_run, detector, layer, ms):
    (finding,) = spending(new_run, layer, ms).findings(detector)
    assert (finding.code, finding.endpoint, finding.where) == (detector.CODE, "GET /x", "app/views.py:5")
    assert finding.ms_per_request == pytest.approx(ms)


@pytest.mark.parametrize(("detector", "layer", "ms"), CASES, ids=[layer for _, layer, _ in CASES])
def test_little_time_does_not_fire(new_run, detector, layer, ms):
    assert spending(new_run, layer, ms / 5).findings(detector) == []


@pytest.mark.parametrize(("detector", "layer", "ms"), CASES, ids=[layer for _, layer, _ in CASES])
def test_a_small_share_does_not_fire(new_run, detector, layer, ms):
    assert spending(new_run, layer, ms, view=ms * 30).findings(detector) == []


def test_collections_that_cost_much_only_where_the_application_drowns_are_no_heap_of_its_own(new_run):
    run = new_run().localhost().endpoint("GET /x", {"view": 10.0, "gc": 0.1})
    run.monday(1, 20).endpoint("GET /x", {"view": 10.0, "gc": 0.5})
    run.monday(2, 30, held=False).endpoint("GET /x", {"view": 12.0, "gc": 9.0})
    assert run.findings(gc_pauses) == []


def test_collections_that_cost_as_much_at_loads_that_held_fire(new_run):
    run = new_run().localhost().endpoint("GET /x", {"view": 10.0}, requests=10)
    run.monday(1, 20).endpoint("GET /x", {"view": 10.0, "gc": 6.0}, requests=80)
    run.monday(2, 30, held=False).endpoint("GET /x", {"view": 12.0, "gc": 9.0})
    (finding,) = run.findings(gc_pauses)
    assert finding.ms_per_request == pytest.approx(9.0)


def test_regular_collections_that_cost_little_are_a_red_herring(new_run):
    assert spending(new_run, "gc", 0.8, view=4.0).findings(gc_pauses) == []
