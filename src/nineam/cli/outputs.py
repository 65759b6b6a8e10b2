"""Writes a document where the user asked for it, and decides the exit code."""

from pathlib import Path

import click
from rich.console import Console

from nineam.errors import ExitCode, UsageError
from nineam.model import Record, RunDocument
from nineam.report.formats import find_format
from nineam.report.text import render_quiet, render_text

OPTIONS: tuple[tuple[str, str], ...] = (
    ("html", "a self-contained page"),
    ("json", "the run document (- for standard output)"),
    ("junit", "thresholds, checks and findings as test cases"),
    ("markdown", "for a pull request"),
)


class Wanted(Record, frozen=True, kw_only=True):
    """Which outputs, by format name, and whether the summary is only a line."""

    files: dict[str, str] = {}
    quiet: bool = False


def check_writable(wanted: Wanted) -> None:
    """Raise UsageError now for an output that could not be written after the run."""
    for name, path in wanted.files.items():
        if path != "-" and not Path(path).absolute().parent.is_dir():
            raise UsageError(f"--{name} {path}: there is no directory {Path(path).parent}", hint="create it first")
        if path != "-" and Path(path).is_dir():
            raise UsageError(f"--{name} {path}: is a directory", hint=f"name a file in it: {path}/report.{name}")


def write(document: RunDocument, wanted: Wanted, console: Console) -> None:
    """Print the summary and write the files; with an output on standard output, the summary is left out."""
    to_stdout = [name for name, path in wanted.files.items() if path == "-"]
    if wanted.quiet:
        if not to_stdout:
            click.echo(render_quiet(document))
    elif not to_stdout:
        color = console.is_terminal and not console.no_color
        click.echo(render_text(document, width=min(console.width, 110), color=color), color=color)
    for name, path in wanted.files.items():
        text = find_format(name).render(document)
        if path == "-":
            click.echo(text, nl=not text.endswith("\n"))
        else:
            _save(Path(path), text)


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {error.strerror}", hint="the run file is kept: `nineam report`"
        ) from None


def exit_code(document: RunDocument) -> ExitCode:
    """Thresholds that failed come first, then measurements that cannot be trusted."""
    if any(not threshold.ok for threshold in document.thresholds):
        return ExitCode.THRESHOLD
    if document.stairs and not document.generator.trustworthy:
        return ExitCode.UNTRUSTWORTHY
    return ExitCode.OK
