"""Writes a document where the user asked for it, and decides the exit code."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import click
from rich.console import Console

from nineam.cli.writable import STANDARD_OUTPUT, check_writable
from nineam.errors import ExitCode, UsageError
from nineam.export.destinations import check_destination
from nineam.model import Record, RunDocument, Tick
from nineam.report.formats import BINARIES, SERIES, find_format
from nineam.report.text import render_quiet, render_text

Line = str | bytes


class Wanted(Record, frozen=True, kw_only=True):
    """Which files by format name, which addresses by destination, and whether the summary is only a line."""

    files: dict[str, str] = {}
    exports: dict[str, str] = {}
    quiet: bool = False


def check_wanted(wanted: Wanted) -> None:
    """Raise UsageError now for an output that could not be written or sent after the run."""
    if wanted.files.get("csv") == STANDARD_OUTPUT:
        raise UsageError("--csv -: four files do not fit on standard output", hint="name a prefix: --csv results")
    check_writable(wanted.files)
    for name, url in wanted.exports.items():
        check_destination(name, url)


def write(document: RunDocument, wanted: Wanted, console: Console, ticks: Callable[[], Sequence[Tick]] = tuple) -> None:
    """Print the summary and write the files; with an output on standard output, the summary is left out.

    `ticks` is asked for the intervals of the run when an output needs them.
    """
    to_stdout = [name for name, path in wanted.files.items() if path == STANDARD_OUTPUT]
    if wanted.quiet:
        if not to_stdout:
            click.echo(render_quiet(document))
    elif not to_stdout:
        color = console.is_terminal and not console.no_color
        click.echo(render_text(document, width=min(console.width, 110), color=color), color=color)
        if document.flames:
            click.echo(f"flamegraph: {_flamegraph(wanted)}")
    for name, path in wanted.files.items():
        for suffix, lines in _rendered(name, document, ticks).items():
            if path == STANDARD_OUTPUT:
                _print(lines)
            else:
                _save(Path(path + suffix), lines)


def _flamegraph(wanted: Wanted) -> str:
    """Return where the flamegraph is, or how to get it."""
    page = wanted.files.get("html")
    return f"{page}#flamegraph" if page else "nineam report --html FILE"


def _rendered(name: str, document: RunDocument, ticks: Callable[[], Sequence[Tick]]) -> dict[str, Iterable[Line]]:
    """Return the lines of each file of a format, by what is added to the user's name."""
    for binary in BINARIES:
        if binary.name == name:
            return {"": (binary.render(document),)}
    for series in SERIES:
        if series.name == name:
            return dict(series.render(document, ticks()))
    return {"": (find_format(name).render(document),)}


def _print(lines: Iterable[Line]) -> None:
    last: Line = ""
    for last in lines:
        click.echo(last, nl=False)
    click.echo("", nl=isinstance(last, str) and not last.endswith("\n"))


def _save(path: Path, lines: Iterable[Line]) -> None:
    try:
        with path.open("wb") as file:
            file.writelines(line.encode() if isinstance(line, str) else line for line in lines)
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {error.strerror}", hint="the run file is kept: `nineam report`"
        ) from None


def exit_code(document: RunDocument) -> ExitCode:
    """Thresholds that failed come first, then measurements that cannot be trusted; before both, no measurement."""
    generator = document.generator
    if document.stairs and not generator.trustworthy and not generator.requests:
        return ExitCode.UNTRUSTWORTHY
    if any(not threshold.ok for threshold in document.thresholds):
        return ExitCode.THRESHOLD
    if document.stairs and not generator.trustworthy:
        return ExitCode.UNTRUSTWORTHY
    return ExitCode.OK
