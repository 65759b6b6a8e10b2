"""Ends a regular expression that would take for ever: backtracking may be exponential, and nobody waits for that."""

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

LOOK_EVERY_S = 0.5
LONGEST_MATCH_S = 5.0

Handler = Callable[[int, FrameType | None], Any] | int | None


class Patience:
    """While it is entered, a match between `begin` and `end` that takes more than `most_s` raises what `why` gives.

    It is asked with the text that was being matched.

    The regular expression engine looks at signals, so an alarm gets through to it. In another thread than the main
    one there are none, and no limit.
    """

    def __init__(self, why: Callable[[str], Exception], most_s: float = LONGEST_MATCH_S) -> None:
        self._why = why
        self._most_s = most_s
        self._began = 0.0
        self._text = ""
        self._before: Handler = None
        self._works = threading.current_thread() is threading.main_thread()

    def begin(self, text: str) -> None:
        """Note that a match begins."""
        self._text = text
        self._began = time.monotonic()

    def end(self) -> None:
        """Note that it is over."""
        self._began = 0.0

    def __enter__(self) -> "Patience":
        if self._works:
            self._before = signal.signal(signal.SIGALRM, self._ring)
            signal.setitimer(signal.ITIMER_REAL, LOOK_EVERY_S, LOOK_EVERY_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._works:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before)

    def _ring(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler's signature
        if self._began and time.monotonic() - self._began > self._most_s:
            self.end()
            raise self._why(self._text)
