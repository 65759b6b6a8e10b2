"""Who is writing to SQLite files: SQLite lets one writer in at a time, and its lock is to be seen from outside.

A writer holds a lock on one byte from its first write to its commit: the *reserved* byte of the database file with a
rollback journal (sqlite.org/lockingv3.html), the *write* byte of the `-shm` file with a write-ahead log
(sqlite.org/walformat.html). The kernel lists locks by process, file and byte in `/proc/locks`.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from nineam.collect.signals import MACHINE, NotHere, Pids, Readings

PROC = Path("/proc")
RESERVED_BYTE = 0x40000001
WAL_WRITE_BYTE = 120
MAGIC = b"SQLite format 3\x00"
SEARCH_S = 2.0
"""How often the application's open files are gone through."""


class SqliteLocks:
    """The gauges `sqlite.files`, open in the application, and `sqlite.writing`: how many of them it was writing to."""

    what = "who writes to SQLite"

    def __init__(self, pids: Pids, proc: Path = PROC, clock: Callable[[], float] = time.monotonic) -> None:
        self._pids = pids
        self._proc = proc
        self._clock = clock
        self._files: frozenset[Path] = frozenset()
        self._search_at = float("-inf")

    def look(self) -> Readings:
        """Look once; nothing while the application has no SQLite file open. Raises NotHere where locks are hidden."""
        if self._clock() >= self._search_at:
            self._files = frozenset(path for pid in self._pids() for path in self._open_databases(pid))
            self._search_at = self._clock() + SEARCH_S
        try:
            locks = (self._proc / "locks").read_text()
        except OSError:
            raise NotHere("this system does not show who locks files") from None
        if not self._files:
            return {}
        held = frozenset(write_locks(locks, frozenset(self._pids())))
        writing = sum(not held.isdisjoint(_bytes_of(path)) for path in self._files)
        return {MACHINE: {"sqlite.files": len(self._files), "sqlite.writing": writing}}

    def _open_databases(self, pid: int) -> Iterator[Path]:
        with contextlib.suppress(OSError):  # the process has ended, or is somebody else's
            for link in (self._proc / str(pid) / "fd").iterdir():
                with contextlib.suppress(OSError):
                    path = link.readlink()
                    if path.is_absolute() and path.is_file() and _begins_like_one(path):
                        yield path


def write_locks(locks: str, pids: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Yield inode and byte of every byte that one of the processes has locked to write, from /proc/locks."""
    for line in locks.splitlines():
        parts = line.split()
        if len(parts) == 8 and parts[1:4] == ["POSIX", "ADVISORY", "WRITE"] and int(parts[4]) in pids:
            inode, first, last = int(parts[5].rpartition(":")[2]), int(parts[6]), parts[7]
            for byte in (WAL_WRITE_BYTE, RESERVED_BYTE):
                if first <= byte and (last == "EOF" or byte <= int(last)):
                    yield inode, byte


def _bytes_of(path: Path) -> Iterator[tuple[int, int]]:
    """Yield what a writer of a database holds, as inode and byte."""
    for file, byte in ((path, RESERVED_BYTE), (path.with_name(f"{path.name}-shm"), WAL_WRITE_BYTE)):
        with contextlib.suppress(OSError):
            yield file.stat().st_ino, byte


def _begins_like_one(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC
