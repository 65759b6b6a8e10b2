"""What a traceback in the application's output says: the exception, and where it came from."""

import re
from collections.abc import Sequence
from pathlib import Path

from nineam.payloads.found import Trace

BEGIN = "Traceback (most recent call last):"
FRAME = re.compile(r'\s*\|?\s*File "([^"]+)", line (\d+), in (\S+)')
EXCEPTION = re.compile(r"(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?::.*)?$")
NOT_OWN = ("site-packages", "dist-packages", "<frozen", "<string>")
PACKAGES = re.compile(r".*/(?:site|dist)-packages/|.*/lib/python3[^/]*/")
LONGEST = 300


def trace_of(lines: Sequence[str], root: str) -> Trace | None:
    """Read the last traceback that is complete; None when there is none. `root` is the application's folder."""
    last = None
    for index, line in enumerate(lines):
        if BEGIN in line:
            last = _read(lines[index + 1 :], root) or last
    return last


def _read(lines: Sequence[str], root: str) -> Trace | None:
    """Read one; without a frame of one's own code the last frame is where it was."""
    own = last = None
    for line in lines:
        frame = FRAME.match(line)
        if frame:
            last = frame
            own = frame if _is_own(frame.group(1), root) else own
        elif EXCEPTION.match(line):
            at = own or last
            where = f"{_short(at.group(1), root)}:{at.group(2)}" if at else ""
            return Trace(exception=line[:LONGEST], where=where, function=at.group(3) if at else "")
    return None


def _is_own(file: str, root: str) -> bool:
    return Path(file).is_relative_to(root) and not any(part in file for part in NOT_OWN)


def _short(file: str, root: str) -> str:
    """Say where a file is: in the application's folder, or in a package."""
    if _is_own(file, root):
        return str(Path(file).relative_to(root))
    return PACKAGES.split(file)[-1]
