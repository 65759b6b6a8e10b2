"""What an application prints into a file, listened to for tracebacks."""

import asyncio
from pathlib import Path

from nineam.payloads.found import Trace
from nineam.payloads.trace import trace_of

POLL_S = 0.005
LARGEST_TRACE = 400_000


class Printed:
    """The file `log` into which an application prints; `root` is the folder of its own code."""

    def __init__(self, log: Path, root: str) -> None:
        self._log, self._root = log, str(Path(root).resolve())
        self._heard = 0

    def mark(self) -> None:
        """Begin to listen."""
        self._heard = self._log.stat().st_size if self._log.exists() else 0

    async def trace(self, patience_s: float) -> Trace:
        """What was printed about an exception since then; an empty one when nothing was in time (seconds)."""
        for _ in range(int(patience_s / POLL_S)):
            found = trace_of(self._new_lines(), self._root)
            if found is not None:
                return found
            await asyncio.sleep(POLL_S)
        return Trace()

    def _new_lines(self) -> list[str]:
        if not self._log.exists():
            return []
        with self._log.open("rb") as file:
            file.seek(self._heard)
            return file.read(LARGEST_TRACE).decode("utf-8", "replace").splitlines()
