"""`nineam run`: the main job."""

import os
import tempfile
from pathlib import Path
from typing import Any

import click

from nineam.cli.asked import Options
from nineam.cli.execute import execute
from nineam.cli.grown import with_clones
from nineam.cli.options import with_options, write_themes
from nineam.cli.options.outputs import EXPORTS, FILES, taken
from nineam.cli.outputs import Wanted, check_wanted
from nineam.cli.prepare import prepare
from nineam.errors import UsageError

TARGET_HELP = "TARGET is module:app, a file.py:app, a folder with manage.py, or the URL of a running application."


class RunCommand(click.Command):
    """Keeps what stands after `--` out of click's hands: it is somebody else's command line."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the command away before the options are parsed."""
        if "--" in args:
            at = args.index("--")
            if not args[at + 1 :]:
                raise UsageError("there is no command after --", hint="like: nineam run -- gunicorn shop:app")
            ctx.meta[COMMAND] = tuple(args[at + 1 :])
            args = args[:at]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say where the command goes."""
        formatter.write_usage(ctx.command_path, "[OPTIONS] [TARGET] [-- COMMAND ...]")


class ThemedCommand(RunCommand):
    """Has so many options that `--help` needs headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the options under the headings of their themes."""
        write_themes(self, ctx, formatter)


@click.command(cls=ThemedCommand, epilog=f"{TARGET_HELP} COMMAND, after --, is your own server command, left as it is.")
@click.argument("target", required=False)
@with_options
@click.pass_context
def command(ctx: click.Context, /, target: str | None, **given: Any) -> int:
    """Run an application the way Monday will, and say what breaks first, why, and at which line.

    Without a load it climbs until the objective breaks.
    """
    wanted = Wanted(files=taken(given, FILES), exports=taken(given, EXPORTS), quiet=given.pop("quiet"))
    out = Path(given.pop("out"))
    own = ctx.meta.get(COMMAND, ())
    options = Options(target=target or "", command=own, environ=dict(os.environ), **given)
    with tempfile.TemporaryDirectory(prefix="nineam-") as scratch:
        check_wanted(wanted)
        setup, meta = prepare(options, Path(scratch))
        with with_clones(options, setup, out, meta["target"]["framework"], quiet=wanted.quiet) as setup_with_clones:
            return int(execute(setup_with_clones, wanted, out, meta))


COMMAND = "nineam.run.command"
