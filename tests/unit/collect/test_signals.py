"""Signals from outside: written as gauges, or said not to be available, with the reason."""

import asyncio
import json
import os
import socket
import struct
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from nineam.collect.backlog import Backlog, messages
from nineam.collect.run_queue import RunQueue
from nineam.collect.signals import Lately, NotHere, watch


class Rows(list):
    def insert(self, table, rows):
        self.extend((table, *row) for row in rows)


class Counting:
    """A signal that is gone at the third look."""

    what = "how much it is"
    looks = 0

    def look(self):
        self.looks += 1
        if self.looks > 2:
            raise NotHere("it went away")
        return {7: {"app.much": self.looks}}


def test_a_signal_is_written_until_it_is_gone_and_then_the_reason():
    rows = Rows()
    asyncio.run(watch(Counting(), rows))
    assert [(table, process, json.loads(values)) for table, _, process, values in rows[:2]] == [
        ("gauge", 7, {"app.much": 1}),
        ("gauge", 7, {"app.much": 2}),
    ]
    assert rows[2:] == [("notice", "how much it is is not available here: it went away")]


def test_processes_are_looked_for_twice_a_second_at_most():
    now, asked = [0.0], []

    def pids():
        asked.append(now[0])
        return [len(asked)]

    lately = Lately(pids, lambda: now[0])
    assert [lately(), lately()] == [(1,), (1,)]
    now[0] = 0.5
    assert lately() == (2,)


# --- waiting for a processor ---


def thread(proc, pid, tid, waited_ns):
    folder = proc / str(pid) / "task" / str(tid)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "schedstat").write_text(f"1 {waited_ns} 1\n")
    return folder


def counted(proc):
    (proc / "self").mkdir()
    (proc / "self" / "schedstat").write_text("1 1 1\n")
    return RunQueue(lambda: [5], proc)


def test_what_threads_have_waited_adds_up_also_of_those_that_ended(tmp_path):
    queue = counted(tmp_path)
    ended = thread(tmp_path, 5, 5, 2_000_000_000)
    thread(tmp_path, 5, 6, 500_000_000)
    assert queue.look() == {5: {"app.run_delay_s": 2.5}}
    (ended / "schedstat").unlink()
    ended.rmdir()
    thread(tmp_path, 5, 6, 600_000_000)
    assert queue.look() == {5: {"app.run_delay_s": 2.6}}


def test_a_kernel_that_does_not_count_is_said(tmp_path):
    with pytest.raises(NotHere, match="schedstat"):
        RunQueue(lambda: [5], tmp_path).look()


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="the kernel does not count it")
def test_processes_that_want_one_processor_wait_for_it():
    with ExitStack() as stack:
        command = [sys.executable, "-c", "print(flush=True)\nwhile True: pass"]
        children = [stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE)) for _ in range(2)]
        for child in children:
            stack.callback(child.kill)
            child.stdout.readline()
            os.sched_setaffinity(child.pid, {min(os.sched_getaffinity(0))})
        queue = RunQueue(lambda: [child.pid for child in children])
        while min(values["app.run_delay_s"] for values in queue.look().values()) < 0.05:
            assert all(child.poll() is None for child in children)


# --- connections that wait ---


@pytest.fixture
def listening():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(7)
        yield server.getsockname()


@pytest.mark.skipif(sys.platform != "linux", reason="netlink is Linux's")
def test_connections_that_nobody_accepts_are_counted(listening):
    try:
        assert Backlog(listening[1]).look() == {0: {"backlog.waiting": 0, "backlog.limit": 7}}
    except NotHere as reason:
        pytest.skip(str(reason))
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(socket.create_connection(listening))
        assert Backlog(listening[1]).look() == {0: {"backlog.waiting": 3, "backlog.limit": 7}}


def test_another_port_is_nobody_s_business(listening):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        try:
            assert Backlog(bound.getsockname()[1]).look() == {}
        except NotHere as reason:
            pytest.skip(str(reason))


def test_an_application_without_a_port_has_no_backlog():
    with pytest.raises(NotHere, match="no TCP port"):
        Backlog(None).look()


def test_a_kernel_that_refuses_is_said():
    refusal = struct.pack("=IHHIIi", 20, 2, 0, 1, 0, -13)
    with pytest.raises(NotHere, match="the kernel does not say"):
        Backlog(80, lambda _: refusal).look()
    with pytest.raises(OSError, match="refused"):
        list(messages(refusal))


@pytest.mark.parametrize("answer", [b"", b"\0" * 40, struct.pack("=IHHII", 400, 20, 0, 1, 0) + b"\0" * 9])
def test_an_answer_that_is_none_is_no_traceback(answer):
    with suppress(NotHere):
        assert Backlog(80, lambda _: answer).look() == {}
