"""`nineam report`: a run again, in any format."""

from pathlib import Path

import click
from rich.console import Console

from nineam.cli.document import document
from nineam.cli.outputs import Wanted, check_writable, write
from nineam.errors import UsageError
from nineam.store.reader import read


@click.command()
@click.argument("run", required=False, metavar="[RUN]")
@click.option("--html", metavar="FILE", help="A self-contained page.")
@click.option("--json", "json_file", metavar="FILE", help="The run document (- for standard output).")
@click.option("--junit", metavar="FILE", help="Thresholds, checks and findings as test cases.")
@click.option("--markdown", metavar="FILE", help="For a pull request.")
@click.option("--out", default=".nineam", show_default=True, metavar="DIR", help="Where runs are kept.")
@click.option("--suspect", default="", metavar="TEXT", help="Where you think it is slow; the report answers.")
def command(
    run: str | None,
    html: str | None,
    json_file: str | None,
    junit: str | None,
    markdown: str | None,
    out: str,
    suspect: str,
) -> int:
    """Show a run again: RUN is a run file, the latest one when left out."""
    files = {"html": html, "json": json_file, "junit": junit, "markdown": markdown}
    wanted = Wanted(files={name: path for name, path in files.items() if path})
    check_writable(wanted)
    path = Path(run) if run else latest(Path(out))
    write(document(read(path), suspect), wanted, Console())
    return 0


def latest(directory: Path) -> Path:
    """Return the newest run file of a directory; raises UsageError when there is none."""
    runs = sorted(directory.glob("run-*.db"), key=lambda path: path.stat().st_mtime)
    if not runs:
        raise UsageError(
            f"there are no runs in {directory}/", hint="make one: `nineam demo` or `nineam run module:app`"
        )
    return runs[-1]
