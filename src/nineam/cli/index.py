"""`nineam index`: the index that nobody added, built in a clone, timed, and told."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import click

from nineam.cli.execute import RUNS
from nineam.cli.grow_target import find_database
from nineam.cli.index_clone import Cloning, clone
from nineam.cli.index_run import Proving, prove_run, statements
from nineam.cli.index_shown import show_report, write_json
from nineam.cli.report import latest
from nineam.errors import ExitCode, UsageError
from nineam.grow.wish import Wish, parse_like, parse_rows
from nineam.store.reader import read
from nineam.visible import visible

USUAL_ROWS = 1_000_000


@click.command()
@click.argument("run", required=False, metavar="[RUN]")
@click.option("--database", default="", metavar="DB", help="File or URL of the original; DATABASE_URL when left out.")
@click.option("--rows", default="", metavar="N", help="Rows of the clone to make: 500k, 1M (the usual).")
@click.option("--times", type=click.IntRange(1), metavar="N", help="So many times the rows; 1 leaves it as large.")
@click.option("--like", default="", metavar="TABLE=N,...", help="Rows by table; what refers to them follows.")
@click.option("--clone", "name", default="", metavar="NAME", help="Use this clone of `nineam grow`, and keep it.")
@click.option("--source", default=".", metavar="DIR", help="Where the application's models are written.")
@click.option("--seed", type=int, default=1, show_default=True, metavar="N", help="Which rows values are drawn from.")
@click.option("--allow-host", multiple=True, metavar="HOST", help="A host elsewhere that settings allow.")
@click.option("--json", "json_file", default="", metavar="FILE", help="Write what was found as JSON; - for stdout.")
@click.option("--out", default=str(RUNS), show_default=True, metavar="DIR", help="Where runs and SQLite clones are.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def command(  # noqa: PLR0913, PLR0917 - click's signature: one for each option
    run: str | None, database: str, rows: str, times: int | None, like: str, name: str, source: str, seed: int,
    allow_host: tuple[str, ...], json_file: str, out: str, quiet: bool,
) -> int:  # fmt: skip
    """Find the indexes that a run's statements miss, and prove them in a clone of the database.

    RUN is a run file, the latest one when left out. Candidates are really built in a clone at the size of production,
    the statements timed with and without; the clone is dropped again. What was found is kept in the run file.
    """
    wish = _wish(rows, times, like, name)
    path = Path(run) if run else latest(Path(out))
    if not statements(read(path)):
        raise UsageError(
            f"{path} knows of no statements", hint="run the application with the agent, and with endpoints that query"
        )
    address = find_database(database, allow_host, Path.cwd(), os.environ)
    said = _silent if quiet else _saying()
    try:
        with clone(address, Cloning(wish=wish, name=name, out=Path(out), hear=said)) as made:
            report = prove_run(path, made, Proving(seed=seed, source=Path(source), hear=said))
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        click.echo("interrupted; nothing that was built is left", err=True)
        return int(ExitCode.INTERRUPTED)
    show_report(report, path, err=json_file == "-")
    write_json(report, path, json_file)
    return int(ExitCode.OK)


def _wish(rows: str, times: int | None, like: str, name: str) -> Wish | None:
    """Return how large the clone is to be; None for one that is not to grow, or is there already."""
    given = [
        option
        for option, value in (("--rows", rows), ("--times", times), ("--like", like), ("--clone", name))
        if value not in ("", None)
    ]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} exclude each other", hint="choose one of them")
    if name or times == 1:
        return None
    wanted = parse_rows(rows, "--rows") if rows else None if times or like else USUAL_ROWS
    return Wish(times=times, rows=wanted, like=parse_like(like) if like else {})


def _silent(words: str) -> None:
    pass


def _saying() -> Callable[[str], None]:
    """Return what says each stage once."""
    said = [""]

    def say(words: str) -> None:
        if words != said[0]:
            said[0] = words
            click.echo(f"  {visible(words)}", err=True)

    return say
