"""What the user wants: `--times 200`, `--rows 1M`, `--like "orders=1M, users=50k"`."""

import re

from nineam.errors import UsageError
from nineam.model.record import Record

UNITS = {"": 1, "k": 1_000, "m": 1_000_000, "b": 1_000_000_000, "g": 1_000_000_000}
NUMBER = re.compile(r"(\d[\d_]*(?:\.\d+)?)\s*([kmbg]?)", re.IGNORECASE)
MOST_ROWS = 100_000_000_000


class Wish(Record, frozen=True, kw_only=True):
    """One of `times`, `rows` (of the whole database) and `like` (rows by table) is set.

    `keep` are tables that stay as they are; `depth` is the share of copied rows that go to a hot parent.
    """

    times: int | None = None
    rows: int | None = None
    like: dict[str, int] = {}
    keep: tuple[str, ...] = ()
    depth: float = 0.0


def parse_rows(text: str, what: str) -> int:
    """Read a number of rows, such as `50k`, `1M` or `2.5m`; raises UsageError for anything else."""
    found = NUMBER.fullmatch(text.strip())
    number = round(float(found[1].replace("_", "")) * UNITS[found[2].lower()]) if found else 0
    if not 1 <= number <= MOST_ROWS:
        raise UsageError(
            f"{what} {text!r}: expected a number of rows from 1 to {MOST_ROWS:,}", hint="write it like 50000, 50k or 1M"
        )
    return number


def parse_like(text: str) -> dict[str, int]:
    """Read rows by table; raises UsageError with the part that is wrong."""
    wanted: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        table, equals, rows = (piece.strip() for piece in part.partition("="))
        if not equals or not table or not rows:
            raise UsageError(
                f"--like {part!r}: expected TABLE=ROWS", hint='write it like --like "orders=1M, users=50k"'
            )
        if table in wanted:
            raise UsageError(f"--like names {table} twice", hint="say once how many rows it is to have")
        wanted[table] = parse_rows(rows, f"--like {table}=")
    if not wanted:
        raise UsageError("--like is empty: expected TABLE=ROWS", hint='write it like --like "orders=1M, users=50k"')
    return wanted
