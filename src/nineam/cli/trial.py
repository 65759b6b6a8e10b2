"""`nineam trial`: production-readiness trials, and a verdict."""

import os
from pathlib import Path
from typing import Any

import click

from nineam.cli.asked import URL, Options, merged
from nineam.cli.options.application import STARTED
from nineam.cli.options.option import having
from nineam.cli.options.outputs import SUMMARIES, summaries, taken
from nineam.cli.reach import allowed
from nineam.cli.run import COMMAND, RunCommand
from nineam.cli.trial_asked import chosen, upstream_of, words_of
from nineam.cli.trial_session import Asked, put_on_trial, setup_of
from nineam.cli.trial_shown import Files
from nineam.cli.writable import check_writable
from nineam.config.settings import Settings, load_settings
from nineam.errors import ExitCode, UsageError
from nineam.model.durations import seconds as seconds_of
from nineam.trials.catalogue import TRIALS
from nineam.trials.scout import Wish
from nineam.trials.trial import Pace


class TrialCommand(RunCommand):
    """Takes a command after `--`, as `run` does."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say where the command goes."""
        formatter.write_usage(ctx.command_path, "[OPTIONS] [TARGET] [NAME ...] [-- COMMAND ...]")


@click.command(cls=TrialCommand, epilog="TARGET is module:app, a file.py:app or a folder with manage.py (./).")
@click.argument("words", nargs=-1, metavar="[TARGET] [NAME ...]")
@click.option("--all", "everything", is_flag=True, help="All trials, not only the usual ones.")
@click.option("--list", "listed", is_flag=True, help="List the trials and run none.")
@click.option("--time", "budget", default="4m", show_default=True, metavar="TIME", help="What all of it may take.")
@click.option("--rate", type=click.FloatRange(min=0.5, max=500), help="Ordinary requests a second (default: found).")
@click.option("--upstream", multiple=True, metavar="NAME=HOST:PORT", help="A dependency that nineam does not find.")
@click.option("--urls", default="", metavar="FILE", help="The requests to send, one on a line.")
@click.option("--journeys", default="", metavar="FILE", help="Send what its journeys ask for (default: monday.py).")
@click.option("--methods", default="", metavar="LIST", help="What may be sent wrongly: get,post or all (default get).")
@click.option("--health", default="", metavar="PATH", help="The health check (default: found).")
@having(STARTED)
@click.option("--allow-target", "allowed", multiple=True, metavar="HOST", help="A dependency beyond this machine.")
@having(summaries("the document", "trial"))
@click.option("-q", "--quiet", is_flag=True, help="Only the verdict.")
@click.option("--control-time", default=Pace().control_s, hidden=True, help="Seconds of calm before each fault.")
@click.option("--fault-time", default=Pace().fault_s, hidden=True, help="Seconds that faults last.")
@click.option("--watch-time", default=Pace().watch_s, hidden=True, help="Seconds that recovery is awaited.")
@click.option("--patience", default=Pace().patience_s, hidden=True, help="Seconds after which clients give up.")
@click.pass_context
def command(ctx: click.Context, /, words: tuple[str, ...], **given: Any) -> int:
    """Put an application through what production has in store, and say whether it is ready.

    A proxy between the application and its dependencies breaks them one way after the other, while ordinary
    requests go on. Exit code 99 when a gate fails, 4 when that could not be told.
    """
    if given.pop("listed"):
        for each in TRIALS:
            click.echo(f"{each.name:<24}{each.title}{'' if each.usual else ' (with --all)'}")
        return int(ExitCode.OK)
    named = words_of(words)
    asked = Asked(
        trials=chosen(named.names, everything=given.pop("everything")),
        catalogue=tuple(each.name for each in TRIALS),
        budget_s=seconds_of(given.pop("budget"), "--time"),
        files=_files(given),
    )
    pace = Pace(
        control_s=given.pop("control_time"),
        fault_s=given.pop("fault_time"),
        watch_s=given.pop("watch_time"),
        patience_s=given.pop("patience"),
    )
    upstreams = tuple(upstream_of(text) for text in given.pop("upstream"))
    rate = given.pop("rate") or 0.0
    options = Options(target=named.target, command=ctx.meta.get(COMMAND, ()), environ=dict(os.environ), **given)
    options, settings, cwd = _completed(options)
    wish = Wish(allowed=allowed(options, settings), upstreams=upstreams, rate=rate, pace=pace)
    return int(put_on_trial(asked, wish, setup_of(options, settings, cwd)))


def _files(given: dict[str, Any]) -> Files:
    """Take what is to be written out of what was given. Raises UsageError when it could not be."""
    files = Files(paths=taken(given, SUMMARIES), quiet=given.pop("quiet"))
    check_writable(files.paths)
    return files


def _completed(options: Options) -> tuple[Options, Settings, Path]:
    """Fill what the command line left open from the project's settings. Raises UsageError."""
    cwd = Path(options.cwd).absolute()
    if not cwd.is_dir():
        raise UsageError(f"--cwd {options.cwd}: there is no such directory", hint="name the application's folder")
    settings = load_settings(cwd)
    options = merged(options, settings)
    if options.health and not options.health.startswith("/"):
        raise UsageError(f"--health {options.health!r}: expected a path", hint=f"write it like /{options.health}")
    if URL.match(options.target):
        raise UsageError(
            f"{options.target}: trials start and end the application themselves",
            hint="name it (module:app), or give its command: nineam trial -- COMMAND",
        )
    return options, settings, cwd
