"""Which core runs what: the server and the generators have one each, where the system allows it."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import NamedTuple

import psutil


class Cores(NamedTuple):
    """The core of the server and that of the generators; None where cores cannot be chosen."""

    server: int | None = None
    generator: int | None = None

    def __str__(self) -> str:
        """Say it in a few words."""
        if self.server is None:
            return "cores not pinned"
        return f"server on core {self.server}, generators on core {self.generator}"


def choose_cores() -> Cores:
    """Give the server and the generators a core each where the system allows it."""
    if not hasattr(os, "sched_getaffinity") or not shutil.which("taskset"):
        return Cores()
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(allowed[0], allowed[1]) if len(allowed) > 1 else Cores()


def stay_on(core: int | None) -> None:
    """Keep this process, which only waits and counts, off the generators' core."""
    if core is not None:
        os.sched_setaffinity(0, {core})


def busy_s(core: int | None) -> float:
    """Give the seconds that a core has been busy since the machine started, whoever kept it busy; 0 for no core."""
    if core is None:
        return 0.0
    times = psutil.cpu_times(percpu=True)[core]._asdict()
    return sum(seconds for name, seconds in times.items() if name not in ("idle", "iowait", "guest", "guest_nice"))


def pinned_to(core: int | None) -> list[str]:
    """Give the beginning of a command that stays on a core."""
    return [] if core is None else ["taskset", "-c", str(core)]


@contextlib.contextmanager
def all_cores() -> Iterator[None]:
    """Let this process and those it starts meanwhile have every core."""
    with _on(set(range(os.cpu_count() or 1))):
        yield


@contextlib.contextmanager
def on_core(core: int) -> Iterator[None]:
    """Keep this process and those it starts meanwhile on one core."""
    with _on({core}):
        yield


@contextlib.contextmanager
def _on(cores: set[int]) -> Iterator[None]:
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)
