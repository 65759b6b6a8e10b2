"""Whatever the controller does, the application never waits for it: what does not fit is dropped and counted."""

import shutil
import socket
import tempfile
import threading
import time
from importlib import import_module
from typing import Any

import kit
import pytest

books: Any = import_module("nineam.agent.request")
recording: Any = import_module("nineam.agent.recorder")
naming: Any = import_module("nineam.agent.names")

A_MOMENT = 0.4
"""Longest that one call into the agent may take, in seconds, on a machine that is busy with other things too."""


@pytest.fixture
def recorder(tmp_path):
    """A recorder whose sending thread is left out: the queue only fills."""
    made = recording.Recorder(str(tmp_path / "nobody.sock"), kit.TOKEN)
    made._start_thread = lambda: None
    return made


def serve(recorder):
    request = books.Request("GET", 0)
    recorder.begin()
    recorder.finish(request)


def test_a_full_queue_drops_and_counts(recorder, monkeypatch):
    monkeypatch.setattr(recording, "QUEUE_LIMIT", 50)
    for _ in range(80):
        serve(recorder)
    assert (len(recorder._queue), recorder.dropped) == (50, 30)


def test_events_are_dropped_and_counted_like_requests(recorder, monkeypatch):
    monkeypatch.setattr(recording, "QUEUE_LIMIT", 5)
    for number in range(8):
        recorder.event(kit.wire.GAUGES, {"values": {"n": number}})
    assert recorder.dropped == 3


def test_what_cannot_be_sent_is_counted_as_dropped(recorder):
    serve(recorder)
    serve(recorder)
    recorder.flush()
    assert (len(recorder._queue), recorder.dropped) == (0, 2)


def test_a_flight_that_was_dropped_is_over_all_the_same(recorder, monkeypatch):
    monkeypatch.setattr(recording, "QUEUE_LIMIT", 0)
    serve(recorder)
    assert recorder.in_flight == 0


def test_a_controller_that_never_reads_does_not_hold_up_a_request(monkeypatch):
    directory = tempfile.mkdtemp(prefix="nineam-test-")
    path = f"{directory}/s"
    monkeypatch.setattr(recording, "QUEUE_LIMIT", 2000)
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(path)
        deaf.listen()
        recorder = recording.Recorder(path, kit.TOKEN)
        slowest, until = 0.0, time.perf_counter() + 1.5
        while time.perf_counter() < until:
            begin = time.perf_counter()
            serve(recorder)
            slowest = max(slowest, time.perf_counter() - begin)
        assert len(recorder._queue) <= 2001
        assert recorder.dropped > 0
    recorder.stop()
    shutil.rmtree(directory)
    assert slowest < A_MOMENT


def test_a_controller_that_goes_away_and_comes_back_gets_all_names_again():
    with kit.FakeController() as controller:
        recorder = recording.Recorder(controller.path, kit.TOKEN)
        recorder._start_thread = lambda: None
        number = recorder.names.get("endpoint", "GET /x")
        serve(recorder)
        recorder.flush()
        recorder._socket.close()  # as when the other end is gone
        serve(recorder)
        recorder.flush()
        assert recorder.dropped == 1
        request = books.Request("GET", 0)
        request.endpoint = number
        recorder.begin()
        recorder.finish(request)
        recorder.flush()
        recorder._socket.close()
        controller.settle()
        # each connection is read on its own: the one before the loss saw the request without a route
        assert sorted(request.endpoint for request in controller.requests) == ["", "GET /x"]
        assert len(controller.hellos) == 2


def test_one_thread_sends_however_many_requests_begin_at_once(tmp_path):
    recorder = recording.Recorder(str(tmp_path / "nobody.sock"), kit.TOKEN)
    for _ in range(20):
        recorder.begin()
    ours = [thread for thread in threading.enumerate() if thread.name == "nineam-agent"]
    assert len(ours) == 1
    recorder.stop()
    assert not ours[0].is_alive()


def test_names_without_end_fill_their_table_and_no_more():
    said = []
    names = naming.Names(lambda *definition: said.append(definition))
    numbers = {names.get("statement", f"SELECT {number}") for number in range(naming.LIMIT + 500)}
    assert len(numbers) <= naming.LIMIT + 1
    assert names.get("statement", "SELECT something new") == names.get("statement", naming.OTHER)
    assert len(names.everything()) <= naming.LIMIT + 10


def test_a_name_has_the_same_number_from_every_thread():
    names = naming.Names(lambda *definition: None)
    found: list[list[int]] = []
    threads = [
        threading.Thread(target=lambda: found.append([names.get("site", f"a.py:{n}:f") for n in range(500)]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(numbers == found[0] for numbers in found)
    assert len(set(found[0])) == 500


def test_a_gauge_that_fails_is_taken_out_and_said(recorder):
    recorder.gauge("bad", lambda: 1 / 0)
    recorder.gauge("good", lambda: {"good": 1})
    for _ in range(4):
        recorder._send_gauges()
    last = recorder._queue[-1][1]["values"]
    assert last["good"] == 1
    assert "failed" in recorder._hooks["bad"]


def test_a_forked_child_begins_with_empty_books(recorder):
    serve(recorder)
    recorder.begin()
    recorder.after_fork()
    assert (len(recorder._queue), recorder.in_flight, recorder._socket) == (0, 0, None)
