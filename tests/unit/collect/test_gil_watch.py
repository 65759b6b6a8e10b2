"""Waiting for the GIL is seen from outside, in processes that have threads that want it."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nineam.collect.threads import GilWatch, interpreter_data

PROGRAM = """
import sys, threading, time
def spin():
    while True:
        sum(range(1000))
for _ in range(int(sys.argv[1])):
    threading.Thread(target=spin, daemon=True).start()
lock = threading.Lock()
lock.acquire()
for _ in range(3):
    threading.Thread(target=lock.acquire, daemon=True).start()
print("ready", flush=True)
time.sleep(30)
"""


class Rows(list):
    def insert(self, table, rows):
        self.extend((table, *row) for row in rows)


def readable():
    try:
        return bool(Path("/proc/self/syscall").read_text())
    except OSError:
        return False


@pytest.mark.skipif(not readable(), reason="the kernel does not show what threads wait for")
@pytest.mark.parametrize(("threads", "least", "most"), [(0, 0, 0.05), (1, 0, 0.3), (3, 1.0, 2.3)])
def test_threads_that_compute_wait_for_each_other(threads, least, most):
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(threads)], stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        rows = Rows()
        watch = GilWatch(rows, lambda: [child.pid])
        for _ in range(40):
            watch.look()
            time.sleep(0.02)
        watch.tell()
        child.kill()
    assert watch.reason == ""
    ((table, _, process, values),) = rows
    assert (table, process) == ("gauge", child.pid)
    assert least <= json.loads(values)["app.gil_wait"] <= most


def test_a_process_without_python_says_nothing():
    with subprocess.Popen(["sleep", "30"]) as child:
        rows = Rows()
        watch = GilWatch(rows, lambda: [child.pid])
        time.sleep(0.1)
        watch.look()
        watch.tell()
        child.kill()
    assert rows == []


def test_a_process_that_is_gone_is_left_out():
    rows = Rows()
    watch = GilWatch(rows, lambda: [2**22 + 1])
    watch.look()
    watch.tell()
    assert (rows, watch.reason) == ([], "")


def test_the_interpreters_variables_are_its_writable_pages_and_those_right_behind():
    maps = """\
00400000-00500000 r-xp 00000000 08:01 1 /usr/bin/python3.11
00500000-00600000 rw-p 00100000 08:01 1 /usr/bin/python3.11
00600000-00700000 rw-p 00000000 00:00 0
00700000-00800000 rw-p 00000000 00:00 0 [heap]
00900000-00a00000 rw-p 00000000 00:00 0
"""
    assert list(interpreter_data(maps)) == [range(0x500000, 0x600000), range(0x600000, 0x700000)]
