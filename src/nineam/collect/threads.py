"""How many of the application's threads wait for the interpreter: read from outside, where Linux shows it.

A thread that wants the GIL sleeps on a word of memory, and the kernel says on which (`/proc/PID/task/TID/syscall`).
The GIL's words lie in the interpreter's own data, where nothing else is that a thread sleeps on for long; locks of
the application are elsewhere. It takes no help of the interpreter, and none of its time.
"""

import asyncio
import contextlib
import itertools
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from nineam.store.writer import Writer

EVERY_S = 0.05
TELL_EVERY_S = 0.5
MOST_THREADS = 32
"""Looked at per process and time; of more, some in turn."""
FUTEX = {"x86_64": "202", "aarch64": "98"}

Pids = Callable[[], Iterable[int]]


class GilWatch:
    """Writes the gauge `app.gil_wait` of each process: how many threads waited for the GIL, on average."""

    def __init__(self, writer: Writer, pids: Pids) -> None:
        self._writer = writer
        self._pids = pids
        self._futex = FUTEX.get(platform.machine(), "")
        self._data: dict[int, tuple[range, ...]] = {}
        self._sums: dict[int, tuple[float, int]] = {}
        self._turn = 0
        self.reason = "" if sys.platform == "linux" and self._futex else "this system does not show it"

    async def run(self) -> None:
        """Look until cancelled, or until it turns out that nothing is to be seen."""
        for look in itertools.count(1):
            if self.reason:
                break
            self.look()
            if look % round(TELL_EVERY_S / EVERY_S) == 0:
                self.tell()
            await asyncio.sleep(EVERY_S)
        self._writer.insert("notice", [(f"how long threads wait for the GIL is not known: {self.reason}",)])

    def look(self) -> None:
        """Look once at the threads of every process."""
        self._turn += 1
        for pid in self._pids():
            try:
                waiting = self._waiting(pid)
            except PermissionError:
                self.reason = "the kernel does not let us see what the application's threads wait for"
                return
            except OSError:
                self._data.pop(pid, None)
                continue  # it has just ended
            if waiting is not None:
                total, looks = self._sums.get(pid, (0.0, 0))
                self._sums[pid] = (total + waiting, looks + 1)

    def tell(self) -> None:
        """Write down the averages since the last telling."""
        now = time.perf_counter_ns()
        encode = msgspec.json.encode
        rows = [
            (now, pid, encode({"app.gil_wait": round(total / looks, 3)}).decode())
            for pid, (total, looks) in self._sums.items()
        ]
        self._sums.clear()
        self._writer.insert("gauge", rows)

    def _waiting(self, pid: int) -> float | None:
        """Count the threads that wait for the GIL; None in a process that has no Python."""
        if pid not in self._data:
            self._data[pid] = tuple(interpreter_data(Path(f"/proc/{pid}/maps").read_text()))
        if not self._data[pid]:
            return None
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        begin = self._turn * MOST_THREADS % len(threads) if len(threads) > MOST_THREADS else 0
        chosen = (threads[begin:] + threads[:begin])[:MOST_THREADS]
        return sum(self._waits(pid, thread) for thread in chosen) * len(threads) / len(chosen)

    def _waits(self, pid: int, thread: Path) -> bool:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            call, *arguments = (thread / "syscall").read_text().split()
            if call == self._futex:
                word = int(arguments[0], 16)
                return any(word in data for data in self._data[pid])
        return False


def interpreter_data(maps: str) -> Iterator[range]:
    """Yield where the interpreter's variables are, from the text of /proc/PID/maps: its data and what follows it."""
    end = 0
    for line in maps.splitlines():
        addresses, rights, _, _, _, *path = line.split(maxsplit=5)
        first, last = (int(address, 16) for address in addresses.split("-"))
        name = path[0].rpartition("/")[2] if path else ""
        own = name.startswith(("python", "libpython"))
        if rights.startswith("rw") and (own or (first == end and not name)):
            yield range(first, last)
            end = last
        else:
            end = 0
