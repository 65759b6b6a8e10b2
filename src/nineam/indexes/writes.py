"""What an index costs those who write: the same rows written with it and without it, and taken back."""

from collections.abc import Callable
from statistics import median

from nineam.indexes.database import Database, Refused, TooLong
from nineam.indexes.intervals import median_interval
from nineam.indexes.schema import Table
from nineam.model.indexes import IndexPart, WriteCost
from nineam.model.record import Record

ROWS = 1000
PAIRS = 7
QUOTES = {"mysql": "`"}


class Writing(Record, frozen=True, kw_only=True):
    """A way to write rows that breaks no constraint."""

    what: str
    sql: str


def write_cost(
    database: Database, table: Table, parts: tuple[IndexPart, ...], now: Callable[[], float]
) -> WriteCost | None:
    """Measure inserts of copies, or where the table refuses those, updates of the indexed column; None without both."""
    for writing in writings(table, parts, QUOTES.get(database.kind, '"')):
        try:
            pairs = _pairs(database, table, parts, writing.sql, now)[1:]
        except (Refused, TooLong):
            continue
        finally:
            database.drop()
        middle, low, high = median_interval([after / max(before, 1e-9) for before, after in pairs])
        return WriteCost(
            what=writing.what,  # type: ignore[arg-type]
            rows=min(ROWS, table.rows),
            before_ms=median(before for before, _ in pairs) * 1000,
            after_ms=median(after for _, after in pairs) * 1000,
            ratio=middle,
            ratio_low=low,
            ratio_high=high,
        )
    return None


def writings(table: Table, parts: tuple[IndexPart, ...], quote: str) -> list[Writing]:
    """Return the statements to try; `LIMIT` chooses rows that are there, so types, checks and references hold."""
    name = ".".join(f"{quote}{each}{quote}" for each in (table.schema, table.name) if each)
    found = []
    copied = [column for column in table.columns if column != table.generates]
    if table.generates and copied:
        columns = ", ".join(f"{quote}{column}{quote}" for column in copied)
        found.append(
            Writing(what="insert", sql=f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {name} LIMIT {ROWS}")
        )
    plain = [each.text for each in parts if each.plain]
    if table.generates and plain and plain[0] != table.generates:
        column, key = (f"{quote}{each}{quote}" for each in (plain[0], table.generates))
        rows = f"SELECT {key} FROM {name} ORDER BY {key} LIMIT {ROWS}"
        other = f"(SELECT {column} FROM {name} ORDER BY {key} DESC LIMIT 1)"
        found.append(Writing(what="update", sql=f"UPDATE {name} SET {column} = {other} WHERE {key} IN ({rows})"))
    return found


def _pairs(
    database: Database, table: Table, parts: tuple[IndexPart, ...], sql: str, now: Callable[[], float]
) -> list[tuple[float, float]]:
    """Return seconds without and with the index: in turn, or where an index cannot go in a transaction, one by one."""
    if database.reversible:
        database.build(table, parts)
        return [_pair(database, sql, now, first=number % 2 == 0) for number in range(PAIRS)]
    before = [_taken_back(database, sql, now) for _ in range(PAIRS)]
    database.build(table, parts)
    return list(zip(before, (_taken_back(database, sql, now) for _ in range(PAIRS)), strict=True))


def _taken_back(database: Database, sql: str, now: Callable[[], float]) -> float:
    with database.undone():
        return _timed(database, sql, now)


def _pair(database: Database, sql: str, now: Callable[[], float], *, first: bool) -> tuple[float, float]:
    """Return the seconds without the index and with it."""
    taken: dict[bool, float] = {}
    for there in (first, not first):
        with database.undone():
            if there:
                taken[there] = _timed(database, sql, now)
            else:
                with database.without():
                    taken[there] = _timed(database, sql, now)
    return taken[False], taken[True]


def _timed(database: Database, sql: str, now: Callable[[], float]) -> float:
    began = now()
    database.write(sql)
    return now() - began
