"""Trials of a database that says nothing: who must fail each, the twin that must pass, and the cause that is told."""

import pytest
from trial_kit import POSTGRES, needs_postgres, trial

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
FAILED = 99
SHOP = "uvicorn --no-access-log --port {port} trial_pooled:app"
DJANGO = "gunicorn --no-control-socket -b 127.0.0.1:{port} {more} trial_django:application"
FLASK = "gunicorn --no-control-socket -b 127.0.0.1:{port} {more} trial_flask:app"
USUAL = ("--control-time", "2", "--fault-time", "5", "--watch-time", "10", "--rate")
ONE, SOME, MANY = "-w 1 -k sync", "-w 2 --threads 4", "-w 2 --threads 16"
BEHIND = "gives up after 2."
DEAD, QUEUE, WAITS = "goes on with one that is dead", "later wait behind them", "waits for an answer"
ORDERS, REPORT = "orders", "report"

# the trial, what is served and asked how often, its sins, what has to be named, what is served without sins
TWINS = [
    ("stall-reset", SHOP, ORDERS, 10, "", "one-session", DEAD, ""),
    ("stall-reset", DJANGO, ORDERS, 10, SOME, "own-threads", DEAD, SOME),
    ("stall-reset", FLASK, ORDERS, 10, SOME, "one-connection", DEAD, SOME),
    ("stall-reset", DJANGO, REPORT, 10, ONE, "", QUEUE, SOME),
    ("stall-resumed", SHOP, REPORT, 10, "", "pool-of-one", QUEUE, ""),
    ("stall-resumed", DJANGO, REPORT, 10, ONE, "", QUEUE, SOME),
    ("stall-resumed", FLASK, REPORT, 10, ONE, "", QUEUE, MANY),
    ("silent-stall", DJANGO, ORDERS, 3, MANY, "no-connect-timeout", WAITS, "-w 4 -k sync --timeout 3"),
    ("connect-blackhole", FLASK, ORDERS, 10, ONE, "", BEHIND, "-w 2 -k sync"),
    ("silent-stall", FLASK, ORDERS, 3, MANY, "no-connect-timeout", WAITS, MANY),
]


@pytest.fixture(scope="module", autouse=True)
def database():
    needs_postgres()


def served(nineam, urls, name, command, rate, sins):
    env = {"DATABASE_URL": POSTGRES, "SINS": sins}
    return trial(nineam, name, "--urls", str(urls), "--", *command.split(), env=env, pace=(*USUAL, str(rate)))


@pytest.mark.parametrize("time", range(5))
@pytest.mark.parametrize(
    "twin", TWINS, ids=[f"{name}-{command.split()[-1]}-{asked}" for name, command, asked, *_ in TWINS]
)
def test_of_a_silence_both_verdicts_and_the_cause_come_out_right_five_times_of_five(
    nineam, free_port, tmp_path, twin, time
):
    name, command, asked, rate, bad, sins, word, good = twin
    urls = tmp_path / "urls.txt"
    urls.write_text(f"GET /{asked}\n")
    outcome, _, found = served(nineam, urls, name, command.format(port=free_port(), more=bad), rate, sins)
    assert found[name]["result"] == "fail", outcome.out
    assert word in found[name]["cause"]
    assert outcome.code == FAILED
    outcome, _, found = served(nineam, urls, name, command.format(port=free_port(), more=good), rate, "")
    assert found[name]["result"] == "pass", outcome.out
