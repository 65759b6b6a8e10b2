"""Notices, from a thread of its own, that something holds the event loop; names the line of the journey that does."""

import sys
import threading
import time
from collections.abc import Callable

from nineam.load.journeys import line_of_frame, outermost_frame

LOOK_EVERY_S = 0.2
HELD_NS = 1_000_000_000
HOPELESS_NS = 30_000_000_000
HELD = "holds every user up for more than a second: await instead of blocking"

clock = time.perf_counter_ns


class Watchdog:
    """Watches the thread that creates it; `beat` has to be called often.

    `held(where)` is called from the watching thread when one call has held the loop for a second, `hopeless(where)`
    when it has for half a minute.
    """

    def __init__(self, journeys_file: str, held: Callable[[str], None], hopeless: Callable[[str], None]) -> None:
        self._held = held
        self._journeys_file = journeys_file
        self._hopeless = hopeless
        self._beaten_ns = clock()
        self._reported_ns = 0
        self._watched = threading.get_ident()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="nineam-watchdog", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self.beat()
        self._thread.start()

    def stop(self) -> None:
        """Watch no more."""
        self._stop.set()
        self._thread.join(timeout=2 * LOOK_EVERY_S)

    def beat(self) -> None:
        """Note that the loop is alive."""
        self._beaten_ns = clock()

    def _watch(self) -> None:
        seen: tuple[int, int] | None = None
        while not self._stop.wait(LOOK_EVERY_S):
            beaten_ns = self._beaten_ns
            held_ns = clock() - beaten_ns
            holder, where = self._holder() if held_ns > HELD_NS else (0, "")
            # a loop that is merely late runs something else at the next look: only the same call twice holds it
            if holder and seen == (beaten_ns, holder) and beaten_ns != self._reported_ns:
                self._reported_ns = beaten_ns
                self._held(where)
            seen = (beaten_ns, holder)
            if held_ns > HOPELESS_NS:
                self._hopeless(where)

    def _holder(self) -> tuple[int, str]:
        """Find the call of a journey that runs now: the identity of its frame, and the line it is at."""
        frame = sys._current_frames().get(self._watched)
        return outermost_frame(frame, self._journeys_file), line_of_frame(frame, self._journeys_file)
