"""`python -m benchmarks.grow_public DATABASE...`: schemas written by others grow, and everything in them still holds.

Each DATABASE is an SQLite file or a URL, filled beforehand from its own project's files (Pagila, Chinook, a Django
application's migrations and fixtures ...). It grows as `nineam grow --times N --check` does; the clone is dropped.
The exit code is 1 when a constraint does not hold or a number is more than 5 % apart.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.tables import markdown
from nineam.errors import NineamError
from nineam.grow.address import parse_address
from nineam.grow.filling import Filling
from nineam.grow.likeness import Likeness
from nineam.grow.opening import open_source
from nineam.grow.run import Grown, grow
from nineam.grow.wish import Wish
from nineam.grow.words import faker_words

TIMES = 100
HEADER = ("database", "tables", "grown in full", "less", "empty", "rows", "rows/s", "definitions", "numbers", "apart")


class Trial(NamedTuple):
    """What came of one database: the clone, or why there is none."""

    name: str
    grown: Grown | None
    problem: str = ""

    @property
    def sound(self) -> bool:
        """Whether it grew, every constraint holds, and no number is too far from the original's."""
        return self.grown is not None and not _likeness(self.grown).different


def main() -> int:
    """Grow each database, and print a table."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="nineam-bench-") as folder:
        trials = [_tried(each, Path(folder), options) for each in options.databases]
    print("\n".join(markdown(HEADER, [_row(trial) for trial in trials])))
    for trial in trials:
        print(*_said(trial), sep="\n")
    return 0 if all(trial.sound for trial in trials) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grow_public", description=__doc__)
    parser.add_argument("databases", nargs="+", metavar="DATABASE")
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--fill", type=int, default=0, metavar="N", help="rows for tables that are empty")
    return parser.parse_args()


def _tried(address: str, folder: Path, options: argparse.Namespace) -> Trial:
    try:
        with contextlib.closing(open_source(parse_address(address, {}), folder)) as source:
            name = source.clone_name("")
            made = grow(
                source,
                source.schema(),
                Wish(times=options.times),
                name,
                replace=False,
                hear=lambda _: None,
                now=time.perf_counter,
                check=True,
                filling=_filling(options.fill) if options.fill else None,
            )
            source.drop(name)
            return Trial(Path(source.name).name, made)
    except NineamError as error:
        return Trial(address, None, "; ".join((error.message, *error.details)))


def _filling(rows: int) -> Filling:
    return Filling(rows=rows, words=faker_words(1), today=datetime.now(UTC).date())


def _likeness(grown: Grown) -> Likeness:
    assert grown.likeness is not None
    return grown.likeness


def _row(trial: Trial) -> tuple[str, ...]:
    if trial.grown is None:
        return trial.name, *["-"] * (len(HEADER) - 1)
    tables, likeness = trial.grown.plan.tables.values(), _likeness(trial.grown)
    empty, held = (sum(bool(table.why) and bool(table.rows) == some for table in tables) for some in (False, True))
    rows = sum(table.after for table in tables)
    counts = (len(tables), len(tables) - held - empty, held, empty, rows, round(trial.grown.rows_per_second))
    counts += (likeness.definitions, len(likeness.compared), len(likeness.different))
    return trial.name, *(f"{count:,}" for count in counts)


def _said(trial: Trial) -> list[str]:
    if trial.grown is None:
        return ["", f"{trial.name}: {trial.problem}"]
    held = [f"  {factor} times: {', '.join(names)}: {why}" for (factor, why), names in trial.grown.plan.held.items()]
    apart = [
        f"  apart: {each.what} {each.place}: {each.found}, expected {each.expected}"
        for each in _likeness(trial.grown).different
    ]
    return ["", trial.name, *held, *apart]


if __name__ == "__main__":
    sys.exit(main())
