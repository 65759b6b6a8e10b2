"""Files that are to be written in the end: looked at before there is something to lose."""

from collections.abc import Mapping
from pathlib import Path

from nineam.errors import UsageError

STANDARD_OUTPUT = "-"


def check_writable(paths: Mapping[str, str]) -> None:
    """Raise `UsageError` now for a file that could not be written later; `paths` are by the names of their options."""
    for name, path in paths.items():
        if path == STANDARD_OUTPUT:
            continue
        if not Path(path).absolute().parent.is_dir():
            raise UsageError(f"--{name} {path}: there is no directory {Path(path).parent}", hint="create it first")
        if Path(path).is_dir() or not path:
            raise UsageError(f"--{name} {path}: is a directory", hint=f"name a file in it: {path}/report.{name}")
    shown = [f"--{name} -" for name, path in paths.items() if path == STANDARD_OUTPUT]
    if len(shown) > 1:
        raise UsageError(f"{' and '.join(shown)}: only one of them can be on standard output", hint="name a file")
