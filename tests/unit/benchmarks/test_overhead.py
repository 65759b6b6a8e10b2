"""The overhead bench: its client, its arithmetic, and the whole of it with tiny settings."""

import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from benchmarks.overhead import shelves
from benchmarks.overhead.applications import APPLICATIONS, chosen
from benchmarks.overhead.blocks import Block, Round
from benchmarks.overhead.client import Client
from benchmarks.overhead.interpreter import Interpreter
from benchmarks.overhead.report import Compared, Found, outcome
from benchmarks.overhead.sampling import PACES, Sampled
from benchmarks.overhead.watchers import NINEAM, NO_SAMPLES, NOTHING, OPENTELEMETRY, PY_SPY, WATCHERS

ROOT = Path(__file__).parents[3]
KEPT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CLOSED = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok"
BROKEN = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 2\r\n\r\nno"


def same(cpu_us: float, outside_us: float = 0.0) -> Round:
    return Round(Block(cpu_us, outside_us, 0.0), Block(cpu_us, outside_us, 0.0))


@contextlib.contextmanager
def answering(answer: bytes, in_pieces: bool = False):
    """A server that answers every request with the same bytes; yields its port and what it was asked."""
    listener, asked = socket.create_server(("127.0.0.1", 0)), []

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while data := connection.recv(65536):
                asked.append(data)
                for piece in [answer[:25], answer[25:]] if in_pieces else [answer]:
                    connection.sendall(piece)
                if b"close" in answer:
                    return

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1], asked
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
        listener.close()


@pytest.mark.parametrize("in_pieces", [False, True])
@pytest.mark.parametrize("answer", [KEPT, CLOSED])
def test_the_client_sends_exactly_as_many_requests_as_asked(answer, in_pieces):
    with answering(answer, in_pieces) as (port, asked), contextlib.closing(Client(port, 3)) as client:
        assert client.ask("/first") == b"ok"
        assert client.back_to_back("/many", 20) > 0
        assert client.paced("/paced", 1000, 4) >= 0.004
    assert [data.split()[1] for data in asked] == [b"/first"] + [b"/many"] * 20 + [b"/paced"] * 4
    assert all(b"\r\nx-nineam-sent: " in data for data in asked)


def test_an_answer_that_is_no_200_is_not_counted():
    with (
        answering(BROKEN) as (port, _),
        contextlib.closing(Client(port)) as client,
        pytest.raises(RuntimeError, match="not a 200"),
    ):
        client.back_to_back("/", 1)


def test_what_drifts_evenly_through_a_round_falls_out():
    assert Round(Block(10, 1, 0), Block(30, 3, 0)).cpu_us == 20
    assert Round(Block(10, 1, 0), Block(30, 3, 0)).outside_us == 2


def test_differences_are_taken_within_a_round():
    compared = Compared(1, {}, {NOTHING: [same(100), same(200)], NINEAM: [same(110), same(230)]})
    assert compared.more(NINEAM) == (20, 10, 30)
    assert compared.percent(NINEAM) == pytest.approx((12.5, 10, 15))


def test_who_watches_from_outside_is_counted_in_beside_others():
    rounds = {NOTHING: [same(100)], NINEAM: [same(120)], PY_SPY: [same(100, outside_us=80)]}
    compared = Compared(1, {}, rounds)
    assert compared.more(PY_SPY).median == 0
    assert compared.beside(NINEAM, PY_SPY).median == pytest.approx(0.25)


def test_sampling_is_a_share_of_a_core():
    pace = PACES[0]._replace(rate=500.0)
    sampled = Sampled(pace, {NINEAM: [same(110)], NO_SAMPLES: [same(100)]})
    assert sampled.shares().median == pytest.approx(0.5)  # 500 x 10 us
    assert sampled.core().median == pytest.approx(5.0)


@pytest.mark.parametrize(("more_us", "held"), [(20, True), (30, False)])
def test_verdicts_compare_with_the_targets_and_with_the_others(more_us, held):
    rounds = {NOTHING: [same(100)], NINEAM: [same(100 + more_us)], OPENTELEMETRY: [same(125)]}
    compared = Compared(1, {name: {} for name in rounds}, rounds)
    python = Interpreter(sys.executable, "3.11.7", {})
    found = outcome(
        Found(python, WATCHERS[:1], WATCHERS[:1], {"flask": "not installed"}, [(APPLICATIONS[0], compared)], [])
    )
    assert [verdict.held for verdict in found.verdicts] == [held, held]
    assert "flask: skipped, not installed" in found.lines
    assert any(line.startswith("| nineam ") and f"{more_us}.0" in line for line in found.lines)
    assert found.data["applications"]["fastapi"]["more_us"][NINEAM]["median"] == more_us


def test_the_shelf_has_what_the_applications_promise(tmp_path):
    shelves.make_file(tmp_path / "shelf.sqlite3")
    with contextlib.closing(sqlite3.connect(tmp_path / "shelf.sqlite3")) as connection:
        counts = [
            connection.execute(f"select count(*) from nineam_bench_{name}").fetchone()[0] for name in ("author", "book")
        ]
    assert counts == [20, 100]
    assert (shelves.QUERIES, shelves.ROWS) == (21, 120)


def test_an_application_that_does_not_exist_is_named():
    assert [one.name for one in chosen(("flask",))] == ["flask"]
    with pytest.raises(SystemExit, match="there is no application 'rails'"):
        chosen(("rails",))


@pytest.mark.skipif(sys.platform != "linux", reason="no clock for other processes")
def test_the_whole_of_it(tmp_path):
    """The agent saw all 21 statements, each with its line; how long anything took says nothing here."""
    arguments = ["--tools", "nineam", "--repeats", "1", "--seconds", "0.02", "--applications", "fastapi-orm"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NINEAM_BENCH")}
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", "overhead", *arguments, "--json", str(tmp_path / "found.json")],
        cwd=ROOT, env=clean, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "### fastapi-orm" in ran.stdout
    assert "fastapi-orm: nineam adds at most 3 % to a request" in ran.stdout
    found = json.loads((tmp_path / "found.json").read_text())["benchmarks"]["overhead"]["applications"]["fastapi-orm"]
    for watcher in (NINEAM, NO_SAMPLES):
        assert (found["saw"][watcher]["statements"], found["saw"][watcher]["with_lines"]) == (21, 21)
    assert all(block["cpu_us"] > 0 for rounds in found["rounds"].values() for one in rounds for block in one.values())
