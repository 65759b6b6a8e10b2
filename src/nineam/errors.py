"""Every error nineam raises on purpose: typed inside, printed once at the top.

An error says where it happened, what was got, what was expected, the nearest right answer and the
next step. `exit_code` is what the process ends with; the codes are listed in `ExitCode`.
"""

import difflib
import enum
from collections.abc import Iterable


class ExitCode(enum.IntEnum):
    """What scripts and CI may rely on."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    APPLICATION = 3
    UNTRUSTWORTHY = 4
    THRESHOLD = 99
    INTERRUPTED = 130


class NineamError(Exception):
    """Base of all expected errors: `message` is one line, `details` are shown beneath, `hint` is the next step."""

    exit_code: ExitCode = ExitCode.INTERNAL

    def __init__(self, message: str, *, details: Iterable[str] = (), hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)
        self.hint = hint


class UsageError(NineamError):
    """The command line, the config or a file the user named is wrong."""

    exit_code = ExitCode.USAGE


class ApplicationError(NineamError):
    """The application did not start, died, or never became ready."""

    exit_code = ExitCode.APPLICATION


class UntrustworthyError(NineamError):
    """The measurement cannot be trusted."""

    exit_code = ExitCode.UNTRUSTWORTHY


def nearest(got: str, valid: Iterable[str]) -> str:
    """Return the valid name closest to `got`, or an empty string when none is close."""
    matches = difflib.get_close_matches(got, list(valid), n=1, cutoff=0.55)
    return matches[0] if matches else ""


def pointer(source: str, column: int, length: int = 1) -> tuple[str, str]:
    """Two lines that point at a spot of `source`: the source itself and a caret line under `column` (0-based)."""
    return source, " " * column + "^" * max(1, length)
