"""Trials of servers and of what happens around requests: each server that must fail, and its twin that must pass."""

import pytest
from trial_kit import POSTGRES, SHORT, needs_postgres, payments, trial

pytestmark = pytest.mark.postgres
FAILED = 99
FLASK = "gunicorn --no-control-socket -w 2 --threads 12 -b 127.0.0.1:{port} {more} trial_flask:app"
DJANGO = "gunicorn --no-control-socket -b 127.0.0.1:{port} {more} trial_django:application"
SMALL = "uvicorn --no-access-log --port {port} {more} trial_small:app"
OPEN = "uvicorn --no-access-log --port {port} {more} trial_open:app"
PLAIN = "python trial_plain.py {port} {more}"
PREFORK = "python trial_prefork.py {port} {more}"
USUAL = ("--control-time", "2", "--fault-time", "5", "--watch-time", "10")
URLS = "GET /orders\nGET /pay\nGET /plain\n"


@pytest.fixture(scope="module", autouse=True)
def database():
    needs_postgres()


@pytest.fixture(scope="module")
def paid():
    with payments() as url:
        yield url


def served(nineam, command, *arguments, pace=USUAL, **env):
    arguments = [*arguments, "--", *command.split()]
    return trial(nineam, *arguments, env=env, pace=pace)


def test_a_database_in_the_source_is_redirected_from_inside(nineam, free_port, tmp_path, paid):
    """No variable names it, and the driver connects in C: a hook around psycopg2 leads it through the proxy."""
    urls = tmp_path / "urls.txt"
    urls.write_text(URLS)
    command = FLASK.format(port=free_port(), more="")
    outcome, document, found = served(
        nineam, command, "database-down", "--urls", str(urls), pace=SHORT, PAYMENTS_URL=paid
    )
    assert found["database-down"]["result"] == "pass", outcome.out
    (known,) = [each for each in document["dependencies"] if each["role"] == "database"]
    assert known["sources"] == ["trial_flask.py:19 (connection)"]
    assert document["touches"]["GET /orders"]["database"] >= 4
    assert "redirected from inside" in outcome.err


@pytest.mark.slow
def test_without_a_dependency_its_trials_do_not_apply_and_a_worker_may_die(nineam, free_port):
    command = PREFORK.format(port=free_port(), more="")
    outcome, document, found = served(nineam, command, "database-down", "worker-killed", pace=SHORT)
    assert found["database-down"]["result"] == "not-applicable"
    assert found["worker-killed"]["result"] == "pass", outcome.out
    assert outcome.code == 0
    assert any("database-down" in text for text in document["not_tested"])


# what is served, its sins, the trial: fails; what is served without sins: passes
TWINS = [
    ("surge", SMALL, "", "", "--limit-concurrency 10"),
    ("worker-killed", PREFORK, "once", "", ""),
    ("cold-start", SMALL, "", "lazy", ""),
    ("connection-leak", SMALL, "", "leaks", ""),
    ("sigterm-drain", SMALL, "--timeout-graceful-shutdown 1", "", ""),
    ("slow-clients", FLASK, "", "", ""),
    ("silent-stall", DJANGO, "-w 2 --threads 4", "no-connect-timeout", "-w 4 -k sync --timeout 3"),
    ("database-latency", DJANGO, "-w 2 --threads 4", "one-by-one", "-w 2 --threads 4"),
    ("http-hang", PLAIN, "", "no-timeout", ""),
    ("metastable", SMALL, "", "", "--limit-concurrency 10"),
    ("memory-soak", SMALL, "", "hoards", ""),
    ("abandoned-work", SMALL, "", "stubborn", ""),
    ("http-hang", FLASK, "", "no-timeout", ""),
    ("database-down", FLASK, "", "one-connection", ""),
    ("sigterm-drain", FLASK, "--graceful-timeout 1", "", ""),
    ("hostile-payloads", OPEN, "", "trusts", ""),
    ("huge-body", OPEN, "", "swallows", ""),
]

WITHOUT = ("surge", "cold-start", "metastable", "memory-soak", "hostile-payloads", "huge-body")
"""They are about endpoints that work, and no database."""


@pytest.mark.slow
@pytest.mark.parametrize("time", range(5))
@pytest.mark.parametrize("twin", TWINS, ids=[f"{name}-{command.split()[0]}" for name, command, *_ in TWINS])
def test_both_verdicts_come_out_right_five_times_of_five(nineam, free_port, tmp_path, paid, twin, time):
    name, command, bad, sins, good = twin
    env = {"PAYMENTS_URL": paid} | ({} if name in WITHOUT else {"DATABASE_URL": POSTGRES})
    urls = tmp_path / "urls.txt"
    urls.write_text({DJANGO: "GET /orders\nGET /plain\n", PLAIN: "GET /pay\nGET /plain\n"}.get(command, URLS))
    listed = ("--urls", str(urls)) if command in (FLASK, DJANGO, PLAIN) else ()
    listed = ("--methods", "get,post") if command == OPEN else listed
    outcome, _, found = served(nineam, command.format(port=free_port(), more=bad), name, *listed, SINS=sins, **env)
    assert found[name]["result"] == "fail", outcome.out
    assert found[name]["fix"]
    assert outcome.code == FAILED
    if name == "slow-clients":
        command = SMALL  # a server with a thread for each client has no such twin
        listed = ()
    outcome, _, found = served(nineam, command.format(port=free_port(), more=good), name, *listed, SINS="", **env)
    assert found[name]["result"] == "pass", outcome.out
