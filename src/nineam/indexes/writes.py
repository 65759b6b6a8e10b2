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
    """A way to write rows that breaks no constraint; `first` has to be executed, which is not timed."""

    what: str
    sql: str
    first: tuple[str, ...] = ()


def write_cost(
    database: Database, table: Table, parts: tuple[IndexPart, ...], now: Callable[[], float]
) -> WriteCost | None:
    """Measure the first way of writing that the table does not refuse; None when it refuses all of them."""
    for writing in writings(table, parts, QUOTES.get(database.kind, '"')):
        try:
            pairs = _pairs(database, table, parts, writing, now)[1:]
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
    """Return what to try: inserts of copies, updates of the indexed column, inserts of rows that were deleted before.

    All of it writes values that are there, so types, checks and references hold.
    """
    found = []
    copied = [column for column in table.columns if column != table.generates]
    if table.generates and copied:
        found.append(Writing(what="insert", sql=_copying(table, copied, table, quote)))
    key = [table.generates] if table.generates else _key(table)
    plain = [each.text for each in parts if each.plain]
    if len(key) == 1 and plain and plain[0] != key[0]:
        found.append(_updating(table, plain[0], key[0], quote))
    if key and not table.generates:
        found.append(_moving(table, key, quote))
    return found


def _key(table: Table) -> list[str]:
    """Return the columns of the shortest key; none when there is none."""
    keys = [[part.text for part in index.parts] for index in table.indexes if index.unique and not index.partial]
    return min((key for key in keys if set(key) <= set(table.columns)), key=len, default=[])


def _copying(table: Table, columns: list[str], source: Table, quote: str) -> str:
    listed = ", ".join(f"{quote}{column}{quote}" for column in columns)
    return f"INSERT INTO {_name(table, quote)} ({listed}) SELECT {listed} FROM {_name(source, quote)} LIMIT {ROWS}"


def _updating(table: Table, changed: str, by: str, quote: str) -> Writing:
    """Write one value to the indexed column of many rows; MySQL reads the table it writes only behind a derived one."""
    name, column, key = _name(table, quote), f"{quote}{changed}{quote}", f"{quote}{by}{quote}"
    rows = f"SELECT {key} FROM (SELECT {key} FROM {name} ORDER BY {key} LIMIT {ROWS}) nineam_rows"
    other = f"SELECT {column} FROM (SELECT {column} FROM {name} ORDER BY {key} DESC LIMIT 1) nineam_row"
    return Writing(what="update", sql=f"UPDATE {name} SET {column} = ({other}) WHERE {key} IN ({rows})")


def _moving(table: Table, key: list[str], quote: str) -> Writing:
    """Put rows aside, delete them, and write them again."""
    name, aside = _name(table, quote), Table(name="nineam_aside", rows=ROWS, columns=table.columns)
    listed = ", ".join(f"{quote}{column}{quote}" for column in key)
    deleting = f"DELETE FROM {name} WHERE ({listed}) IN (SELECT {listed} FROM {aside.name})"
    first: tuple[str, ...] = ()
    if quote == QUOTES["mysql"]:
        deleting = f"DELETE {name} FROM {name} JOIN {aside.name} USING ({listed})"
        first = (f"DROP TEMPORARY TABLE IF EXISTS {aside.name}",)  # rolling back leaves it there
    filling = f"CREATE TEMPORARY TABLE {aside.name} AS SELECT * FROM {name} LIMIT {ROWS}"
    inserting = _copying(table, list(table.columns), aside, quote)
    return Writing(what="insert", sql=inserting, first=(*first, filling, deleting))


def _name(table: Table, quote: str) -> str:
    return ".".join(f"{quote}{each}{quote}" for each in (table.schema, table.name) if each)


def _pairs(
    database: Database, table: Table, parts: tuple[IndexPart, ...], writing: Writing, now: Callable[[], float]
) -> list[tuple[float, float]]:
    """Return seconds without and with the index: in turn, or where an index cannot go in a transaction, one by one."""
    if database.reversible:
        database.build(table, parts)
        return [_pair(database, writing, now, first=number % 2 == 0) for number in range(PAIRS)]
    before = [_taken_back(database, writing, now) for _ in range(PAIRS)]
    database.build(table, parts)
    return list(zip(before, (_taken_back(database, writing, now) for _ in range(PAIRS)), strict=True))


def _taken_back(database: Database, writing: Writing, now: Callable[[], float]) -> float:
    with database.undone():
        return _timed(database, writing, now)


def _pair(database: Database, writing: Writing, now: Callable[[], float], *, first: bool) -> tuple[float, float]:
    """Return the seconds without the index and with it."""
    taken: dict[bool, float] = {}
    for there in (first, not first):
        with database.undone():
            if there:
                taken[there] = _timed(database, writing, now)
            else:
                with database.without():
                    taken[there] = _timed(database, writing, now)
    return taken[False], taken[True]


def _timed(database: Database, writing: Writing, now: Callable[[], float]) -> float:
    for each in writing.first:
        database.write(each)
    began = now()
    database.write(writing.sql)
    return now() - began
