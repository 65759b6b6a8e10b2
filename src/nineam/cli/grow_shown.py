"""What `nineam grow` says: the plan, what came of it, and both as JSON."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from nineam.cli.grow_check import checked, compared
from nineam.errors import UsageError
from nineam.grow.database import Source
from nineam.grow.filling import Filled
from nineam.grow.plan import Plan, TablePlan
from nineam.grow.run import Grown
from nineam.grow.schema import Schema
from nineam.visible import visible

FORMAT = "nineam/grow/1"
KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MySQL"}


@dataclass(frozen=True)
class Wanted:
    """The original, the clone's name, and what is to be said of it."""

    source: Source
    name: str
    json_file: str
    quiet: bool


def intended(wanted: Wanted, schema: Schema, filled: Schema, plan: Plan) -> None:
    """Print the plan, which is for the schema as it will be when empty tables are filled."""
    tables = plan.tables.values()
    before = sum(table.rows for table in schema.tables.values())
    source = wanted.source
    _say(f"{source.name} ({KINDS[source.kind]}, {len(plan.tables)} tables, {before:,} rows) -> {wanted.name}", wanted)
    width = max((len(table.name) for table in tables), default=5)
    _say(f"  {'table':<{width}} {'rows':>12} {'after':>14} {'times':>9}", wanted)
    for table in sorted(tables, key=lambda each: (-each.after, each.name)):
        _say(_row(table, width, made_up=table.rows > schema.tables[table.name].rows), wanted)
    for child in schema.tables.values():
        for key in (each for each in child.foreign_keys if each.implied):
            reference = f"{child.name}.{key.columns[0]} -> {key.parent}.{key.referenced[0]}"
            _say(f"  taken for a reference, though no constraint says so: {reference}", wanted)
    for line in _unlike(plan):
        _say(f"  {line}", wanted)
    room = source.room(wanted.name)
    free = f", {size(room[1])} free" if room else ""
    after = sum(table.after for table in tables)
    _say(f"  {before:,} rows become {after:,}, about {size(plan.size(filled))}{free}", wanted)


def _unlike(plan: Plan) -> Iterator[str]:
    """Say which columns of copies are not what their originals' are, though no key asks for just that."""
    emptied, unlike = plan.unlike
    if emptied:
        yield f"NULL in copies, as there is no room for other values: {', '.join(emptied)}"
    if unlike:
        yield f"different in copies, because all values differ: {', '.join(unlike)}"


def _row(table: TablePlan, width: int, *, made_up: bool) -> str:
    why = "".join(f"  {each}" for each in ("made up" if made_up else "", table.why) if each)
    return f"  {table.name:<{width}} {table.rows:>12,} {table.after:>14,} {table.factor:>9,}{why}"


def _say(text: str, wanted: Wanted) -> None:
    """Say it on stderr when stdout is for JSON."""
    click.echo(visible(text), err=wanted.json_file == "-")


def ended(wanted: Wanted, grown: Grown) -> None:
    """Print what was made, and how to use it and to get rid of it."""
    speed = f"{grown.plan.added:,} rows in {grown.spent:.1f} s ({grown.rows_per_second:,.0f} rows/s)"
    _say(f"made {grown.made.name}: {speed}, indexes and references validated", wanted)
    for line in (*_filled(grown.filled), *_held(grown.plan), *(compared(grown.likeness) if grown.likeness else ())):
        _say(f"  {line}", wanted)
    secret = "  (with the original's password)" if ":***@" in grown.made.address else ""
    _say(f"use it:  DATABASE_URL={shlex.quote(grown.made.address)}{secret}", wanted)
    _say(f"drop it: nineam grow DATABASE --drop --name {shlex.quote(grown.made.name)}", wanted)


def _filled(filled: Filled) -> Iterator[str]:
    """Say what was made up, and what nineam knew no values for."""
    if filled.rows:
        yield f"made up: {sum(filled.rows.values()):,} rows; empty tables filled: {len(filled.rows)}"
    for each in filled.left:
        yield f"no values made up for {each}: a type that nineam does not know"


def _held(plan: Plan) -> Iterator[str]:
    """Name the tables that did not grow, or not as far as they were to; the plan was made before they were tried."""
    for (factor, why), names in plan.held.items():
        grown = "not grown" if factor == 1 else f"grown {factor} times only"
        yield f"{grown}: {', '.join(names)}: {why}"


def size(count: float) -> str:
    """Return a number of bytes for people."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def write_json(wanted: Wanted, schema: Schema, plan: Plan, grown: Grown | None) -> None:
    """Write the plan, and what came of it, where the user wants it. Raises UsageError when that cannot be written."""
    if not wanted.json_file:
        return
    text = json.dumps(document(wanted, schema, plan, grown), indent=2) + "\n"
    if wanted.json_file == "-":
        click.echo(text, nl=False)
        return
    try:
        Path(wanted.json_file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"--json {wanted.json_file}: {error.strerror}", hint="name a file that can be written"
        ) from None


def document(wanted: Wanted, schema: Schema, plan: Plan, grown: Grown | None) -> dict[str, Any]:
    """Return the document of a plan, or of a clone."""
    said: dict[str, Any] = {
        "schema": FORMAT,
        "database": wanted.source.kind,
        "source": wanted.source.name,
        "clone": None if grown is None else grown.made.name,
        "address": None if grown is None else grown.made.address,
        "tables": {
            table.name: {"rows": table.rows, "after": table.after, "times": table.factor, "why": table.why}
            for table in plan.tables.values()
        },
        "rows_added": plan.added,
        "bytes_estimated": plan.size(schema),
        "null_in_copies": plan.unlike[0],
        "unique_in_fact": plan.unlike[1],
    }
    if grown is not None:
        for name, rows in grown.filled.rows.items():
            said["tables"][name]["made_up"] = rows
        said["seconds"] = {stage: round(seconds, 3) for stage, seconds in grown.seconds.items()}
        if grown.likeness is not None:
            said["check"] = checked(grown.likeness)
        said["rows_per_second"] = round(grown.rows_per_second)
    return said
