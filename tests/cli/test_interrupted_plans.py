"""Ctrl-C in the middle of Monday: what was sent until then is reported."""

import json
import signal
import sqlite3

import pytest

LONG = ("--localhost-time", "0.5", "--after-time", "0.5", "--observer-time", "0", "--think", "0.02")
ON_MONDAY = (
    "SELECT sum(json_array_length(stats, '$.endpoints')) FROM load JOIN phase ON phase.id = phase WHERE kind = 'monday'"
)


def answered_on_monday(folder):
    for file in (folder / ".nineam").glob("run-*.db"):
        db = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        try:
            return (db.execute(ON_MONDAY).fetchone()[0] or 0) > 2
        except sqlite3.OperationalError:  # it is just being made
            return False
        finally:
            db.close()
    return False


@pytest.mark.parametrize(
    "load", [("-s", "30s:6", "-s", "30s:2"), ("-u", "6", "--no-climb", "-t", "60s")], ids=["plan", "goal"]
)
def test_an_interrupted_monday_keeps_every_request_and_says_who_was_active(start, until, project, load):
    run = start("run", "plain_asgi:app", *load, *LONG, "--json", "result.json", cwd=project)
    until(lambda: answered_on_monday(project) or run.process.poll() is not None, 40.0)
    run.process.send_signal(signal.SIGINT)
    outcome = run.outcome(30.0)
    outcome.refuses(130, "interrupted", hint=False)
    document = json.loads((project / "result.json").read_text())
    counted = document["metrics"]["http_reqs"]["values"]["count"]
    assert counted == document["monday"]["endpoints"]["GET /"]["requests"] > 0
    assert [stair["held"] for stair in document["stairs"]] == [None]
    assert "cut short" in outcome.out
    assert "no samples" not in outcome.out
    most = document["metrics"]["vus"]["values"]["max"]
    assert 1 <= most <= 6
    assert f"interrupted with {document['metrics']['vus']['values']['value']:g} user" in document["verdict"]["sentence"]
