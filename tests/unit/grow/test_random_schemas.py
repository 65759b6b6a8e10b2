"""Any schema grows into one in which every constraint holds, and what does not grow is named with a reason."""

import contextlib
import sqlite3
import tempfile
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from nineam.grow.filling import Filling

KEYS = ("integer", "text", "date", "pair", "none", "shared", "uuid")
TYPES = ("INTEGER", "TEXT", "DATE", "REAL", "BOOLEAN")
VALUES = {
    "INTEGER": st.integers(-3, 9),
    "TEXT": st.sampled_from(["a", "a-1", "b-n2", "x@y.example", "x+1@y.example", "~", "", "ü"]),
    "DATE": st.sampled_from(["2024-02-29", "2025-12-31", "2025-01-01"]),
    "REAL": st.sampled_from([0.5, 1.25, -2.0]),
    "BOOLEAN": st.integers(0, 1),
}
KEY_TYPES = {"integer": "INTEGER", "text": "TEXT", "date": "DATE", "uuid": "CHAR(32)", "shared": "INTEGER"}


BESIDE = (
    "CREATE INDEX i{0} ON t{0} (c0)",
    "CREATE INDEX e{0} ON t{0} (lower(c0)) WHERE c0 IS NOT NULL",
    "CREATE TRIGGER g{0} AFTER INSERT ON t{0} BEGIN SELECT RAISE(ABORT, 'it fired'); END",
    "CREATE VIEW v{0} AS SELECT count(*) AS n FROM t{0}",
)
ENDS = ("CHECK (c0 IS NULL OR c0 <> 'never')", "CHECK (c0 IS NULL OR c0 < 'zzzz')")
FILLING = Filling(rows=7, words=lambda column: f"a {column}", today=date(2026, 11, 23))


def key_value(kind, row):
    return {
        "text": f"key-{row}",
        "date": f"2025-03-{row + 1:02}",
        "uuid": f"{row:08x}aaaa4bbb8ccc{row * 7:012x}",
    }.get(kind, row * 3 - 4)


@st.composite
def tables(draw):
    """Return statements that make and fill a few tables that refer to each other, also in circles and to themselves."""
    kinds = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=5))
    counts = [draw(st.integers(0, 9)) for _ in kinds]
    statements = []
    for number, kind in enumerate(kinds):
        statements += draw(one_table(number, kind, kinds, counts))
    for number in range(len(kinds)):
        statements += [each.format(number) for each in draw(st.lists(st.sampled_from(BESIDE), max_size=2, unique=True))]
    return statements


@st.composite
def one_table(draw, number, kind, kinds, counts):
    single = [other for other, each in enumerate(kinds) if each in KEY_TYPES and each != "shared"]
    integer = [other for other in single if other < number and kinds[other] == "integer"]
    if kind == "shared" and not integer:
        kind = "none"
    columns, ends, names = [], [], []
    shared = draw(st.sampled_from(integer)) if kind == "shared" else None
    if kind in KEY_TYPES:
        to = f" REFERENCES t{shared}(id)" if shared is not None else ""
        columns.append(f"id {KEY_TYPES[kind]} PRIMARY KEY{to}")
        names.append("id")
    elif kind == "pair":
        columns += ["one INTEGER NOT NULL", "two TEXT NOT NULL"]
        names += ["one", "two"]
        ends.append("PRIMARY KEY (one, two)")
    types = draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=3))
    columns += [f"c{place} {each}" for place, each in enumerate(types)]
    parents = draw(st.lists(st.sampled_from(single), max_size=2, unique=True)) if single else []
    columns += [f"f{each} {KEY_TYPES[kinds[each]]} REFERENCES t{each}(id)" for each in parents]
    own = [*(f"c{place}" for place in range(len(types))), *(f"f{each}" for each in parents)]
    if draw(st.booleans()):
        unique = draw(st.lists(st.sampled_from([*names, *own]), min_size=1, max_size=3, unique=True))
        ends.append(f"UNIQUE ({', '.join(unique)})")
    columns += draw(st.sampled_from([[], ["twice GENERATED ALWAYS AS (c0 || c0) STORED"]]))
    ends += draw(st.lists(st.sampled_from(ENDS), max_size=1))
    made = [f"CREATE TABLE t{number} ({', '.join([*columns, *ends])})"]
    width = ", ".join("?" * (len(names) + len(own)))
    for row in range(counts[number]):
        key = [key_value(kind, row)] if kind in KEY_TYPES else [row % 3, f"two-{row}"] if kind == "pair" else []
        if shared is not None and row >= counts[shared]:
            break
        values = [draw(st.none() | VALUES[each]) for each in types]
        for each in parents:
            chosen = draw(st.none() | st.integers(0, max(0, counts[each] - 1)))
            values.append(None if chosen is None or not counts[each] else key_value(kinds[each], chosen))
        made.append(
            (f"INSERT OR IGNORE INTO t{number} ({', '.join([*names, *own])}) VALUES ({width})", [*key, *values])
        )
    return made


def build(path, statements):
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(*((statement,) if isinstance(statement, str) else statement))
        return connection.execute("PRAGMA foreign_key_check").fetchall()


@settings(max_examples=150)
@given(tables(), st.integers(2, 30), st.sampled_from([0.0, 0.4]), st.sampled_from([None, FILLING]))
def test_a_random_schema_grows_and_every_constraint_holds(grown, statements, times, depth, filling):
    from nineam.errors import UsageError

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.db"
        broken = len(build(path, statements))  # a row that was ignored as a double may have been referred to
        before = path.read_bytes()
        try:
            big = grown(str(path), Path(folder) / "out", times=times, depth=depth, filling=filling, check=True)
        except UsageError as error:
            assert "no table of this database can grow" in error.message  # noqa: PT017 - most schemas do grow
            return
        assert path.read_bytes() == before
        assert not list(path.parent.glob("any.db-*"))
        assert broken or big.likeness.different == ()
        assert filling is None or all(
            table.rows or name in big.filled.failed for name, table in big.plan.tables.items()
        )
        with contextlib.closing(sqlite3.connect(big.made.name)) as clone:
            assert len(clone.execute("PRAGMA foreign_key_check").fetchall()) <= broken * times
            assert clone.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            for name, plan in big.plan.tables.items():
                assert clone.execute(f"SELECT count(*) FROM {name}").fetchone() == (plan.after,)
                assert plan.factor == times or plan.why
