"""`nineam doctor`: what this machine and this project allow."""

from collections.abc import Iterable
from pathlib import Path

import click

from nineam.cli.checks import MACHINE, Check
from nineam.cli.project_checks import project
from nineam.errors import ExitCode, UsageError

MARKS = {"fine": ("✓", "green"), "limited": ("-", "yellow"), "broken": ("✗", "red")}


@click.command()
@click.argument("target", required=False)
@click.option("--python", metavar="PATH", help="The application's interpreter or venv.")
@click.option("--cwd", default=".", show_default=True, metavar="DIR", help="The project's directory.")
def command(target: str | None, python: str | None, cwd: str) -> int:
    """Say what this machine and this project allow, and what to do about the rest.

    TARGET is as in `nineam run`; nothing is started but a short self-test. The exit code is 99 when something
    is broken (✗); what only works with less (-) does not count.
    """
    directory = Path(cwd).absolute()
    if not directory.is_dir():
        raise UsageError(f"--cwd {cwd}: there is no such directory")
    broken = _show("this machine", (check() for check in MACHINE))
    broken += _show("this project", project(directory, target, python))
    if broken:
        click.echo(f"{broken} to mend first")
        return int(ExitCode.THRESHOLD)
    click.echo("ready: nineam run")
    return int(ExitCode.OK)


def _show(title: str, checks: Iterable[Check]) -> int:
    """Print checks as they come; the number of broken ones."""
    click.echo(title)
    broken = 0
    for check in checks:
        click.echo(line(check))
        broken += check.state == "broken"
    return broken


def line(check: Check) -> str:
    """Return one check for the terminal: its mark, name, what was seen, and beneath it what to do."""
    mark, color = MARKS[check.state]
    text = f"  {click.style(mark, fg=color)} {check.name:<12} {printable(check.said)}"
    return text + (f"\n    {'':<12} {printable(check.advice)}" if check.advice else "")


def printable(text: str) -> str:
    """Return a text with everything that could command a terminal made visible."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
