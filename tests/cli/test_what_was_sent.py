"""What a report claims is what was sent: requests, users, and the lines of a log."""

import json

TARGET = "plain_asgi:app"
QUICK = ("--no-agent", "--localhost-time", "0.5", "--stair-time", "0.5", "--after-time", "0.5", "--observer-time", "0")
THREE = """
from nineam import journey

@journey
async def visit(user):
    for path in ("/a", "/b", "/c"):
        await user.get(path)
        await user.think(0.05)
"""
GONE = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        status = {"/gone.php": 404, "/broken": 500}.get(scope["path"], 200)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})
"""


def document_of(outcome, code=0):
    assert outcome.code == code, outcome.err + outcome.out
    return json.loads(outcome.out)


def log_line(second, path, status):
    return f'10.0.0.1 - - [10/Oct/2024:13:55:{second:02d} +0000] "GET {path} HTTP/1.1" {status} 12 "-" "curl/8"\n'


def test_a_rate_of_journeys_is_of_iterations_and_the_requests_are_those_that_were_sent(nineam, project):
    (project / "monday.py").write_text(THREE)
    outcome = nineam("run", TARGET, "--rate", "20", "--no-climb", "-t", "2s", "--json", "-", *QUICK, cwd=project)
    document = document_of(outcome)
    sent = round(document["metrics"]["http_reqs"]["values"]["rate"], 1)
    assert document["capacity"]["rate"]["low"] == document["monday"]["rate"] == sent
    assert document["verdict"]["sentence"].startswith(f"READY FOR 20 iterations/s ({sent:g} requests/s, about ")
    assert "20 iters/s" in outcome.err


def test_two_scenarios_one_after_the_other_are_not_as_many_users_as_both_have(nineam, project):
    common = 'executor = "constant-vus"\nduration = "1s"\nthink = 0.05\n'
    plan = f"[scenarios.a]\nvus = 4\n{common}[scenarios.b]\nvus = 3\nstartTime = '1300ms'\n{common}"
    (project / "nineam.toml").write_text('thresholds = ["vus value<5", "http_req_duration p(95) < 500"]\n' + plan)
    document = document_of(nineam("run", TARGET, "--json", "-", *QUICK, cwd=project))
    assert document["metrics"]["vus"]["values"]["max"] == document["monday"]["users"] == 4
    # the objective is one of the thresholds, and judged once
    assert [(each["source"], each["ok"]) for each in document["thresholds"]] == [
        ("value<5", True),
        ("p(95) < 500", True),
    ]


def test_a_replay_has_the_rate_of_its_log_and_may_be_refused_what_was_refused_then(nineam, project):
    (project / "gone.py").write_text(GONE)
    lines = [
        log_line(second // 4, "/gone.php" if second % 4 else "/", 404 if second % 4 else 200) for second in range(12)
    ]
    (project / "access.log").write_text("".join(lines))
    outcome = nineam("run", "gone:app", "--access-log", "access.log", "--json", "-", *QUICK, cwd=project)
    document = document_of(outcome)
    assert document["verdict"]["status"] == "ready", document["verdict"]
    assert document["monday"]["rate"] == round(12 / 2.75, 1)
    assert document["monday"]["endpoints"]["GET /gone.php"]["statuses"] == {"404": 9}
    assert document["metrics"]["http_req_failed"]["values"]["rate"] == 0
    assert any("9 requests of the log that mostly got a 4xx" in notice for notice in document["notices"])


def test_what_fails_alone_is_said_once_and_named_where_the_rest_held(nineam, project):
    (project / "gone.py").write_text(GONE)
    (project / "urls.txt").write_text("/\n/\n/\n/gone.php\n")
    outcome = nineam(
        "run", "gone:app", "--urls", "urls.txt", "-i", "60", "-u", "2", "--think", "0.01", *QUICK, cwd=project
    )
    assert "plan       shared-iterations of 60 by 2 users\n" in outcome.err
    assert "held, not counting GET /gone.php" in outcome.err
    (monday,) = (line for line in outcome.err.splitlines() if line.startswith("Monday"))
    (localhost,) = (line for line in outcome.err.splitlines() if line.startswith("localhost"))
    assert monday.index(" p95 ") == localhost.index(" p95 ")
    assert "fails with one polite user already" not in outcome.err
    said = " ".join(outcome.out.split())
    assert said.count("GET /gone.php fails with one polite user already") == 1
    assert said.count("Monday is not judged by it") == 1
    assert "held on every stair, not counting GET /gone.php" in said
    assert "misses the objective" not in said
