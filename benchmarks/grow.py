"""`python -m benchmarks.grow`: rows a second with every constraint validated, beside Faker through the ORM.

The demo's shop grows to a million rows on SQLite and on a PostgreSQL from the demo's wheel, or on one that `--server`
names. Counted is everything after the original was copied: trying, inserting, indexes, references, analysing.
"""

import argparse
import contextlib
import importlib.util
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.cores import all_cores
from benchmarks.grow_faker import rows_per_second as faker_rows
from benchmarks.outcomes import Outcome, Settings, Verdict, machine
from benchmarks.tables import markdown, range_of, spread
from nineam.demo.database import open_database
from nineam.demo.shop.seed import seed
from nineam.grow.address import parse_address
from nineam.grow.opening import open_source
from nineam.grow.run import Grown, grow
from nineam.grow.wish import Wish

ROWS, FAKER_ROWS, REPEATS = 1_000_000, 4_000, 3
TARGETS = {"SQLite": 500_000, "PostgreSQL": 150_000}


class Measured(NamedTuple):
    """Rows per second of one database, round by round, and the seconds of the last round by stage."""

    grown: list[float]
    faker: list[float]
    stages: dict[str, float]


class Size(NamedTuple):
    """How many rows a clone gets, how many Faker makes (none: it takes no part), and how often."""

    rows: int
    faker_rows: int
    repeats: int


def measure(settings: Settings) -> Outcome:
    """Measure both databases; what there is of Faker is measured in the same sitting."""
    faker = settings.wants("faker") and importlib.util.find_spec("faker") is not None
    if not faker:
        settings.tell("without Faker (pip install 'nineam[bench]' brings it)")
    size = Size(settings.rows or ROWS, FAKER_ROWS if faker else 0, settings.repeats or REPEATS)
    with all_cores():
        return outcome(size, server="", tell=settings.tell)


def outcome(size: Size, server: str, tell: Callable[[str], None]) -> Outcome:
    """Measure every database that is there."""
    found: dict[str, Measured] = {}
    with tempfile.TemporaryDirectory(prefix="nineam-bench-") as folder:
        for name, url in _databases(Path(folder), server, tell):
            tell(f"  {name}")
            found[name] = _measure(url, Path(folder), size)
    lines = [f"The shop to {size.rows:,} rows, {size.repeats} rounds; the median, the slowest and the fastest.", ""]
    header = ("database", "grow, rows/s", "Faker through the ORM, rows/s", "times")
    lines += [*markdown(header, [_row(*each) for each in found.items()]), ""]
    lines += [_stages(name, each) for name, each in found.items()]
    verdicts = [_verdict(name, each) for name, each in found.items()]
    return Outcome(lines, verdicts, {name: each._asdict() for name, each in found.items()})


def _stages(name: str, measured: Measured) -> str:
    return f"{name}: " + ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in measured.stages.items())


def main() -> None:
    """Measure, and print a table and the targets."""
    options = _options()
    size = Size(options.rows, options.faker_rows, options.repeats)
    found = outcome(size, options.server, lambda line: print(line, file=sys.stderr))
    print(machine(), "", *found.lines, "", *found.verdicts, sep="\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grow", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--faker-rows", type=int, default=FAKER_ROWS, help="rows that Faker makes; 0 leaves it out")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--server", default="", metavar="URL", help="a PostgreSQL: postgresql://postgres@127.0.0.1")
    return parser.parse_args()


def _databases(folder: Path, server: str, tell: Callable[[str], None]) -> Iterator[tuple[str, str]]:
    """Give an empty database of each kind, by name, as SQLAlchemy URLs."""
    yield "SQLite", f"sqlite:///{folder / 'shop.db'}"
    if server:
        with _own_database(server) as url:
            yield "PostgreSQL", url
        return
    with open_database(folder / "cluster") as database:
        if database.kind == "postgresql":
            yield "PostgreSQL", database.url
        else:
            tell(database.notice)


@contextlib.contextmanager
def _own_database(server: str) -> Iterator[str]:
    import psycopg  # noqa: PLC0415 - only for a server that was named

    name = f"nineam_bench_{secrets.token_hex(4)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server}/{name}".replace("postgresql://", "postgresql+psycopg://")
        finally:
            for each in (f"{name}_grown", name):
                connection.execute(f"DROP DATABASE IF EXISTS {each} WITH (FORCE)")


def _measure(url: str, folder: Path, size: Size) -> Measured:
    """Take turns with Faker: what ran one after the other met the same moods of the machine."""
    seed(url, frozenset())
    grown, faker = [], []
    last: Grown | None = None
    for _ in range(size.repeats):
        last = _grown(url, folder, size.rows)
        grown.append(last.rows_per_second)
        if size.faker_rows:
            faker.append(faker_rows(_address(url, last), size.faker_rows))
    assert last is not None
    return Measured(grown, faker, last.seconds)


def _address(url: str, grown: Grown) -> str:
    """Give the clone's SQLAlchemy URL, password included: Faker fills the clone further, never the original."""
    if url.startswith("sqlite"):
        return grown.made.address
    return url.rpartition("/")[0] + "/" + grown.made.name


def _grown(url: str, folder: Path, rows: int) -> Grown:
    source = open_source(parse_address(url, {}), folder)
    try:
        wish, name = Wish(rows=rows), source.clone_name("")
        return grow(source, source.schema(), wish, name, replace=True, hear=lambda _: None, now=time.perf_counter)
    finally:
        source.close()


def _row(name: str, measured: Measured) -> tuple[str, ...]:
    faker = range_of(spread(measured.faker), 0) if measured.faker else "-"
    times = f"{spread(measured.grown).median / spread(measured.faker).median:,.0f}" if measured.faker else "-"
    return name, range_of(spread(measured.grown), 0), faker, times


def _verdict(name: str, measured: Measured) -> Verdict:
    median = spread(measured.grown).median
    target = TARGETS[name]
    return Verdict(f"{name}: at least {target:,} rows/s", f"{median:,.0f}", median >= target)


if __name__ == "__main__":
    main()
