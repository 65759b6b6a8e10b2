"""py-spy, attached to its server for the whole sitting and stopped outside of that server's blocks."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.cores import pinned_to
from benchmarks.overhead.serving import Served
from nineam.monday.observer import cpu_ns

HZ = 100
LONGEST_S = 3600


class Attached:
    """A process that watches one of the servers from outside, or none."""

    def __init__(self, pid: int | None = None, port: int = 0) -> None:
        self._pid = pid
        self._port = port
        self._looking = False

    def cpu_ns(self) -> int:
        """Give the CPU time it has taken so far while it looked, in nanoseconds; 0 when it does not look."""
        return cpu_ns([self._pid]) if self._pid and self._looking else 0

    @contextlib.contextmanager
    def looking_at(self, served: Served) -> Iterator[None]:
        """Let it go on until the end of the block, when this is the server it watches."""
        if not self._pid or served.port != self._port:
            yield
            return
        self._signal(signal.SIGCONT)
        self._looking = True
        try:
            yield
        finally:
            self._looking = False
            self._signal(signal.SIGSTOP)

    def _signal(self, number: signal.Signals) -> None:
        assert self._pid is not None
        os.kill(self._pid, number)


@contextlib.contextmanager
def attached(program: str, servers: Sequence[Served], core: int | None, folder: Path) -> Iterator[Attached]:
    """Attach to the server that is watched from outside, if there is one, until the end of the block.

    Raises `RuntimeError`, with what it said, when it ends at once.
    """
    watched = next((served for served in servers if served.watcher.outside), None)
    if watched is None:
        yield Attached()
        return
    said = folder / "py-spy.log"
    with said.open("wb") as log:
        process = subprocess.Popen(_command(program, watched, core, folder), stdout=log, stderr=log)
    try:
        yield _steady(process, watched, said)
    finally:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


def _command(program: str, watched: Served, core: int | None, folder: Path) -> list[str]:
    looks = [program, "record", "--nonblocking", "--rate", str(HZ), "--duration", str(LONGEST_S), "--format", "raw"]
    return [*pinned_to(core), *looks, "--output", str(folder / "py-spy.raw"), "--pid", str(watched.pids[-1])]


def _steady(process: "subprocess.Popen[bytes]", watched: Served, said: Path) -> Attached:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(2)  # it looks for the interpreter's symbols first; who may not attach ends here
        raise RuntimeError(f"py-spy ended: {said.read_text(errors='replace')[-500:]}")
    process.send_signal(signal.SIGSTOP)
    return Attached(process.pid, watched.port)
