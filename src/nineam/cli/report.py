"""`nineam report`: a run again, in any format."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from nineam.cli.document import document
from nineam.cli.exporting import export_all
from nineam.cli.options.outputs import EXPORTS, FILES, WRITTEN, taken
from nineam.cli.outputs import Wanted, check_wanted, write
from nineam.errors import UsageError
from nineam.store.reader import read, ticks


def _with_outputs(function: Callable[..., int]) -> Callable[..., int]:
    for names, settings in reversed(WRITTEN):
        function = click.option(*names, **settings)(function)
    return function


@click.command()
@click.argument("run", required=False, metavar="[RUN]")
@_with_outputs
@click.option("--suspect", default="", metavar="TEXT", help="Where you think it is slow; the report answers.")
def command(run: str | None, out: str, suspect: str, **given: Any) -> int:
    """Show a run again, or send it: RUN is a run file, the latest one when left out."""
    wanted = Wanted(files=taken(given, FILES), exports=taken(given, EXPORTS))
    check_wanted(wanted)
    path = Path(run) if run else latest(Path(out))
    write(document(read(path), suspect), wanted, Console(), lambda: ticks(path))
    if wanted.exports:
        export_all(wanted.exports, path.stem, ticks(path))
    return 0


def latest(directory: Path) -> Path:
    """Return the newest run file of a directory; raises UsageError when there is none."""
    runs = sorted(directory.glob("run-*.db"), key=lambda path: path.stat().st_mtime)
    if not runs:
        raise UsageError(
            f"there are no runs in {directory}/", hint="make one: `nineam demo` or `nineam run module:app`"
        )
    return runs[-1]
