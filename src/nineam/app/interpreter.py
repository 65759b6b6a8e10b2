"""Which Python runs the application: its own, not nineam's."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from nineam.errors import UsageError
from nineam.model import Record

OLDEST = (3, 9)
VERSION_QUESTION = "import sys; print('python', *sys.version_info[:3])"
ANSWER_LIMIT_S = 10.0


class Interpreter(Record, frozen=True):
    """A Python interpreter: its path (never resolved, or it would leave its venv), version, and who named it."""

    path: str
    version: tuple[int, int, int]
    source: str

    @property
    def version_text(self) -> str:
        """Like `3.11.7`."""
        return ".".join(str(part) for part in self.version)


def choose_interpreter(explicit: str | None, environ: Mapping[str, str], cwd: Path) -> Interpreter:
    """`--python`, else `$VIRTUAL_ENV`, else `./.venv` or `./venv`, else nineam's own.

    `explicit` may be a path, the folder of a venv, or a name on PATH.
    Raises UsageError when it is not there, does not run, or is older than 3.9.
    """
    path, source = _candidate(explicit, environ, cwd)
    return Interpreter(path=path, version=_version(path, source), source=source)


def _candidate(explicit: str | None, environ: Mapping[str, str], cwd: Path) -> tuple[str, str]:
    if explicit:
        return _explicit(explicit, environ, cwd), "--python"
    if environ.get("VIRTUAL_ENV"):
        folder = Path(environ["VIRTUAL_ENV"])
        return _in_folder(folder, "$VIRTUAL_ENV", "deactivate it, or name one with --python"), "$VIRTUAL_ENV"
    for name in (".venv", "venv"):
        if (cwd / name / "pyvenv.cfg").exists():
            return _in_folder(cwd / name, f"./{name}", "create it again, or name one with --python"), f"./{name}"
    return sys.executable, "nineam's own"


def _explicit(explicit: str, environ: Mapping[str, str], cwd: Path) -> str:
    path = Path(os.path.normpath(cwd / Path(explicit).expanduser()))
    if path.is_dir():
        return _in_folder(path, "--python", "name the interpreter itself")
    if path.exists():
        return str(path)
    found = shutil.which(explicit, path=environ.get("PATH")) if os.sep not in explicit else None
    if found:
        return found
    raise UsageError(
        f"--python: {explicit} is not there",
        details=(f"looked at {path}" + ("" if os.sep in explicit else " and on PATH"),),
        hint="give the path of the interpreter that the application is installed in, such as .venv/bin/python",
    )


def _in_folder(folder: Path, source: str, hint: str) -> str:
    for relative in ("bin/python", "bin/python3", "Scripts/python.exe"):
        if (folder / relative).exists():
            return str(folder / relative)
    raise UsageError(f"{source}: no interpreter in {folder} (expected bin/python)", hint=hint)


def _version(path: str, source: str) -> tuple[int, int, int]:
    try:
        answer = subprocess.run(
            [path, "-I", "-S", "-c", VERSION_QUESTION],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ANSWER_LIMIT_S,
            check=False,
        )
    except PermissionError:
        raise UsageError(f"{source}: {path} is not executable", hint=f"chmod +x {path}, or name another") from None
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise UsageError(f"{source}: {path} does not run: {problem}", hint="name a working one with --python") from None
    found = re.search(r"python (\d+) (\d+) (\d+)", answer.stdout)
    if not found:
        raise UsageError(
            f"{source}: {path} is not a working Python (exit code {answer.returncode})",
            details=answer.stderr.strip().splitlines()[-3:],
            hint="name a Python 3.9 or newer with --python",
        )
    version = (int(found[1]), int(found[2]), int(found[3]))
    if version < OLDEST:
        text = ".".join(str(part) for part in version)
        raise UsageError(
            f"{source}: {path} is Python {text}; nineam watches applications on 3.9 and newer",
            hint="name a newer interpreter with --python",
        )
    return version
