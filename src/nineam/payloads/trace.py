"""What a traceback in the application's output says: the exception, and where in its own code it came from."""

import re
from collections.abc import Sequence
from pathlib import Path

from nineam.payloads.found import Trace

BEGIN = "Traceback (most recent call last):"
FRAME = re.compile(r'\s*\|?\s*File "([^"]+)", line (\d+), in (\S+)')
EXCEPTION = re.compile(r"(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?::.*)?$")
NOT_OWN = ("site-packages", "dist-packages", "<frozen", "<string>")
LONGEST = 300


def trace_of(lines: Sequence[str], root: str) -> Trace | None:
    """Read the last traceback that is complete; None when there is none. `root` is the application's folder."""
    last = None
    for index, line in enumerate(lines):
        if BEGIN in line:
            last = _read(lines[index + 1 :], root) or last
    return last


def _read(lines: Sequence[str], root: str) -> Trace | None:
    own: tuple[str, str, str] | None = None
    for line in lines:
        frame = FRAME.match(line)
        if frame and _is_own(frame.group(1), root):
            own = (frame.group(1), frame.group(2), frame.group(3))
        elif not frame and EXCEPTION.match(line):
            where = f"{Path(own[0]).relative_to(root)}:{own[1]}" if own else ""
            return Trace(exception=line[:LONGEST], where=where, function=own[2] if own else "")
    return None


def _is_own(file: str, root: str) -> bool:
    return Path(file).is_relative_to(root) and not any(part in file for part in NOT_OWN)
