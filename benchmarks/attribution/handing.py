"""aiosqlite's queue to a connection's thread, which adds up what takes: from being handed over until the work is done.

The GIL, for which that thread waits, is in it; the way back over the loop is not.
"""

from queue import SimpleQueue
from typing import Any

import aiosqlite.core

from benchmarks.attribution import ledger


class Handing(SimpleQueue[Any]):
    """Notes what it hands over; `took_ns` grows while a connection is used."""

    took_ns = 0

    def put_nowait(self, item: Any) -> None:
        """Hand over a function and the future of its result."""
        future, function = item
        began = ledger.clock()

        def work() -> Any:
            try:
                return function()
            finally:
                self.took_ns += ledger.clock() - began

        super().put_nowait((future, work))


aiosqlite.core.SimpleQueue = Handing  # type: ignore[attr-defined,misc]
