"""`nineam run`: the main job."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from nineam.cli.execute import execute
from nineam.cli.outputs import Wanted
from nineam.cli.prepare import Options, prepare
from nineam.errors import UsageError

TARGET_HELP = "TARGET is module:app, a file.py:app, a folder with manage.py, or the URL of a running application."

OPTIONS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (("-u", "--users"), {"type": click.IntRange(1), "help": "Climb to this many users (closed load)."}),
    (("--rate",), {"type": click.FloatRange(0, min_open=True), "help": "Climb to this many requests a second."}),
    (("-t", "--duration"), {"default": "", "metavar": "TIME", "help": "How long at the top, such as 30s or 2m."}),
    (("--think",), {"type": click.FloatRange(0), "help": "Seconds between a user's clicks (default 1)."}),
    (("--slo",), {"default": "", "metavar": "EXPR", "help": "The objective of every stair (default p(95)<500)."}),
    (
        ("--threshold", "thresholds"),
        {"multiple": True, "metavar": "EXPR", "help": "A gate in k6's grammar; exit code 99 when it fails."},
    ),
    (("--journeys",), {"default": "", "metavar": "FILE", "help": "What users do (default: ./monday.py when there)."}),
    (("-H", "--host"), {"default": "", "metavar": "URL", "help": "Where the application will listen."}),
    (("--health",), {"default": "", "metavar": "PATH", "help": "The health check to probe (default: found)."}),
    (("--server",), {"default": "", "metavar": "NAME", "help": "Which server starts TARGET."}),
    (("--workers",), {"type": click.IntRange(1), "help": "How many workers it starts."}),
    (("--port",), {"type": click.IntRange(1, 65535), "help": "Its port (default: a free one)."}),
    (("--python",), {"default": None, "metavar": "PATH", "help": "The application's interpreter or venv."}),
    (("--cwd",), {"default": ".", "metavar": "DIR", "help": "The application's directory."}),
    (("--env", "env"), {"multiple": True, "metavar": "KEY=VALUE", "help": "Set in its environment."}),
    (("--ready-timeout",), {"type": click.FloatRange(0), "help": "Seconds it may take to answer (default 30)."}),
    (("--allow-target", "allowed"), {"multiple": True, "metavar": "HOST", "help": "A host beyond this machine."}),
    (("--seed",), {"default": 1, "show_default": True, "help": "Makes the traffic repeatable."}),
    (("--no-agent",), {"is_flag": True, "help": "Do not look inside the application."}),
    (("--suspect",), {"default": "", "metavar": "TEXT", "help": "Where you think it is slow; the report answers."}),
    (("--json", "json_file"), {"metavar": "FILE", "help": "Write the run document (- for standard output)."}),
    (("--html",), {"metavar": "FILE", "help": "Write a self-contained page."}),
    (("--junit",), {"metavar": "FILE", "help": "Write thresholds, checks and findings as test cases."}),
    (("--markdown",), {"metavar": "FILE", "help": "Write a summary for a pull request."}),
    (("--out",), {"default": ".nineam", "show_default": True, "metavar": "DIR", "help": "Where runs are kept."}),
    (("-q", "--quiet"), {"is_flag": True, "help": "Only the verdict."}),
    (("--localhost-time",), {"default": 5.0, "hidden": True, "help": "Seconds of the polite phase."}),
    (("--stair-time",), {"default": 4.0, "hidden": True, "help": "Seconds of each stair."}),
    (("--observer-time",), {"default": 0.9, "hidden": True, "help": "Seconds of each on/off block; 0 for none."}),
    (("--after-time",), {"default": 5.0, "hidden": True, "help": "Seconds of the way back down."}),
)


def _with_options(function: Callable[..., int]) -> Callable[..., int]:
    for names, settings in reversed(OPTIONS):
        function = click.option(*names, **settings)(function)
    return function


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


@click.command(cls=RunCommand, epilog=f"{TARGET_HELP} COMMAND, after --, is your own server command, left as it is.")
@click.argument("target", required=False)
@_with_options
@click.pass_context
def command(ctx: click.Context, /, target: str | None, **given: Any) -> int:
    """Run an application the way Monday will, and say what breaks first, why, and at which line.

    With neither --users nor --rate it climbs until the objective breaks.
    """
    files = {name: given.pop(key) for name, key in FILES.items()}
    wanted = Wanted(files={name: path for name, path in files.items() if path}, quiet=given.pop("quiet"))
    out = Path(given.pop("out"))
    own = ctx.meta.get(COMMAND, ())
    options = Options(target=target or "", command=own, environ=dict(os.environ), **given)
    setup, meta = prepare(options)
    return int(execute(setup, wanted, out, meta))


FILES = {"html": "html", "json": "json_file", "junit": "junit", "markdown": "markdown"}
COMMAND = "nineam.run.command"
