"""How long the application's threads were ready to run and had no processor: read where Linux counts it."""

import contextlib
from pathlib import Path

from nineam.collect.signals import NotHere, Pids, Readings

PROC = Path("/proc")


class RunQueue:
    """The counter `app.run_delay_s` of each process: seconds that its threads have waited for a processor.

    The second number of `/proc/PID/task/TID/schedstat` (Documentation/scheduler/sched-stats of Linux), in nanoseconds.
    """

    what = "how long the application waits for a processor"

    def __init__(self, pids: Pids, proc: Path = PROC) -> None:
        self._pids = pids
        self._proc = proc
        self._threads: dict[Path, int] = {}
        self._sums: dict[int, int] = {}

    def look(self) -> Readings:
        """Read every thread. Raises NotHere when the kernel does not count it."""
        if not (self._proc / "self" / "schedstat").is_file():
            raise NotHere("the kernel keeps no schedstat")
        return {pid: {"app.run_delay_s": round(self._waited(pid) / 1e9, 4)} for pid in self._pids()}

    def _waited(self, pid: int) -> int:
        """Return nanoseconds so far; what threads that have ended had waited stays in it."""
        with contextlib.suppress(OSError):  # the process has ended
            for thread in (self._proc / str(pid) / "task").iterdir():
                now = _delay(thread)
                self._sums[pid] = self._sums.get(pid, 0) + max(0, now - self._threads.get(thread, 0))
                self._threads[thread] = max(now, self._threads.get(thread, 0))
        return self._sums.get(pid, 0)


def _delay(thread: Path) -> int:
    """Nanoseconds that a thread has waited; 0 when it has just ended."""
    try:
        return int((thread / "schedstat").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
