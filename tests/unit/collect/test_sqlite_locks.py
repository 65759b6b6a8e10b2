"""Writing to SQLite is seen from outside, with a journal and with a log; reading is none."""

import os
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from nineam.collect.signals import NotHere
from nineam.collect.sqlite_locks import RESERVED_BYTE, WAL_WRITE_BYTE, SqliteLocks, write_locks

PROGRAM = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("SELECT * FROM t").fetchall()
for line in sys.stdin:
    db.execute(line)
    print("done", flush=True)
"""

pytestmark = pytest.mark.skipif(not Path("/proc/locks").exists(), reason="this system does not show locks")


@contextmanager
def program(path):
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:

        def do(statement):
            child.stdin.write(f"{statement}\n")
            child.stdin.flush()
            assert child.stdout.readline() == "done\n"

        try:
            yield child.pid, do
        finally:
            child.kill()


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_a_writer_is_seen_from_its_first_write_to_its_commit(tmp_path, journal):
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA journal_mode = {journal}")
        db.execute("CREATE TABLE t (n)")
    with program(path) as (pid, do):
        locks = SqliteLocks(lambda: [pid])

        def writing():
            return locks.look()[0]["sqlite.writing"]

        do("SELECT * FROM t")
        do("BEGIN")
        assert writing() == 0
        do("INSERT INTO t VALUES (1)")
        assert writing() == 1
        do("COMMIT")
        assert writing() == 0
        assert locks.look()[0]["sqlite.files"] == 1


def test_somebody_else_s_writing_is_not_the_application_s(tmp_path):
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE t (n)")
    with program(path) as (pid, do), sqlite3.connect(path) as other:
        do("SELECT * FROM t")
        other.execute("INSERT INTO t VALUES (1)")
        assert SqliteLocks(lambda: [pid]).look() == {0: {"sqlite.files": 1, "sqlite.writing": 0}}


def test_an_application_without_sqlite_says_nothing():
    assert SqliteLocks(lambda: [2**22 + 1]).look() == {}


def test_a_system_that_does_not_show_locks_is_said(tmp_path):
    with pytest.raises(NotHere, match="does not show who locks files"):
        SqliteLocks(lambda: [os.getpid()], tmp_path).look()


def test_only_writing_and_only_the_processes_asked_for_count():
    lines = [
        f"1: POSIX  ADVISORY  WRITE 5 fe:00:77 {RESERVED_BYTE} {RESERVED_BYTE}",
        f"2: POSIX  ADVISORY  WRITE 5 fe:00:78 {WAL_WRITE_BYTE} {WAL_WRITE_BYTE}",
        f"2: -> POSIX  ADVISORY  WRITE 5 fe:00:79 {WAL_WRITE_BYTE} {WAL_WRITE_BYTE}",
        f"3: POSIX  ADVISORY  READ 5 fe:00:80 {RESERVED_BYTE} {RESERVED_BYTE}",
        f"4: POSIX  ADVISORY  WRITE 6 fe:00:81 {RESERVED_BYTE} {RESERVED_BYTE}",
        "5: FLOCK  ADVISORY  WRITE 5 fe:00:82 0 EOF",
        "6: POSIX  ADVISORY  WRITE 5 fe:00:83 1073741826 1073742335",
    ]
    assert list(write_locks("\n".join(lines), frozenset({5}))) == [(77, RESERVED_BYTE), (78, WAL_WRITE_BYTE)]
