"""Why there is no answer, as facts that the controller turns into a message."""

from __future__ import annotations

import importlib
import os
import site
import sys
import sysconfig
import traceback
from typing import Any

SHOWN_LINES = 12
MESSAGE_CHARACTERS = 500
HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - as tracebacks spell it


class Refused(Exception):  # noqa: N818 - an answer, not a defect
    """`error` names the kind; the rest is what is known about it."""

    def __init__(self, error: str, **facts: Any) -> None:
        super().__init__(error)
        self.facts = {"error": error, **facts}


def crash(problem: BaseException, root: str) -> Refused:
    """Describe what the application raised: type, message, the innermost line of its own code, the last lines."""
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if _foreign_to_probe(frame.filename)]
    where = _where(problem, frames, root)
    lines = traceback.format_list(frames) + traceback.format_exception_only(type(problem), problem)
    shown = "".join(lines).rstrip().splitlines()[-SHOWN_LINES:]
    missing = problem.name if isinstance(problem, ModuleNotFoundError) else ""
    return Refused(
        "crash",
        type=type(problem).__name__,
        message=str(problem)[:MESSAGE_CHARACTERS],
        where=where,
        traceback=shown,
        missing=missing or "",
    )


def _foreign_to_probe(filename: str) -> bool:
    return filename != importlib.__file__ and not filename.startswith((HERE, "<frozen importlib"))


def _where(problem: BaseException, frames: list[traceback.FrameSummary], root: str) -> str:
    if isinstance(problem, SyntaxError) and problem.filename:
        return f"{relative(problem.filename, root)}:{problem.lineno or 1}"
    own = [frame for frame in frames if is_own(frame.filename, root)]
    last = (own or frames)[-1:]
    return "".join(f"{relative(frame.filename, root)}:{frame.lineno}" for frame in last)


def is_own(filename: str, root: str) -> bool:
    """Whether a file belongs to the application rather than to a library."""
    inside = root.rstrip(os.sep) + os.sep
    places = [sys.prefix, sysconfig.get_paths()["purelib"], sysconfig.get_paths()["stdlib"], *site.getsitepackages()]
    libraries = tuple(place + os.sep for place in places if place.startswith(inside))
    return filename.startswith(inside) and not filename.startswith(libraries)


def relative(filename: str, root: str) -> str:
    """Shorten a path below the application's root."""
    prefix = root.rstrip(os.sep) + os.sep
    return filename[len(prefix) :] if filename.startswith(prefix) else filename
