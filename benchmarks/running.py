"""Running a generator: its output, its CPU time and its memory, all of its whole process tree."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import psutil

from benchmarks.cores import busy_s, pinned_to
from benchmarks.programs import ROOT

DONE = b'"kind":"done"'
MEGABYTE = 1e6


class Job(NamedTuple):
    """A command, what it reads, and more environment. What reads is nineam's load process; it says when it is done."""

    argv: list[str]
    stdin: bytes = b""
    environment: dict[str, str] = {}


class Sample(NamedTuple):
    """Resident memory of a process tree, in MB, `at_s` seconds after its start."""

    at_s: float
    megabytes: float


class Ran(NamedTuple):
    """How a run went: everything it wrote, seconds of user and system time, memory.

    `others` is the share of the time (0 to 1) that the generator's core was busy with something else.
    """

    output: bytes
    cpu_s: float
    others: float
    memory: tuple[Sample, ...]

    @property
    def peak_mb(self) -> float:
        """The most resident memory that was seen, in MB."""
        return max((sample.megabytes for sample in self.memory), default=0.0)


def run(
    job: Job,
    core: int | None,
    *,
    limit_s: float,
    memory_every_s: float = 0.0,
    each_line: Callable[[bytes], None] | None = None,
    each_sample: Callable[[Sample], None] | None = None,
) -> Ran:
    """Run to the end, on one core; memory is looked at only when asked.

    Lines go to `each_line` instead of the output when it is given. Raises `RuntimeError` after `limit_s` seconds.
    """
    began, busy_before_s = time.monotonic(), busy_s(core)
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [*pinned_to(core), *job.argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, **job.environment},
            cwd=ROOT,
        )
        limit = threading.Timer(limit_s, process.kill)
        limit.start()
        memory = MemoryWatch(process.pid, memory_every_s, each_sample)
        with memory if memory_every_s else contextlib.nullcontext():
            output = _converse(process, job.stdin, each_line)
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        limit.cancel()
        if process.returncode == -signal.SIGKILL:
            raise RuntimeError(f"{' '.join(job.argv[:3])} was killed, as happens after {limit_s:g} s")
        errors.seek(0)
        cpu_s = usage.ru_utime + usage.ru_stime
        others = max(0.0, busy_s(core) - busy_before_s - cpu_s) / (time.monotonic() - began)
        return Ran(output + errors.read(), cpu_s, others, tuple(memory.samples))


class MemoryWatch:
    """Looks at the resident memory of a process tree every so many seconds, in a thread, while the block lasts."""

    def __init__(self, pid: int, every_s: float, tell: Callable[[Sample], None] | None = None) -> None:
        self.samples: list[Sample] = []
        self._pid = pid
        self._every_s = every_s
        self._tell = tell
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "MemoryWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        began = time.monotonic()
        while not self._over.wait(self._every_s):
            megabytes = resident_mb(self._pid)
            if megabytes:
                self.samples.append(Sample(time.monotonic() - began, megabytes))
                if self._tell:
                    self._tell(self.samples[-1])


def resident_mb(pid: int) -> float:
    """Give the resident memory of a process and its descendants, in MB; 0 when it is gone."""
    total = 0
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for each in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                total += each.memory_info().rss
    return total / MEGABYTE


def _converse(process: "subprocess.Popen[bytes]", stdin: bytes, each_line: Callable[[bytes], None] | None) -> bytes:
    """Write the input and read all output; the input ends with the load process's `done`, at once for others."""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(stdin)
        process.stdin.flush()
    if not stdin:
        process.stdin.close()
    lines: list[bytes] = []
    keep = each_line or lines.append
    for line in process.stdout:
        keep(line)
        if stdin and DONE in line[:40]:
            process.stdin.close()
    process.stdout.close()
    return b"".join(lines)
