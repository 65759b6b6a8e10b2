"""What an application prints into a file, listened to for tracebacks."""

import asyncio
from pathlib import Path

from nineam.payloads.found import Trace
from nineam.payloads.trace import trace_of

POLL_S = 0.005
STILL = 2
"""Polls without a new byte after which it has printed what it had to print."""
LONGEST_STIR_S = 1.0
"""An application that never stops printing is not waited for any longer."""
PATIENT = 5
MOST_VAIN = 2
"""One that printed tracebacks before is waited for `PATIENT` times as long, until that was so many times in vain."""
LARGEST_TRACE = 400_000


class Printed:
    """The file `log` into which an application prints; `root` is the folder of its own code.

    Nothing but the time ties a traceback to a request. So no request is sent before the traceback of the last one is
    there: one that comes late would be taken for the next one's, whose own would then be late in turn.
    """

    def __init__(self, log: Path, root: str) -> None:
        self._log, self._root = log, str(Path(root).resolve())
        self._heard = 0
        self._speaks = False
        self._vain = 0
        self._stirred = True

    async def mark(self) -> None:
        """Begin to listen, once what failed before has been printed."""
        if self._stirred:
            await self._stillness()
        self._stirred = False
        self._heard = self._size()

    async def trace(self, patience_s: float) -> Trace:
        """What was printed about an exception since then; an empty one when nothing was in time (seconds)."""
        self._stirred = True
        patient = self._speaks and self._vain < MOST_VAIN
        for _ in range(int(patience_s * (PATIENT if patient else 1) / POLL_S)):
            if trace_of(self._new_lines(), self._root) is not None:
                self._speaks, self._stirred = True, False
                await self._stillness()
                return trace_of(self._new_lines(), self._root) or Trace()
            await asyncio.sleep(POLL_S)
        self._vain += patient
        return Trace()

    async def _stillness(self) -> None:
        """Wait until nothing more is printed: a traceback may have a second half."""
        still, size = 0, self._size()
        for _ in range(int(LONGEST_STIR_S / POLL_S)):
            await asyncio.sleep(POLL_S)
            before, size = size, self._size()
            still = still + 1 if size == before else 0
            if still == STILL:
                return

    def _size(self) -> int:
        return self._log.stat().st_size if self._log.exists() else 0

    def _new_lines(self) -> list[str]:
        if not self._log.exists():
            return []
        with self._log.open("rb") as file:
            file.seek(self._heard)
            return file.read(LARGEST_TRACE).decode("utf-8", "replace").splitlines()
