"""`nineam grow`: a clone of the database at production size."""

import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from nineam.cli.execute import RUNS
from nineam.cli.grow_progress import showing
from nineam.cli.grow_shown import Wanted, ended, intended, write_json
from nineam.cli.grow_target import find_database
from nineam.errors import ExitCode, UsageError
from nineam.grow.database import Source
from nineam.grow.filling import Filling, assumed
from nineam.grow.opening import open_source
from nineam.grow.plan import Plan, make_plan
from nineam.grow.run import Grown, grow
from nineam.grow.schema import Schema
from nineam.grow.wish import Wish, parse_like, parse_rows
from nineam.grow.words import faker_words

USUAL_ROWS = 1_000_000
MOST_TIMES = 100_000_000
MOST_FILLED, SEED = 10_000, 1
SORTING = 1.5
"""Building indexes takes room for sorting, besides the clone itself."""


@click.command()
@click.argument("database", required=False, metavar="[DATABASE]")
@click.option("--rows", default="", metavar="N", help="Rows of the whole database: 500k, 1M (the usual).")
@click.option("--times", type=int, metavar="N", help="So many times the rows of every table.")
@click.option("--like", default="", metavar="TABLE=N,...", help="Rows by table; what refers to them follows.")
@click.option("--keep", multiple=True, metavar="TABLE", help="A table that stays as it is.")
@click.option("--depth", type=float, default=0.0, metavar="SHARE", help="Share of new rows that go to hot parents.")
@click.option("--fill", type=int, metavar="N", help="Make up N rows for each empty table (100 is a good beginning).")
@click.option("--check", is_flag=True, help="Compare the clone with the original: rows, NULLs, values, fan-out.")
@click.option("--dry-run", is_flag=True, help="Show the plan and do nothing.")
@click.option("--name", default="", metavar="NAME", help="What to call the clone (SQLite: its file).")
@click.option("--replace", is_flag=True, help="Make a clone anew that is there already.")
@click.option("--drop", is_flag=True, help="Drop the clones of this database, or the one with --name.")
@click.option("--allow-host", multiple=True, metavar="HOST", help="A host beyond this machine that settings allow.")
@click.option("--json", "json_file", default="", metavar="FILE", help="Write what was done as JSON; - for stdout.")
@click.option("--out", default=str(RUNS), show_default=True, metavar="DIR", help="Where clones of SQLite files go.")
@click.option("--quiet", is_flag=True, help="Show no plan and no progress.")
def command(  # noqa: PLR0913, PLR0917 - click's signature: one for each option
    database: str | None,
    rows: str,
    times: int | None,
    like: str,
    keep: tuple[str, ...],
    depth: float,
    fill: int | None,
    check: bool,
    dry_run: bool,
    name: str,
    replace: bool,
    drop: bool,
    allow_host: tuple[str, ...],
    json_file: str,
    out: str,
    quiet: bool,
) -> int:
    """Make a clone of a database and let it grow to the size of production.

    DATABASE is an SQLite file or an URL; DATABASE_URL when left out. The original is only read. The clone has the
    same tables, constraints and indexes; its rows are copies with keys of their own, so distributions stay.
    """
    wish, filling = wish_of(rows, times, like, keep, depth), filling_of(fill)
    source = open_source(find_database(database or "", allow_host, Path.cwd(), os.environ), Path(out))
    try:
        if drop:
            return _drop(source, name)
        wanted = Wanted(source=source, name=source.clone_name(name), json_file=json_file, quiet=quiet)
        schema = source.schema()
        filled = assumed(schema, wish, filling) if filling else schema
        plan = make_plan(filled, wish)
        if not quiet:
            intended(wanted, schema, filled, plan)
        if dry_run:
            write_json(wanted, filled, plan, None)
            return int(ExitCode.OK)
        check_room(source, filled, plan, wanted.name)
        how = partial(grow, source, schema, wish, wanted.name, replace=replace, check=check, filling=filling)
        return _grow(wanted, filled, how)
    finally:
        source.close()


def wish_of(rows: str, times: int | None, like: str, keep: tuple[str, ...], depth: float) -> Wish:
    """Read what was asked for; a million rows when nothing was. Raises UsageError."""
    given = [
        option for option, value in (("--rows", rows), ("--times", times), ("--like", like)) if value not in ("", None)
    ]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} say the same thing twice", hint="choose one of them")
    if times is not None and not 2 <= times <= MOST_TIMES:
        raise UsageError(f"--times {times}: expected 2 to {MOST_TIMES:,}", hint="200 is a good beginning")
    if not 0 <= depth < 1:
        raise UsageError(
            f"--depth {depth:g}: expected a share from 0 to less than 1", hint="0.2 makes some parents hot"
        )
    wanted = parse_rows(rows, "--rows") if rows else None if times or like else USUAL_ROWS
    return Wish(times=times, rows=wanted, like=parse_like(like) if like else {}, keep=keep, depth=depth)


def filling_of(rows: int | None) -> Filling | None:
    """Read how many rows empty tables get; None when that was not asked for. Raises UsageError."""
    if rows is None:
        return None
    if not 1 <= rows <= MOST_FILLED:
        raise UsageError(
            f"--fill {rows}: expected 1 to {MOST_FILLED:,}",
            hint="a hundred varied rows are enough: they are multiplied",
        )
    return Filling(rows=rows, today=datetime.now(UTC).date(), words=faker_words(SEED))


def _drop(source: Source, name: str) -> int:
    names = (name,) if name else source.clones()
    if not names:
        click.echo(f"there are no clones of {source.name}")
    for each in names:
        source.drop(each)
        click.echo(f"dropped {each}")
    return int(ExitCode.OK)


def check_room(source: Source, schema: Schema, plan: Plan, name: str = "") -> None:
    """Raise UsageError when a clone called `name` would not find room on its disk."""
    room, needed = source.room(name), int(plan.size(schema) * SORTING) + source.size
    if room is not None and room[1] < needed:
        raise UsageError(
            f"{room[0]} has room for {room[1] / 1e9:.1f} GB, the clone needs about {needed / 1e9:.1f} GB",
            hint="ask for fewer rows (--rows), or drop older clones (nineam grow --drop)",
        )


def _grow(wanted: Wanted, schema: Schema, how: Callable[..., Grown]) -> int:
    before = interrupt_once()
    try:
        with showing(Console(stderr=True), quiet=wanted.quiet) as hear:
            grown = how(hear=hear, now=time.perf_counter)
    except KeyboardInterrupt:
        click.echo("interrupted; the half-made clone is removed", err=True)
        return int(ExitCode.INTERRUPTED)
    finally:
        signal.signal(signal.SIGINT, before)
    ended(wanted, grown)
    write_json(wanted, schema, grown.plan, grown)
    return int(ExitCode.OK)


def interrupt_once() -> signal.Handlers:
    """Let the first Ctrl-C end the growing and ignore those after it, which would only cut the cleaning up short."""

    def interrupt(number: int, frame: object) -> None:  # noqa: ARG001 - a signal handler's signature
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    return signal.signal(signal.SIGINT, interrupt)  # type: ignore[return-value]
