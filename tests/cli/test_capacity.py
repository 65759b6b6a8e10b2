"""The capacity of an application that is known to do so much and no more, as a user gets it."""

import json

import pytest

BRIEF = (
    *("--no-agent", "--localhost-time", "0.5", "--stair-time", "1", "--after-time", "0.5", "--observer-time", "0"),
    *("--slo", "p(95)<200", "--json", "-"),
)
ONE_AT_A_TIME = """
import asyncio

ONE = asyncio.Semaphore(1)
served = 0


async def app(scope, receive, send):
    global served
    if scope["type"] != "http":
        return
    served += 1
    async with ONE:
        await asyncio.sleep({seconds})
    await send({{"type": "http.response.start", "status": 200, "headers": []}})
    await send({{"type": "http.response.body", "body": b""}})
"""
HOLDS = "0.0125"
TIRES = "0.0125 if served < 900 else 0.05"


def run(nineam, project, seconds, *arguments):
    (project / "limited.py").write_text(ONE_AT_A_TIME.format(seconds=seconds))
    outcome = nineam("run", "limited:app", *arguments, *BRIEF, cwd=project, limit_s=120.0)
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out), outcome.err


@pytest.mark.slow
def test_a_climb_that_broke_is_followed_by_trials_that_narrow_it(nineam, project):
    document, said = run(nineam, project, HOLDS, "--capacity-time", "16")
    capacity = document["capacity"]
    held = max(stair["rate"] for stair in document["stairs"] if stair["held"])
    broke = min(stair["rate"] for stair in document["stairs"] if stair["held"] is False and stair["rate"] > held)
    assert capacity["trials"] >= 4
    assert capacity["kind"] in {"measured", "estimate"}
    assert 50 < capacity["rate"]["low"] < 80 < 1.1 * capacity["rate"]["high"] < 110
    assert capacity["rate"]["high"] / capacity["rate"]["low"] < broke / held
    assert sum(line.startswith("capacity ") for line in said.splitlines()) == capacity["trials"]
    # trials are not stairs
    assert all(stair["rate"] in {held, broke} or stair["held"] or stair["rate"] < held for stair in document["stairs"])


@pytest.mark.slow
def test_an_application_that_tires_cannot_be_told(nineam, project):
    document, _ = run(nineam, project, TIRES, "--capacity-time", "16")
    assert document["capacity"]["kind"] == "cannot-tell"
    assert document["capacity"]["reason"]


def test_a_goal_has_no_trials_and_none_are_played_in_no_time(nineam, project):
    document, said = run(nineam, project, HOLDS, "--rate", "40", "--no-climb", "--capacity-time", "16")
    assert document["capacity"]["trials"] == 0
    assert "capacity " not in said
