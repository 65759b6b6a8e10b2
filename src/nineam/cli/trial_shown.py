"""Where the outcome of trials goes: the terminal, and the files that were asked for."""

from pathlib import Path

import click
from rich.console import Console

from nineam.errors import ExitCode, UsageError
from nineam.model import Record
from nineam.model.trial import TrialDocument
from nineam.report.trial_formats import FORMATS, render_text
from nineam.visible import visible

WIDEST = 110


class Files(Record, frozen=True, kw_only=True):
    """Paths by the name of the format, `-` for standard output; whether only the verdict is shown."""

    paths: dict[str, str] = {}
    quiet: bool = False


def write(document: TrialDocument, files: Files, console: Console) -> None:
    """Print the report and write the files; with one of them on standard output the report is left out."""
    if "-" not in files.paths.values():
        color = console.is_terminal and not console.no_color
        width = min(console.width, WIDEST)
        text = visible(document.verdict.sentence) if files.quiet else render_text(document, width=width, color=color)
        click.echo(text.rstrip("\n"), color=color)
    for name, path in files.paths.items():
        rendered = FORMATS[name](document)
        if path == "-":
            click.echo(rendered, nl=False)
        else:
            _save(Path(path), rendered)


def exit_code(document: TrialDocument) -> ExitCode:
    """A failed gate comes first; then an interruption; then that something could not be told."""
    if document.verdict.status == "not-ready":
        return ExitCode.THRESHOLD
    if document.interrupted:
        return ExitCode.INTERRUPTED
    return ExitCode.OK if document.verdict.status == "ready" else ExitCode.UNTRUSTWORTHY


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", hint="name another file") from None
