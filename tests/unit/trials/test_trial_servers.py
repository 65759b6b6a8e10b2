"""What a command says of its server, what waits to be accepted, and advice that follows from it."""

import contextlib
import socket
import sys

import pytest

from nineam.trials.advice import chatty, no_deadline
from nineam.trials.backlog import unaccepted, waiting
from nineam.trials.catalogue.sigterm_drain import lost_of
from nineam.trials.server_advice import drops, no_admission
from nineam.trials.servers import Server, limit_words, server_from
from nineam.trials.subject import Fact
from nineam.trials.window import Sample, Window


def gunicorn(words="", environ=None, **more):
    return server_from(("gunicorn", *words.split(), "shop:app"), environ or {}, **more)


@pytest.mark.parametrize(
    ("words", "kills_s"),
    [
        ("", 30.0),
        ("--timeout 5", 5.0),
        ("--timeout=5", 5.0),
        ("-t7", 7.0),
        ("-t 5 -t 9", 9.0),
        ("--timeout 0", None),
        ("-k sync", 30.0),
        ("-k uvicorn_worker.UvicornWorker", None),
        ("--threads 1", 30.0),
        ("--threads 4", None),
        ("-c my.py", None),
        ("-c my.py --timeout 5", 5.0),
    ],
)
def test_a_sync_worker_of_gunicorn_is_ended_by_its_parent_when_it_is_stuck(words, kills_s):
    assert gunicorn(words).kills_s == kills_s


def test_gunicorn_reads_the_environment_before_its_command():
    environ = {"GUNICORN_CMD_ARGS": "--timeout=5 --graceful-timeout 9"}
    assert gunicorn("", environ).kills_s == 5.0
    assert gunicorn("--timeout 8", environ).kills_s == 8.0
    assert gunicorn("", environ).drains_s == 9.0


def test_what_a_configuration_file_says_is_not_known():
    assert gunicorn("", config_file=True) == Server(name="gunicorn", drain_option="--graceful-timeout")


def test_other_servers_and_their_patience():
    assert server_from(("uvicorn", "shop:app"), {}).drains_s is None
    assert server_from(("uvicorn", "--timeout-graceful-shutdown", "1"), {}).drains_s == 1.0
    assert server_from(("hypercorn", "shop:app"), {}).drains_s == 3.0
    assert server_from(("python", "serve.py"), {}) == Server()


def test_the_words_about_a_limit_say_whether_it_was_reached():
    assert limit_words(gunicorn("--timeout 5"), 0) == "gunicorn's --timeout would end it after 5 s"
    assert limit_words(gunicorn("--timeout 5"), 1) == "gunicorn's --timeout of 5 s ended 1 worker"
    assert limit_words(gunicorn(config_file=True), 2) == "gunicorn's --timeout ended 2 workers"
    assert limit_words(Server(), 0) == ""


FACTS = (Fact(host="localhost", port=5432, via="psycopg", where="shop.py:9 (connect)", libraries=("sqlalchemy",)),)


def test_a_limit_from_outside_that_is_there_is_not_advised():
    cause, fix = no_deadline(FACTS, gunicorn())
    assert "without an end" not in cause
    assert "a --timeout below 30 s" in fix
    cause, fix = no_deadline(FACTS)
    assert "without an end" in cause
    assert "gunicorn's --timeout with sync workers" in fix


def test_counts_for_each_row_are_not_answered_with_loading_rows():
    assert "func.count() and group_by()" in chatty(FACTS, 39.0, 0.0)[1]
    assert "annotate(Count(...))" in chatty([Fact(host="h", port=1, via="psycopg", libraries=("django",))], 39.0, 0)[1]


def test_the_limit_to_what_is_let_in_comes_from_what_was_carried():
    assert "--limit-concurrency 61" in no_admission(Server(name="uvicorn"), 30.5)[1]
    assert "--backlog 4 " in no_admission(Server(name="gunicorn"), 0.5)[1]


def test_who_turns_most_away_and_still_serves_nobody_is_not_told_to_turn_away():
    cause, fix = no_admission(Server(name="uvicorn"), 44.0, turned_away=0.83)
    assert "83% are turned away" in cause
    assert "idle connections" in fix


def test_what_a_limit_ended_is_told_from_what_ended_at_once():
    cause, fix = drops(gunicorn("--graceful-timeout 1"), lost=4, ended=True, took_s=1.4)
    assert cause == "--graceful-timeout of 1 s was over before 4 requests had an answer"
    assert "longer than the slowest request" in fix
    cause, fix = drops(gunicorn(), lost=1, ended=True, took_s=0.2)
    assert "at once" in cause
    assert "--graceful-timeout" not in fix
    cause, _ = drops(gunicorn(), lost=2, ended=True, took_s=4.0)
    assert "though --graceful-timeout allows 30 s" in cause
    assert "has not ended" in drops(gunicorn(), lost=2, ended=False, took_s=4.0)[0]
    assert "--timeout-graceful-shutdown 20" in drops(server_from(("uvicorn",), {}), lost=0, ended=False, took_s=25.0)[1]


def fate(*statuses):
    return Window(tuple(Sample("GET /", 0.0, 1.0, status, "") for status in statuses), 2.0)


def test_what_was_never_accepted_is_not_lost():
    assert lost_of(fate(200, 0, 0, 0), backlog=3) == 0
    assert lost_of(fate(0, 0, 0, 0), backlog=3) == 1
    assert lost_of(fate(200, 200, 200, 200), backlog=3) == 0


def test_the_queue_of_a_listening_socket_is_read_in_the_systems_own_table():
    row = "   0: 0100007F:1F90 00000000:0000 {state} 00000000:{queue} 00:00000000 00000000 0 0 1 1"
    lines = [row.format(state="0A", queue="00000003"), row.format(state="01", queue="00000009")]
    assert waiting(lines, 8080) == 3
    assert waiting(lines, 8081) is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc")
def test_connections_that_nobody_has_accepted_are_counted():
    with contextlib.ExitStack() as opened:
        listener = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=8))
        port = listener.getsockname()[1]
        assert unaccepted(port) == 0
        for _ in range(3):
            opened.enter_context(socket.create_connection(("127.0.0.1", port)))
        opened.enter_context(listener.accept()[0])
        assert unaccepted(port) == 2
