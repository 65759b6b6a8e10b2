"""A load or a source of traffic that cannot be meant is refused before anything starts."""

import pytest

TARGET = "plain_asgi:app"
JOURNEYS = "from nineam import journey\n\n@journey\nasync def browse(user):\n    await user.get('/')\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--executor", "constant-arival-rate", "--rate", "3"), ("'constant-arival-rate'", "constant-arrival-rate")),
        (("--executor", "peaceful"), ("'peaceful'", "constant-vus", "poisson-arrival-rate, sessions\n")),
        (("--executor", "constant-arrival-rate", "--rate", "3"), ("constant-arrival-rate", "duration")),
        (("--executor", "constant-vus", "--rate", "3", "-t", "1s"), ("constant-vus", "rate")),
        (("--stage", "30s"), ("--stage '30s'", "expected TIME:TARGET", "30s:100")),
        (("-s", "soon:5"), ("--stage 'soon:5'", "not a duration")),
        (("--stage", "30s:5", "-i", "3"), ("--stage and --iterations exclude each other",)),
        (("--iterations", "0"), ("--iterations 0", "expected more than 0")),
        (("--spawn-rate", "3"), ("--spawn-rate needs --users and --duration",)),
        (("--no-climb",), ("--no-climb needs a load", "--users or --rate")),
        (("--abort-on-fail",), ("--abort-on-fail needs a --threshold",)),
        (("--threshold", "http_req_duration{scenario:x} p(95)<5"), ("no scenario is called 'x'", "[scenarios.NAME]")),
        (("--threshold", "http_reqs{scenario:x} count<5"), ("http_reqs has no tag 'scenario'", "kept by name")),
        (("--proxy", "localhost"), ("--proxy 'localhost'", "expected an URL")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) and value[0].startswith("-") else "",
)
def test_a_load_that_is_none_is_refused(refused, arguments, words):
    refused("run", TARGET, *arguments, says=words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--har", "a.har", "--urls", "urls.txt"), ("--har and --urls", "only one")),
        (("--speed", "2"), ("--speed needs --access-log",)),
        (("--methods", "all"), ("--methods needs --openapi",)),
        (("--openapi", "api.json", "--methods", "git"), ("'git' is no method", "did you mean get?")),
        (("--har", "sho.har"), ("sho.har", "shop.har?")),
        (("--urls", "nowhere.txt"), ("nowhere.txt",)),
        (("--openapi", "nowhere.json"), ("nowhere.json",)),
        (("--access-log", "nowhere.log"), ("nowhere.log",)),
        (("--locustfile", "shop_test.py"), ("shop_test.py", "shop_load.py?")),
        (("--access-log", "access.log", "--users", "3"), ("--users", "--access-log says itself", "--speed")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) and value[0].startswith("-") else "",
)
def test_a_source_of_traffic_that_is_none_is_refused(refused, project, arguments, words):
    (project / "shop.har").write_text("{}")
    (project / "shop_tests.py").write_text("")
    (project / "shop_load.py").write_text("from locust import HttpUser")
    (project / "access.log").write_text('1.1.1.1 - - [10/Oct/2025:13:55:36 +0000] "GET / HTTP/1.1" 200 12\n')
    refused("run", TARGET, *arguments, says=words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[scenarios.a]\nexecutor = "ramping-vu"\n', ("[scenarios.a]", "'ramping-vu'", "ramping-vus")),
        ('[scenarios.a]\nduration = "3s"\n', ("[scenarios.a]", "executor is missing")),
        ('[scenarios.a]\nexecutor = "constant-vus"\n', ("[scenarios.a]", "duration")),
        ('[scenarios.a]\nexecutor = "constant-vus"\nduraton = "3s"\n', ("[scenarios.a]", "'duraton'", "duration")),
        ('[scenarios.a]\nexecutor = "constant-vus"\nduration = "3s"\nvus = -1\n', ("[scenarios.a]", "vus", "-1")),
        (
            '[scenarios.a]\nexecutor = "constant-vus"\nduration = "3s"\nexec = "brows"\n',
            ("[scenarios.a]", "exec 'brows'", "did you mean browse?"),
        ),
        ('users = 3\n[scenarios.a]\nexecutor = "constant-vus"\nduration = "3s"\n', ("--users", "[scenarios] says")),
        ("scenarios = 3\n", ("nineam.toml", "$.scenarios")),
        ('executor = "constant-vus"\nstages = ["x"]\n', ("--stage 'x'", "TIME:TARGET")),
        ("iterations = 0\n", ("--iterations 0", "more than 0")),
    ],
)
def test_scenarios_of_the_settings_that_are_none_are_refused(refused, project, text, words):
    (project / "monday.py").write_text(JOURNEYS)
    (project / "nineam.toml").write_text(text)
    refused("run", TARGET, says=words)


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        ('{threshold = "p(95)<5", abortOnFial = true}', ("thresholds[0]", "'abortOnFial'", "abortOnFail?")),
        ("{abortOnFail = true}", ("thresholds[0]", "threshold is nothing")),
        ('{threshold = "p(95)<5", delayAbortEval = "soon"}', ("thresholds[0]", "'soon'")),
        ('{threshold = "p(95<5"}', ("expected ')'",)),
    ],
)
def test_long_thresholds_that_are_none_are_refused(refused, project, gate, words):
    (project / "nineam.toml").write_text(f"thresholds = [{gate}]\n")
    refused("run", TARGET, says=words, hint=False)
