"""`nineam payloads`: what somebody may send that the application did not account for."""

import asyncio
import contextlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from nineam.cli.asked import Options
from nineam.cli.execute import RUNS, about, interruptible
from nineam.cli.options.application import STARTED
from nineam.cli.options.option import having
from nineam.cli.options.outputs import SUMMARIES, summaries, taken
from nineam.cli.payloads_shown import Occasion, Wanted, ended
from nineam.cli.prepare import prepare
from nineam.cli.run import COMMAND, TARGET_HELP, RunCommand
from nineam.cli.traffic import methods_of
from nineam.cli.writable import check_writable
from nineam.errors import ExitCode, UsageError
from nineam.model.durations import seconds as seconds_of
from nineam.monday.beside_load import Burden
from nineam.monday.provoking import Provocation, Say, Wish, provoke
from nineam.visible import visible

SHORTEST_S = 1.0
HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\x00]*)")
OWN = (
    "methods", "header", "openapi", "replay", "cases", "seconds", "timeout", "out", "quiet",
    "rate", "share", "duration",
)  # fmt: skip
FILES = {**SUMMARIES, "tests": "tests"}


@click.command(cls=RunCommand, epilog=f"{TARGET_HELP} COMMAND, after --, is your own server command, left as it is.")
@click.argument("target", required=False)
@click.option("--methods", default="", metavar="LIST", help="Methods to send: get,post or all (default get).")
@click.option(
    "--openapi", default="", metavar="FILE|URL", help="The OpenAPI document (default: the application's own)."
)
@click.option("--urls", default="", metavar="FILE", help="A list of requests to make hostile ones of, one on a line.")
@click.option("--har", default="", metavar="FILE", help="Likewise a recording of a browser.")
@click.option("--header", multiple=True, metavar="'NAME: VALUE'", help="Sent with every request, written down nowhere.")
@click.option("--seed", type=int, default=1, show_default=True, help="Chooses among all that can be wrong.")
@click.option("--cases", type=click.IntRange(1, 20_000), default=2_000, show_default=True, help="Requests, at most.")
@click.option(
    "--time", "seconds", type=click.FloatRange(1, 3600), default=90.0, show_default=True, help="Seconds, about."
)
@click.option(
    "--timeout", type=click.FloatRange(0.1, 120), default=10.0, show_default=True, help="Seconds for an answer."
)
@click.option("--rate", type=click.FloatRange(0.1, 5_000), help="Also inside so many ordinary requests a second.")
@click.option(
    "--share", type=click.FloatRange(1, 20), default=10.0, show_default=True, help="Hostile ones among them, percent."
)
@click.option(
    "-t", "--duration", default="10s", show_default=True, help="How long, without hostile ones and with them."
)
@click.option("--replay", default="", metavar="FILE", help="Send a set again that was frozen earlier.")
@having(summaries("what was found as JSON", "endpoint and failure"))
@click.option("--tests", metavar="FILE", help="Write the failures as a pytest module.")
@click.option("--out", default=str(RUNS), show_default=True, metavar="DIR", help="Where the set is frozen.")
@having(STARTED)
@click.option("--quiet", is_flag=True, help="Show no progress, and one line at the end.")
@click.pass_context
def command(ctx: click.Context, /, target: str | None, **given: Any) -> int:
    """Send an application what it did not account for; every 5xx is reduced to the smallest request that does it.

    Payloads are made from its OpenAPI document (with schemathesis, if installed) and from a built-in set, frozen in
    a file and replayed. Exit code 99 when the application broke.
    """
    own = {name: given.pop(name) for name in OWN}
    wanted = Wanted(paths=taken(given, FILES), quiet=own["quiet"])
    check_writable(wanted.paths)
    wish = Wish(
        methods=methods_of(own["methods"]),
        headers=_headers(own["header"]),
        document=own["openapi"],
        seed=given["seed"],
        most=own["cases"],
        seconds=own["seconds"],
        timeout_s=own["timeout"],
        replay=own["replay"],
        out=own["out"],
        burden=_burden(own["rate"], own["share"], own["duration"]),
    )
    asked = Options(
        target=target or "", command=ctx.meta.get(COMMAND, ()), environ=dict(os.environ), no_agent=True, **given
    )
    try:
        return int(ended(wanted, *_provoked(asked, wish, wanted)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        click.echo("interrupted; the application is ended", err=True)
        return int(ExitCode.INTERRUPTED)


def _provoked(asked: Options, wish: Wish, wanted: Wanted) -> tuple[Provocation, Occasion]:
    started, began = about()["started"], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="nineam-") as scratch, telling(wanted.quiet) as say:
        setup, meta = prepare(asked, Path(scratch))
        found = asyncio.run(interruptible(provoke(setup, wish, Path(scratch), time.monotonic, say)))
    seconds = round(time.monotonic() - began, 1)
    return found, Occasion(started=started, seconds=seconds, command=meta["target"]["command"])


@contextlib.contextmanager
def telling(quiet: bool) -> Iterator[Say]:
    """Tell on the terminal's error output what is being done, and how far it is."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield Say(what=lambda text: None if quiet else click.echo(visible(text), err=True), progress=lambda *_: None)
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("hostile requests", start=False)

        def progress(done: int, of: int) -> None:
            bar.start_task(task)
            bar.update(task, completed=done, total=of)

        yield Say(what=lambda text: bar.console.print(visible(text), markup=False), progress=progress)


def _burden(rate: float | None, percent: float, duration: str) -> Burden | None:
    lasting = seconds_of(duration, "--duration")
    if lasting < SHORTEST_S:
        raise UsageError(f"--duration {duration}: expected {SHORTEST_S:g} s or more", hint="10s is a good beginning")
    return None if rate is None else Burden(rate=rate, share=percent / 100, seconds=lasting)


def _headers(given: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found = []
    for text in given:
        match = HEADER.fullmatch(text)
        if match is None:
            # its value may be secret: it is not repeated
            raise UsageError("--header: expected 'NAME: VALUE' in one line", hint="like --header 'Authorization: ...'")
        found.append((match.group(1).lower(), match.group(2).strip()))
    return tuple(found)
