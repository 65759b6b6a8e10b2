"""What is said about the process: memory that only grows, a cold start, debug mode."""

import pytest
from builder import answers

from nineam.diagnose.detectors import cold_start, debug_mode, memory_growth

MB = 1e6


def growing(new_run, *sizes, after):
    """Stairs of 2,000 requests each that end with so many megabytes."""
    run = new_run().localhost().endpoint("GET /x", {"view": 5.0})
    for number, size in enumerate(sizes):
        run.monday(number, 10.0 * (number + 1), held=number + 1 < len(sizes))
        run.endpoint("GET /x", {"view": 5.0}, requests=2000).gauge(3.5, process=0, app_rss=size * MB)
    run.phase("after", seconds=5).endpoint("GET /x", {"view": 5.0}).gauge(4.5, process=0, app_rss=after * MB)
    return run.findings(memory_growth)


def test_memory_that_grows_in_every_stair_and_stays_fires(new_run):
    (finding,) = growing(new_run, 100, 150, 200, 250, after=250)
    assert (finding.code, finding.endpoint) == ("memory-growth", "GET /x")
    assert finding.evidence["bytes_per_request"] == 25_000
    assert finding.evidence["megabytes"] == [100.0, 150.0, 200.0, 250.0, 250.0]


@pytest.mark.parametrize(
    ("sizes", "after"),
    [((100, 180, 182, 183), 183), ((100, 150, 200, 250), 120), ((100, 110, 120, 130), 130), ((100, 200), 200)],
    ids=["growth that ends", "given back", "little", "too few stairs"],
)
def test_memory_that_does_not_only_grow_does_not_fire(new_run, sizes, after):
    assert growing(new_run, *sizes, after=after) == []


def started(new_run, first, usual):
    run = new_run().source("endpoint", "GET /x", "app/views.py:5:x")
    run.phase("warmup", seconds=2).endpoint("GET /x", {"view": first}).clients(answers("GET /x", 1, first))
    run.localhost().endpoint("GET /x", {"view": usual}).clients(answers("GET /x", 20, usual))
    return run.findings(cold_start)


def test_a_first_answer_of_seconds_is_a_cold_start(new_run):
    (finding,) = started(new_run, 3000.0, 20.0)
    assert (finding.code, finding.where) == ("cold-start", "app/views.py:5")
    assert finding.title.startswith("the first answer takes 3.0 s")


@pytest.mark.parametrize(("first", "usual"), [(600.0, 20.0), (3000.0, 900.0)], ids=["under a second", "always slow"])
def test_a_first_answer_like_the_others_is_none(new_run, first, usual):
    assert started(new_run, first, usual) == []


@pytest.mark.parametrize(("debug", "count"), [("on", 1), ("", 0)])
def test_debug_mode_is_said_once(new_run, debug, count):
    run = new_run(target={"framework": "django", "debug": debug}).localhost().endpoint("GET /x", {"view": 5.0})
    found = run.findings(debug_mode)
    assert len(found) == count
    assert all("DEBUG = True" in finding.title for finding in found)
