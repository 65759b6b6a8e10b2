"""`nineam demo`: the bundled shop on its own database, the whole story."""

import contextlib
import importlib.util
import os
import sys
import tempfile
from functools import partial
from pathlib import Path

import click

from nineam.cli.execute import execute
from nineam.cli.outputs import Wanted
from nineam.errors import NineamError, UsageError
from nineam.model import LoadPlan
from nineam.monday.plan import Goal, RunPlan
from nineam.monday.setup import Setup
from nineam.visible import visible

PEOPLE = 60
INDEX_SIN, TIMES, PATIENCE_S = "missing-index", 100, 15.0
"""The sin that only more data shows, how much more, and seconds after which nothing new is tried on it."""
NEEDED = ("fastapi", "sqlalchemy", "uvicorn")


@click.command()
@click.option("--sins", default=None, help="Comma-separated sins to commit (default: all of them; '' for none).")
@click.option("--json", "json_file", metavar="FILE", help="Write the run document (- for standard output).")
@click.option("--html", "html_file", metavar="FILE", help="Where the page goes (default: .nineam/demo.html).")
@click.option("--out", default=".nineam", show_default=True, metavar="DIR", help="Where runs are kept.")
@click.option("--seed", default=1, show_default=True, help="Makes the traffic repeatable.")
@click.option("-q", "--quiet", is_flag=True, help="Only the verdict.")
def command(
    sins: str | None,
    json_file: str | None,
    html_file: str | None,
    out: str,
    seed: int,
    quiet: bool,
) -> int:
    """Boot the bundled shop on its own database and tell the whole story.

    The shop works perfectly on localhost and commits seven sins; `--sins ""` repairs it. Takes about a minute.
    """
    _ensure_installed()
    html = html_file or str(Path(out) / "demo.html")
    Path(out).mkdir(parents=True, exist_ok=True)
    wanted = Wanted(files={"html": html} | ({"json": json_file} if json_file else {}), quiet=quiet)
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nineam-demo-")))
        setup, meta = _prepare(stack, directory, sins, seed)
        sinful = INDEX_SIN in setup.environment["SHOP_SINS"].split(",")
        code = execute(setup, wanted, Path(out), meta, partial(_prove, setup, directory, quiet) if sinful else None)
    if not quiet and json_file != "-":
        click.echo(f"the page: {html}")
        click.echo("the same for a project of yours, with as much data as production has: nineam run --grown")
    return int(code)


def _prove(setup: Setup, directory: Path, quiet: bool, path: Path) -> None:
    """Look for indexes that the shop misses, in a larger clone. What goes wrong here costs no demo."""
    from nineam.cli.index_clone import Cloning, clone  # noqa: PLC0415 - a parser of SQL, which help does not need
    from nineam.cli.index_run import SEED, Proving, prove_run  # noqa: PLC0415 - likewise
    from nineam.grow.address import parse_address  # noqa: PLC0415 - likewise
    from nineam.grow.wish import Wish  # noqa: PLC0415 - likewise

    if not quiet:
        click.echo(f"  looking for indexes that it misses, in a clone of its database {TIMES} times as large", err=True)
    shop = Path(setup.roots)
    how = Proving(seed=SEED, source=shop, hear=_silent, limit_s=PATIENCE_S, base=shop)
    try:
        address = parse_address(setup.environment["DATABASE_URL"], {})
        with clone(address, Cloning(wish=Wish(times=TIMES), name="", out=directory, hear=_silent)) as made:
            prove_run(path, made, how)
    except NineamError as error:
        click.echo(visible(f"no index could be proved: {error.message}"), err=True)


def _silent(words: str) -> None:
    pass


def _ensure_installed() -> None:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(
            f"the demo shop needs {', '.join(missing)}", hint="install it with its shop: pip install 'nineam[demo]'"
        )


def _prepare(
    stack: contextlib.ExitStack, directory: Path, sins: str | None, seed: int
) -> tuple[Setup, dict[str, object]]:
    """Open the database, fill it, and say how the shop is started."""
    from nineam.demo.database import open_database  # noqa: PLC0415 - the shop is an extra
    from nineam.demo.shop.seed import seed as fill  # noqa: PLC0415 - likewise
    from nineam.demo.shop.sins import ALL_SINS, parse_sins  # noqa: PLC0415 - likewise

    committed = ALL_SINS if sins is None else parse_sins(sins)
    database = stack.enter_context(open_database(directory))
    if database.notice:
        click.echo(database.notice, err=True)
    fill(database.url, committed)
    shop = Path(importlib.import_module("nineam.demo").__file__ or "").parent
    environment = os.environ | {"DATABASE_URL": database.url, "SHOP_SINS": ",".join(sorted(committed))}
    arguments = ("-m", "uvicorn", "nineam.demo.shop.main:app", "--port", str(_free_port()), "--no-access-log")
    load = LoadPlan(base_url="", journeys_file=str(shop / "monday.py"), seed=seed)
    setup = Setup(
        plan=RunPlan(load=load, goal=Goal(limit=PEOPLE)),
        command=(sys.executable, *arguments, "--log-level", "warning"),
        environment=dict(environment),
        roots=str(shop),
        health_path="/health",
        cwd=str(Path.cwd()),
    )
    meta: dict[str, object] = {
        "slo": "p(95)<500",
        "objective_ms": 500.0,
        "goal_limit": PEOPLE,
        "unit": "journeys",
        "target": {
            "kind": "asgi",
            "command": "uvicorn nineam.demo.shop.main:app",
            "framework": "fastapi",
            "server": "uvicorn",
            "database": database.kind,
        },
    }
    return setup, meta


def _free_port() -> int:
    from nineam.app.ports import free_port  # noqa: PLC0415 - with the rest of the application's start

    return free_port()
