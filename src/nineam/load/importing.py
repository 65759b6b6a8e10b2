"""Importing a user's file: it may neither end the process that imports it nor keep it for ever."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from nineam.errors import ExitCode

LONGEST_IMPORT_S = 20.0
INSIST_EVERY_S = 1.0
INSIST_TIMES = 5


@contextlib.contextmanager
def contained(file: Path) -> Iterator[None]:
    """Raise `SystemExit` where the block calls `os._exit`, and `TimeoutError` where it is after `LONGEST_IMPORT_S`.

    Whatever the block forks ends with it. The time is limited in the main thread only.
    """
    own, leave = os.getpid(), os._exit

    def stay(code: int = 0) -> None:
        if os.getpid() != own:
            leave(code)
        raise SystemExit(f"os._exit({code}) would end nineam")

    os._exit = stay  # type: ignore[assignment]
    try:
        with _limited(file, LONGEST_IMPORT_S, leave):
            yield
    finally:
        os._exit = leave
        if os.getpid() != own:
            leave(ExitCode.OK)


@contextlib.contextmanager
def _limited(file: Path, limit_s: float, leave: Callable[[int], object]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    told = 0

    def over(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - a signal handler's signature
        nonlocal told
        told += 1
        if told > INSIST_TIMES:  # it catches everything: nothing but this ends it
            sys.stderr.write(f"error: {file} was not imported after {limit_s:g} s and does not let itself be ended\n")
            sys.stderr.flush()
            leave(ExitCode.USAGE)
        raise TimeoutError(f"it was not done after {limit_s:g} s")

    before = signal.signal(signal.SIGALRM, over)
    left_s, every_s = signal.setitimer(signal.ITIMER_REAL, limit_s, INSIST_EVERY_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left_s, every_s)
        signal.signal(signal.SIGALRM, before)
