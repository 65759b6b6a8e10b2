"""`nineam run --grown`: makes the clones before anything starts, and drops them at the end whatever happens."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click
import msgspec
from rich.console import Console

from nineam.app.django_database import ask_django
from nineam.app.interpreter import choose_interpreter
from nineam.cli.asked import Options, merged
from nineam.cli.dotenv import read_dotenv
from nineam.cli.grow import check_room, filling_of, interrupt_once, wish_of
from nineam.cli.grow_progress import showing
from nineam.cli.grow_target import find_database
from nineam.cli.variables_read import variables_read
from nineam.config.settings import load_settings
from nineam.errors import NineamError, UsageError
from nineam.grow.address import Address
from nineam.grow.database import Source
from nineam.grow.filling import assumed
from nineam.grow.opening import PLACE, open_source
from nineam.grow.parts import NAMED
from nineam.grow.plan import Plan, make_plan
from nineam.grow.pointing import OTHERWISE, WHOLE, NoVariableError, find_pointer
from nineam.grow.run import Grown, grow
from nineam.grow.sizes import growing, rows_of, shares
from nineam.grow.sizes import wish_of as wish_of_size
from nineam.grow.use import witness_of
from nineam.grow.wish import Wish
from nineam.model import GrownTable
from nineam.monday.clones import Clones, CloneSize
from nineam.monday.setup import Setup
from nineam.visible import visible

OWN = ("rows", "times", "like", "keep", "fill", "depth", "database_variable")
LONGEST_STEM = 40
MOST_NAMED = 5


class Leads(NamedTuple):
    """Where the original is, what leads the application there, and the variables that lead it to a clone instead."""

    address: str
    variable: str
    towards: Callable[[str], dict[str, str]]


@contextlib.contextmanager
def with_clones(options: Options, setup: Setup, out: Path, framework: str, *, quiet: bool) -> Iterator[Setup]:
    """Give the setup with clones of the application's database, when they were asked for. Raises UsageError.

    `framework` is the application's, empty when it is not known.
    """
    given, options = options, merged(options, load_settings(Path(options.cwd).absolute()))
    if not options.grown:
        _check_alone(given)
        yield setup
        return
    folder = Path(setup.cwd)
    pointer = _pointer(options, setup, folder, framework)
    address = _address(options, pointer, folder)
    names: list[str] = []
    try:
        clones = _made(options, pointer, address, out.absolute(), names, quiet=quiet)
        yield msgspec.structs.replace(setup, clones=clones)
    finally:
        _drop(address, out.absolute(), names)


def _check_alone(options: Options) -> None:
    given = [name for name in OWN if getattr(options, name)]
    if given:
        option = f"--{given[0].replace('_', '-')}"
        raise UsageError(f"{option} is about the clones of --grown", hint=f"add --grown, or leave {option} out")


def _pointer(options: Options, setup: Setup, folder: Path, framework: str) -> Leads:
    if not setup.command:
        raise UsageError(
            "--grown: nineam did not start this application, so it cannot point it at a clone",
            hint="name the application (module:app) or its command (-- COMMAND) instead of its URL",
        )
    if framework in ("django", "") and not options.database_variable and not options.database:
        python = choose_interpreter(options.python, setup.environment, Path(options.cwd).absolute())
        database = ask_django(python.path, setup.environment, folder)
        if database is not None:
            return Leads(database.address, database.variable, lambda clone: database.towards(clone, setup.environment))
    named = options.database, options.database_variable
    try:
        found = find_pointer(read_dotenv(folder, Path.home()) | setup.environment, folder, *named)
    except NoVariableError as refusal:
        raise _with_variables(refusal, folder) from None
    return Leads(found.address, found.variable, found.towards)


def _with_variables(refusal: UsageError, folder: Path) -> UsageError:
    """Say which variables the code reads, where it shows some."""
    read = variables_read(folder)
    if not read:
        return refusal
    named = next((name for name in read if not WHOLE & set(name.split("_")) and NAMED.fullmatch(name)), "")
    first = named if named and not any(WHOLE & set(name.split("_")) for name in read) else next(iter(read))
    url = "postgresql://user:password@127.0.0.1/name" if first == named else "URL (a file for SQLite)"
    return UsageError(
        refusal.message,
        details=[f"its code reads {name} ({place})" for name, place in list(read.items())[:MOST_NAMED]],
        hint=f"say where the database is: --database-variable {first} --database {url}"
        if refusal.hint == OTHERWISE
        else refusal.hint,
    )


def _address(options: Options, pointer: Leads, folder: Path) -> Address:
    settings_folder = Path(options.cwd).absolute()
    address = find_database(pointer.address, options.allowed, settings_folder, os.environ, flag="--allow-target")
    path = str((folder / address.path).resolve()) if address.kind == "sqlite" else ""
    return msgspec.structs.replace(address, path=path)


def _made(options: Options, pointer: Leads, address: Address, out: Path, names: list[str], *, quiet: bool) -> Clones:
    """Make the clones, smallest first, and note the name of each as soon as there may be one of that name."""
    wish = wish_of(str(options.rows), options.times, options.like, options.keep, options.depth or 0.0)
    filling = filling_of(options.fill)
    with contextlib.closing(open_source(address, out)) as source:
        schema = source.schema()
        filled = assumed(schema, wish, filling) if filling else schema
        full, empty = make_plan(filled, wish), [name for name, table in schema.tables.items() if not table.rows]
        check_room(source, filled, full)
        wishes = [*(wish_of_size(full, share, wish.depth, empty) for share in shares(full)[:-1]), wish]
        make = partial(grow, source, schema, replace=False, now=time.perf_counter, filling=filling)
        plans = _grown(make, wishes, partial(_clone_name, source, out), names, quiet=quiet)
    tables = {
        name: GrownTable(rows=schema.tables[name].rows, after=table.after) for name, table in plans[-1].tables.items()
    }
    multiplied = growing(plans[-1])
    sizes = [
        CloneSize(rows=rows_of(plan), growing=rows_of(plan, multiplied), variables=pointer.towards(name))
        for plan, name in zip(plans, names, strict=True)
    ]
    return Clones(
        database=address.kind,
        variable=pointer.variable,
        rows=sum(table.rows for table in schema.tables.values()),
        growing=sum(schema.tables[name].rows for name in multiplied),
        tables=tables,
        sizes=tuple(sizes),
        witness=witness_of(address, names[-1]),
        address=address,
        largest=names[-1],
    )


def _clone_name(source: Source, out: Path, number: int) -> str:
    name = f"{Path(source.name).stem[:LONGEST_STEM]}_run_{os.getpid()}_{number}"
    return source.clone_name(str(out / PLACE / f"{name}.db") if source.kind == "sqlite" else name)


def _grown(
    make: Callable[..., Grown], wishes: list[Wish], name_of: Callable[[int], str], names: list[str], *, quiet: bool
) -> list[Plan]:
    before = interrupt_once()
    try:
        with showing(Console(stderr=True), quiet=quiet) as hear:
            return [
                _one(partial(make, wish, name_of(number), hear=hear), name_of(number), names)
                for number, wish in enumerate(wishes, 1)
            ]
    except KeyboardInterrupt:
        click.echo("interrupted while the clones were made; none is left, and nothing was run", err=True)
        raise
    finally:
        signal.signal(signal.SIGINT, before)


def _one(make: Callable[[], Grown], name: str, names: list[str]) -> Plan:
    plan = make().plan
    names.append(name)
    return plan


def _drop(address: Address, out: Path, names: list[str]) -> None:
    """Drop the clones; one that resists is named, and does not keep the others."""
    if not names:
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with contextlib.closing(open_source(address, out)) as source:
            for name in names:
                _drop_one(source, name)
        with contextlib.suppress(OSError):  # it never was, or others are in it
            (out / PLACE).rmdir()
    except NineamError as error:
        click.echo(visible(f"the clones {', '.join(names)} could not be dropped: {error.message}"), err=True)
    finally:
        signal.signal(signal.SIGINT, before)


def _drop_one(source: Source, name: str) -> None:
    try:
        source.drop(name)
    except NineamError as error:
        click.echo(visible(f"the clone {name} could not be dropped: {error.message}"), err=True)
