"""Runs that measured nothing: not ready, not broken, but not proven, with what is known about why."""

import msgspec
import pytest

from nineam.diagnose.diagnosis import diagnose
from nineam.model import GeneratorStats, HistogramData, JourneyProblem, LoadStats

BEGUN = GeneratorStats(slip=HistogramData(counts={1: 3}, count=3), wall_s=1.0)
PROBLEM = JourneyProblem(message="ValueError: no", where="monday.py:5", count=3)


def judged(new_run, early=(), **stats):
    """Diagnose a run whose only stair had these statistics, and whose localhost had those problems."""
    run = new_run(goal_limit=2).localhost().monday(1, users=2, held=False).read()
    localhost, monday = (phase.id for phase in run.phases[:2])
    load = {localhost: (LoadStats(problems=early),), monday: (LoadStats(**stats),)}
    return diagnose(msgspec.structs.replace(run, load=load))


@pytest.mark.parametrize(
    ("stats", "words"),
    [
        ({"generator": BEGUN, "problems": (PROBLEM,)}, "problem in the journeys: ValueError: no at monday.py:5"),
        ({"generator": BEGUN, "early": (PROBLEM,)}, "problem in the journeys: ValueError: no at monday.py:5"),
        ({"generator": BEGUN}, "the journeys began, waited for something else and never came back"),
        ({"generator": BEGUN, "iterations": 3}, "the journeys ended without one"),
        ({}, "nobody's turn came"),
    ],
)
def test_a_run_without_a_request_proves_nothing_and_is_not_trusted(new_run, stats, words):
    found = judged(new_run, **stats)
    assert found.verdict.status == "not-proven"
    assert words in found.verdict.sentence
    assert not found.generator.trustworthy
    assert found.after.recovered is None


def test_messages_of_websockets_are_measurements(new_run):
    assert judged(new_run, generator=BEGUN, counters={"ws_sessions": 3.0}).generator.trustworthy
