"""What an endpoint reads from the database beside what its answer can contain: too many rows, or too wide ones."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from nineam.diagnose.picture import Picture
from nineam.diagnose.processor import had_one
from nineam.store.records import QuerySum, StoredPhase

FEWEST_ROWS = 200
BYTES_A_ROW = 2.5
"""Bytes of an answer per row that was fetched for it, below which most rows cannot be in it."""
FEWEST_BYTES = 100_000
TIMES = 10.0
"""Times as many bytes fetched as answered, from which on most columns cannot be in it."""
PACKED_TIMES = 10.0
"""A compressed answer is taken for so many times as large."""
LARGE_ANSWER = 300_000
SMALLEST_MS = 5.0
SMALLEST_SHARE = 0.1
REPEATED = 5
"""Executions a request from which on a statement is others' to tell: `n-plus-one`, `duplicate-query`."""
MOST_OF_THEM = 0.9
WIDE = 0.2
"""Part of the bytes fetched that a column has which is worth naming."""
READS = ("select", "with")
WRITES = ("insert", "update", "delete", "merge", "replace")
QUALIFIED = r"[\"`\[]?(\w+)[\"`\]]?\.[\"`\[]?{}[\"`\]]?(?!\w)"
LABELLED = r"[\"`\[]?(\w+)[\"`\]]?\.[\"`\[]?(\w+)[\"`\]]?\s+as\s+[\"`\[]?{}[\"`\]]?(?!\w)"


class Column(NamedTuple):
    """A column by name (with its table's, where that is known), and what part of the bytes fetched are its."""

    name: str
    share: float


class Excess(NamedTuple):
    """A statement that brings more than the answer holds: `rows`, `bytes` (0: not known) and `answer` bytes a request.

    `ms` is fetching them and building objects of them.
    """

    query: QuerySum
    rows: float
    bytes: float
    answer: float
    ms: float
    widest: tuple[Column, ...]
    too_many: bool

    @property
    def fetching(self) -> bool:
        """Whether fetching is most of what the statement itself takes."""
        return self.query.fetch_ns >= self.query.taken_ns / 2


def excess(picture: Picture, phase: StoredPhase | None, endpoint: str) -> Iterator[Excess]:
    """Yield an endpoint's statements that bring far more than its answers hold, with one polite user in a phase."""
    requests = max(1, picture.requests(phase, endpoint))
    rows = [row for row in picture.queries(phase, endpoint) if _may_be_told(row, requests)]
    much = [each for each in (_seen(picture, phase, row, requests) for row in rows) if _is_much(each)]
    # clients' answers are added up over a whole phase: only where something may come of it
    answer = answer_bytes(picture, phase, endpoint) if much and not _works_on_rows(picture, phase, endpoint) else 0.0
    for each in much if 0 < answer < LARGE_ANSWER else ():
        seen = each._replace(answer=answer, too_many=_are_too_many(each.rows, answer))
        if _too_many(picture, phase, seen) or _too_wide(picture, phase, seen):
            yield seen


def answer_bytes(picture: Picture, phase: StoredPhase | None, endpoint: str) -> float:
    """Mean bytes of an endpoint's answers; 0 where that is not known, or where many of them have no content."""
    stats = [each for name, each in picture.judged(phase).items() if picture.template(name) == endpoint]
    requests = sum(each.requests for each in stats)
    statuses = [answered for each in stats for answered in each.statuses.items()]
    whole = sum(count for status, count in statuses if status.startswith("2") and status != "204")
    if not requests or whole < MOST_OF_THEM * requests or endpoint.startswith("HEAD "):
        return 0.0
    packed = PACKED_TIMES if any(each.packed for each in stats) else 1.0
    return packed * sum(each.received for each in stats) / requests


def _works_on_rows(picture: Picture, phase: StoredPhase | None, endpoint: str) -> bool:
    """Whether it may read rows for another reason than its answer: it is asked to change something, and does."""
    statements = (row.statement.lstrip("( ").lower() for row in picture.queries(phase, endpoint))
    return not endpoint.startswith("GET ") and any(statement.startswith(WRITES) for statement in statements)


def _may_be_told(row: QuerySum, requests: int) -> bool:
    reads = row.rows and row.statement.lstrip("( ").lower().startswith(READS)
    return bool(reads) and row.requests >= requests / 2 and row.executions < REPEATED * max(1, row.requests)


def _is_much(seen: Excess) -> bool:
    return seen.rows >= FEWEST_ROWS or seen.bytes >= FEWEST_BYTES


def _are_too_many(rows: float, answer: float) -> bool:
    return rows >= FEWEST_ROWS and answer < BYTES_A_ROW * rows


def _seen(picture: Picture, phase: StoredPhase | None, row: QuerySum, requests: int) -> Excess:
    """Return what a statement brings, before it is put beside the answer."""
    sizes = {each.column: each.bytes / each.rows for each in picture.run.columns if each.statement == row.statement}
    width = sum(sizes.values())
    widest = [name for name in sorted(sizes, key=lambda name: -sizes[name]) if sizes[name] >= WIDE * width > 0]
    return Excess(
        query=row,
        rows=row.rows / requests,
        bytes=width * row.rows / requests,
        answer=0.0,
        ms=fetching_ms(picture, phase, row),
        widest=tuple(Column(qualified(row.statement, name), sizes[name] / width) for name in widest),
        too_many=False,
    )


def fetching_ms(picture: Picture, phase: StoredPhase | None, query: QuerySum) -> float:
    """Milliseconds per request in a phase of fetching and building objects: the part that a statement's rows are."""
    rows = picture.queries(phase, query.endpoint)
    own = sum(row.rows for row in rows if (row.statement, row.site) == (query.statement, query.site))
    part = own / max(1, sum(row.rows for row in rows))
    return part * picture.layer(phase, query.endpoint, "db_fetch", "hydration")


def _too_many(picture: Picture, phase: StoredPhase | None, seen: Excess) -> bool:
    smallest = SMALLEST_SHARE * picture.server_ms(phase, seen.query.endpoint)
    return seen.too_many and seen.ms * had_one(picture, phase) >= SMALLEST_MS and seen.ms >= smallest


def _too_wide(picture: Picture, phase: StoredPhase | None, seen: Excess) -> bool:
    """Over a network it is executing that takes its time with wide rows: their bytes come with the answer."""
    if seen.bytes < FEWEST_BYTES or seen.bytes < TIMES * seen.answer:
        return False
    endpoint = seen.query.endpoint
    executing = seen.query.ns / max(1, picture.requests(phase, endpoint)) / 1e6
    ms = seen.ms + min(executing, picture.layer(phase, endpoint, "db_execute"))
    return ms >= SMALLEST_MS or ms >= SMALLEST_SHARE * picture.server_ms(phase, endpoint)


def qualified(statement: str, column: str) -> str:
    """Return `table.column` for a column of a result, as its statement has it; its name where that says no table."""
    labelled = re.search(LABELLED.format(re.escape(column)), statement, re.IGNORECASE)
    if labelled:
        return f"{labelled[1]}.{labelled[2]}"
    tables = set(re.findall(QUALIFIED.format(re.escape(column)), statement, re.IGNORECASE))
    return f"{tables.pop()}.{column}" if len(tables) == 1 else column
