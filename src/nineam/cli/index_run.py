"""Proves indexes for a run in a clone, and keeps what came of it in the run file."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from nineam.cli.index_clone import Opened, opened
from nineam.errors import NineamError
from nineam.indexes.models import in_models
from nineam.indexes.prepared import Asked
from nineam.indexes.proving import PATIENCE_S, prove
from nineam.model.indexes import IndexReport
from nineam.monday.setup import Setup
from nineam.store.adding import add_meta
from nineam.store.reader import read
from nineam.store.records import RunData
from nineam.visible import visible

PHASES = ("localhost", "monday", "grown", "grown-monday")
AFTER_A_RUN_S = 60.0
SEED = 1


@dataclass(frozen=True)
class Proving:
    """How it is done: `source` is where models are looked for, `limit_s` after which nothing new is tried.

    Places are told from `base`, the current directory when it is None.
    """

    seed: int
    source: Path
    hear: Callable[[str], None]
    limit_s: float = PATIENCE_S
    base: Path | None = None


def prove_run(path: Path, clone: Opened, how: Proving) -> IndexReport:
    """Prove what the statements of a run miss; what came of it is also kept in the run file."""
    report = prove(
        statements(read(path)), clone.database, clone.name,
        seed=how.seed, now=time.perf_counter, hear=how.hear, limit_s=how.limit_s,
    )  # fmt: skip
    report = in_models(report, how.source, how.base or Path.cwd())
    add_meta(path, "indexes", report)
    return report


def prove_grown(path: Path, setup: Setup, *, quiet: bool) -> None:
    """Prove in the largest clone of a run, once its application has ended. What goes wrong here costs no run."""
    clones = setup.clones
    if clones is None:
        return
    hear = _silent if quiet else _say
    hear("looking for indexes that it misses")
    try:
        with opened(clones.address, clones.largest) as clone:
            how = Proving(seed=SEED, source=Path(setup.cwd), hear=_silent, limit_s=AFTER_A_RUN_S)
            prove_run(path, clone, how)
    except NineamError as error:
        click.echo(visible(f"no index could be proved: {error.message}"), err=True)


def _say(words: str) -> None:
    click.echo(f"  {visible(words)}", err=True)


def _silent(words: str) -> None:
    pass


def statements(data: RunData) -> list[Asked]:
    """Return what the polite user and Monday's users executed, those that took longest first."""
    phases = {phase.id for phase in data.phases if phase.kind in PHASES}
    sums: dict[str, tuple[int, int]] = {}
    for row in data.queries:
        if row.phase in phases:
            count, ns = sums.get(row.statement, (0, 0))
            sums[row.statement] = (count + row.executions, ns + row.taken_ns)
    ordered = sorted(sums, key=lambda text: -sums[text][1])
    return [Asked(text=text, executions=sums[text][0]) for text in ordered if text and text != "(other)"]
