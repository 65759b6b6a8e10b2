"""The command line's top: finds the command, and prints every expected error once."""

import importlib
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from nineam import __version__
from nineam.errors import ExitCode, NineamError, nearest
from nineam.visible import visible

COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("demo", "nineam.cli.demo", "Boot the bundled shop on its own database and tell the whole story."),
    ("run", "nineam.cli.run", "Run an application the way Monday will, and say what breaks first."),
    ("trial", "nineam.cli.trial", "Put an application through what production has in store; a verdict."),
    ("init", "nineam.cli.init", "Look at this project and write nineam.toml and monday.py."),
    ("payloads", "nineam.cli.payloads", "Send what the application did not account for, and reduce what breaks it."),
    ("grow", "nineam.cli.grow", "Make a clone of the database at the size of production."),
    ("index", "nineam.cli.index", "Find the index that nobody added, and prove it in a clone."),
    ("report", "nineam.cli.report", "Show a run again, in any format."),
    ("explain", "nineam.cli.explain", "Explain a finding: what it means, why it hurts, how it is fixed."),
    ("doctor", "nineam.cli.doctor", "Say what this machine and this project allow."),
)
"""Name, module (which has `command`), and the line in `--help`; modules are imported when they are needed."""


class Commands(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order a newcomer needs them."""
        return [name for name, _, _ in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """Import a command."""
        module = next((module for name, module, _ in COMMANDS if name == cmd_name), None)
        return None if module is None else importlib.import_module(module).command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, _, line in COMMANDS])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command when there is none of that name."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in self.list_commands(ctx):
            close = nearest(name, self.list_commands(ctx))
            hint = f"; did you mean {close}?" if close else ""
            ctx.fail(f"no command {name!r}{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="nineam %(version)s")
def group() -> None:
    """It is nine a.m. on Monday, on your own machine.

    nineam takes a Python web application that works on localhost, runs it the way production will, and shows
    what breaks first, why, and at which line. Start with `nineam demo`, then `nineam run module:app`.
    """


def run(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    sys.exit(main(sys.argv[1:] if arguments is None else list(arguments)))


def main(arguments: list[str]) -> int:  # noqa: PLR0911 - one return for each way to end
    """Run the command line; the exit code."""
    _end_like_interrupt()
    try:
        result = group.main(args=arguments, prog_name="nineam", standalone_mode=False)
        return int(result or 0)
    except NineamError as error:
        show(error)
        return int(error.exit_code)
    except click.exceptions.Abort:
        return int(ExitCode.INTERRUPTED)
    except click.ClickException as error:
        error.show()
        return int(ExitCode.USAGE)
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:  # noqa: BLE001 - the top: a bug must leave a report and no traceback
        _confess(traceback.format_exc())
        return int(ExitCode.INTERNAL)


def _end_like_interrupt() -> None:
    """Let SIGTERM and a closed terminal end a run as Ctrl-C does, with everything taken down and cleaned up."""

    def interrupt(number: int, frame: object) -> None:  # noqa: ARG001 - a signal handler's signature
        signal.signal(number, signal.SIG_IGN)
        os.kill(os.getpid(), signal.SIGINT)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, interrupt)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell starts what runs in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)


def show(error: NineamError) -> None:
    """Print an expected error: what, the details beneath it, and the next step."""
    click.echo(click.style("error: ", fg="red", bold=True) + visible(error.message), err=True)
    for detail in error.details:
        click.echo("  " + visible(detail), err=True)
    if error.hint:
        click.echo(click.style("hint: ", fg="cyan") + visible(error.hint), err=True)


def _confess(trace: str) -> None:
    """Keep a bug's traceback in a file and say where."""
    with tempfile.NamedTemporaryFile("w", prefix="nineam-bug-", suffix=".txt", delete=False) as file:
        file.write(f"nineam {__version__}, Python {sys.version}\n{sys.argv}\n\n{trace}")
    last = trace.strip().splitlines()[-1]
    click.echo(click.style("bug in nineam: ", fg="red", bold=True) + visible(last), err=True)
    click.echo(f"the details are in {Path(file.name)}; please report them", err=True)
