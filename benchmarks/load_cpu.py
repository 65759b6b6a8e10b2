"""CPU time per request of load generators: the same trivial server, the same connections, in turns, on pinned cores.

What counts is user and system time of the generator's whole process tree, from its start to its end, divided by
the requests it completed.
"""

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.contenders import CONTENDERS, Contender, Job, Task, find

SERVER = Path(__file__).with_name("server.py")
DONE = b'"kind":"done"'


class Measurement(NamedTuple):
    """One run of one contender."""

    cpu_us: float
    rate: float
    requests: int


class Result(NamedTuple):
    """All runs of one contender; none when it is not installed."""

    name: str
    does: str
    runs: tuple[Measurement, ...]

    @property
    def median_us(self) -> float:
        """The middle CPU time per request, in microseconds."""
        return statistics.median(run.cpu_us for run in self.runs)


class Cores(NamedTuple):
    """The core of the server and that of the generators; None where cores cannot be chosen."""

    server: int | None
    generator: int | None


def choose_cores() -> Cores:
    """Give the server and the generators a core each where the system allows it."""
    if not hasattr(os, "sched_getaffinity") or not shutil.which("taskset"):
        return Cores(None, None)
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(allowed[0], allowed[1]) if len(allowed) > 1 else Cores(None, None)


def compare(
    *, seconds: float, repeats: int, users: int, cores: Cores, tell: Callable[[str], None]
) -> tuple[Result, ...]:
    """Measure every contender `repeats` times, taking turns; those not installed come back without runs."""
    runs: dict[str, list[Measurement]] = {contender.name: [] for contender in CONTENDERS}
    present = [(contender, find(contender.program)) for contender in CONTENDERS]
    with trivial_server(cores.server) as base_url:
        task = Task(base_url, users, seconds)
        for turn in range(repeats):
            for contender, program in present:
                if program or not contender.program:
                    runs[contender.name].append(measure(contender, program, task, cores.generator))
                    tell(f"round {turn + 1}: {contender.name} {runs[contender.name][-1].cpu_us:.1f} us")
    return tuple(Result(contender.name, contender.does, tuple(runs[contender.name])) for contender in CONTENDERS)


def measure(contender: Contender, program: str, task: Task, core: int | None) -> Measurement:
    """Run a contender once. Raises `RuntimeError`, with its output, when it completed nothing."""
    job = contender.job(program, task)
    output, cpu_s = _run(job, core)
    requests = job.requests_in(output)
    if not requests:
        raise RuntimeError(f"{contender.name} completed no request:\n{output.decode(errors='replace')[-2000:]}")
    return Measurement(cpu_s * 1e6 / requests, requests / task.seconds, requests)


@contextlib.contextmanager
def trivial_server(core: int | None) -> Iterator[str]:
    """Run the trivial server; gives its address."""
    process = subprocess.Popen(
        [*_pinned_to(core), sys.executable, str(SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.stdin.close()
        process.wait()


def _run(job: Job, core: int | None) -> tuple[bytes, float]:
    """Run to the end; gives the output and the CPU seconds of the process tree."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [*_pinned_to(core), *job.argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, **job.environment},
        )
        output = _converse(process, job.stdin)
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        errors.seek(0)
        return output or errors.read(), usage.ru_utime + usage.ru_stime


def _converse(process: "subprocess.Popen[bytes]", stdin: bytes) -> bytes:
    """Write the input and read all output; the input ends with the load process's `done`, at once for others."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(stdin)
    process.stdin.flush()
    if not stdin:
        process.stdin.close()
    lines = []
    for line in process.stdout:
        lines.append(line)
        if stdin and DONE in line[:40]:
            process.stdin.close()
    process.stdout.close()
    return b"".join(lines)


def _pinned_to(core: int | None) -> list[str]:
    return [] if core is None else ["taskset", "-c", str(core)]
