"""What a benchmark is told and what it answers."""

import os
import platform
from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks.cores import Cores


class Settings(NamedTuple):
    """What was asked on the command line; None leaves a length to the benchmark, no names mean all of them."""

    cores: Cores
    tell: Callable[[str], None]
    repeats: int | None = None
    seconds: float | None = None
    users: int | None = None
    rate: float | None = None
    minutes: float | None = None
    rows: int | None = None
    tools: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()

    def wants(self, name: str) -> bool:
        """Whether a contender takes part; `nineam, journey` is part of the tool `nineam`."""
        return not self.tools or name.partition(",")[0].lower() in self.tools


class Verdict(NamedTuple):
    """A target, what was measured, and whether that is good enough."""

    target: str
    measured: str
    held: bool

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{'held' if self.held else 'MISSED'}: {self.target}: {self.measured}"


class Outcome(NamedTuple):
    """What a benchmark found: lines to print (Markdown), the targets, and everything as data."""

    lines: list[str]
    verdicts: list[Verdict]
    data: dict[str, Any]


Benchmark = Callable[[Settings], Outcome]


def machine() -> str:
    """Name what it was measured on."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
