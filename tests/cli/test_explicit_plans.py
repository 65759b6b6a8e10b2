"""Loads that are run as they are given, through the front door."""

import json

TARGET = "plain_asgi:app"
JOURNEYS = """
from nineam import journey

@journey
async def browse(user):
    await user.get("/browse")

@journey
async def buy(user):
    await user.get("/buy")
"""
SCENARIOS = """
journeys = "journeys.py"
thresholds = [
    "http_req_duration{scenario:browse} p(95)<500",
    {threshold = "http_req_duration{scenario:buy} max<0.001", abortOnFail = true},
]

[scenarios.browse]
executor = "constant-arrival-rate"
rate = 20
duration = "30s"
exec = "browse"

[scenarios.buy]
executor = "per-vu-iterations"
vus = 2
iterations = 2
exec = "buy"
"""


def kinds(document):
    return [stair["index"] for stair in document["stairs"]]


def test_iterations_are_one_phase_without_a_climb(nineam, project, short):
    outcome = nineam("run", TARGET, "-i", "30", "-u", "3", "--json", "-", *short, cwd=project)
    assert outcome.code in {0, 4}, outcome.err
    document = json.loads(outcome.out)
    assert kinds(document) == [1]
    assert document["metrics"]["iterations"]["values"]["count"] == 30
    assert document["capacity"]["kind"] == "cannot-tell"
    assert "shared-iterations of 30 by 3 users" in document["verdict"]["sentence"]


def test_a_threshold_that_fails_stops_all_scenarios_and_is_said(nineam, project, short):
    (project / "journeys.py").write_text(JOURNEYS)
    (project / "nineam.toml").write_text(SCENARIOS)
    outcome = nineam("run", TARGET, "--json", "-", *short, cwd=project)
    assert outcome.code == 99, outcome.err
    document = json.loads(outcome.out)
    assert set(document["monday"]["endpoints"]) <= {"GET /browse", "GET /buy"}
    assert {each["metric"]: each["ok"] for each in document["thresholds"]} == {
        "http_req_duration{scenario:browse}": True,
        "http_req_duration{scenario:buy}": False,
        "http_req_duration": True,
    }
    assert "http_req_duration{scenario:buy} max<0.001 failed" in document["verdict"]["sentence"]
    assert any("the load was stopped after" in notice for notice in document["notices"])
    assert document["metrics"]["http_reqs"]["values"]["count"] < 600
