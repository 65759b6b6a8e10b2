"""Servers to measure against, each in a process of its own, on its own core."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from benchmarks.cores import pinned_to
from benchmarks.programs import ROOT


class Served:
    """A running module that prints one line when it is up, and may print its findings when its input ends."""

    def __init__(self, module: str, arguments: tuple[object, ...], core: int | None) -> None:
        self._process = subprocess.Popen(
            [*pinned_to(core), sys.executable, "-m", module, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        assert self._process.stdout is not None
        self._output = self._process.stdout
        self.said = self._output.readline().decode().strip()
        self._found = b""

    @property
    def base_url(self) -> str:
        """The address of a server, which says its port."""
        return f"http://127.0.0.1:{int(self.said)}"

    def stop(self) -> None:
        """End it and read what it found."""
        assert self._process.stdin is not None
        if not self._process.stdin.closed:
            self._process.stdin.close()
            self._found = self._output.read()
            self._output.close()
        self._process.wait()

    def findings(self) -> Any:
        """End it and give what it found."""
        self.stop()
        return json.loads(self._found)


@contextlib.contextmanager
def running(module: str, *arguments: object, core: int | None) -> Iterator[Served]:
    """Run a module, `benchmarks.server` say, until the end of the block."""
    served = Served(module, arguments, core)
    try:
        yield served
    finally:
        served.stop()
