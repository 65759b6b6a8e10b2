"""Rows are those of the statement that their cursor has executed last, whatever else goes on in the request."""

import asyncio
import sqlite3
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

boot: Any = import_module("nineam.agent.boot")
books: Any = import_module("nineam.agent.request")
columns: Any = import_module("nineam.agent.columns")
driver: Any = import_module("nineam.agent.integrations.driver")
fetches: Any = import_module("nineam.agent.integrations.fetches")
frames: Any = import_module("nineam.agent.frames")
names: Any = import_module("nineam.agent.names")
patcher: Any = import_module("nineam.agent.patcher")
executors: Any = import_module("nineam.agent.integrations.executors")
of_sqlite: Any = import_module("nineam.agent.integrations.sqlite3")
wire: Any = import_module("nineam.agent.wire")

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n"


@pytest.fixture
def agent():
    said: list = []
    recorder = SimpleNamespace(names=names.Names(lambda *_: None), event=lambda *what: said.append(what), dropped=0)
    made = boot.Agent(recorder, frames.Frames(["/nowhere"], lambda site: None), patcher.Patcher())
    made.said = said
    yield made
    made.patcher.undo()
    assert recorder.dropped == 0


@pytest.fixture
def request_():
    made = books.Request("GET", 0)
    token = books.current.set(made)
    yield made
    books.current.reset(token)


@pytest.fixture
def database(agent, request_):
    of_sqlite.install(agent, sqlite3.dbapi2)
    connection = sqlite3.connect(":memory:")
    yield connection
    connection.close()


def sums(agent, request):
    """Rows by statement, from the first word that is told."""
    return {agent.names.name_of("statement", key[0]): group[4] for key, group in request.queries.items()}


def test_every_way_of_fetching_counts_what_it_returns(agent, request_, database):
    cursor = database.execute(NUMBERS, (20,))
    for _ in range(3):
        cursor.fetchone()
    cursor.fetchmany(5)
    cursor.fetchall()
    assert cursor.fetchone() is None
    assert cursor.fetchall() == []
    (group,) = request_.queries.values()
    assert (group[0], group[4]) == (1, 20)
    assert 0 < group[5] <= request_.layers[agent.layer("db_fetch")]


def test_cursors_that_take_turns_keep_their_rows_apart(agent, request_, database):
    one, other = database.execute(NUMBERS, (8,)), database.execute(NUMBERS + " -- other\nLIMIT 3", (9,))
    for cursor in (one, other, one):
        cursor.fetchmany(2)
    assert sorted(sums(agent, request_).values()) == [2, 4]


def test_a_cursor_that_executes_again_brings_the_new_statements_rows(agent, request_, database):
    cursor = database.cursor()
    cursor.execute(NUMBERS, (4,)).fetchall()
    cursor.execute("SELECT 'one'").fetchall()
    assert sorted(sums(agent, request_).values()) == [1, 4]


def test_rows_that_are_iterated_over_are_not_known_and_a_write_has_none(agent, request_, database):
    assert len(list(database.execute(NUMBERS, (50,)))) == 50
    database.execute("CREATE TABLE t (a)").fetchall()
    assert set(sums(agent, request_).values()) == {0}


def test_a_fetch_that_fails_counts_nothing(agent, request_, database):
    cursor = database.execute("SELECT 1")
    cursor.close()
    with pytest.raises(sqlite3.ProgrammingError):
        cursor.fetchall()
    assert set(sums(agent, request_).values()) == {0}


def test_housekeeping_has_neither_statements_nor_rows(agent, request_, database):
    database.execute("SELECT 1")  # leaves behind what its cursor was
    token = driver.counted.set(True)
    database.execute(NUMBERS, (30,)).fetchall()
    driver.counted.reset(token)
    assert set(sums(agent, request_).values()) == {0}


class Rows:
    """A driver of Python functions, which fetches row by row."""

    description = (("id",), ("body",))

    def __init__(self, count):
        self.left = [(number, "x" * 100) for number in range(count)]

    async def execute(self, statement):
        await asyncio.sleep(0)

    async def fetchone(self):
        await asyncio.sleep(0)
        return self.left.pop() if self.left else None

    async def fetchall(self):
        found = []
        while (row := await self.fetchone()) is not None:
            found.append(row)
        return found


def test_a_fetch_that_fetches_counts_once(agent, request_):
    for name, maker in (("execute", driver.executing), ("fetchone", fetches.fetching), ("fetchall", fetches.fetching)):
        agent.patcher.wrap(Rows, name, maker(agent, True))

    async def ask():
        cursor = Rows(7)
        await cursor.execute("SELECT")
        await cursor.fetchone()
        return await cursor.fetchall()

    assert len(asyncio.run(ask())) == 6
    assert list(sums(agent, request_).values()) == [7]
    assert agent.said == [(wire.COLUMNS, [1, 1, [("id", 8), ("body", 100)]])]


def test_work_that_was_handed_to_a_thread_brings_its_rows_along(request_):
    own = books.Request("GET", 0)
    own.query(1, 2, 3, 50)[4:] = 9, 400
    for _ in range(2):
        executors._merge(request_, own)
    assert request_.queries == {(1, 2, 0): [2, 100, {3}, 2, 18, 800]}


def looks_of(agent, rows, named=("a", "b"), at=columns.APART_NS):
    columns.Columns(agent.recorder).look(1, at, rows, lambda args: named, ())
    return agent.said


def test_a_few_rows_at_even_distances_are_looked_at_and_no_value_leaves(agent):
    ((kind, (statement, rows, sizes)),) = looks_of(agent, [(number, "x" * number) for number in range(1000)])
    assert (kind, statement, rows) == (wire.COLUMNS, 1, 5)
    assert sizes == [("a", 40), ("b", 0 + 200 + 400 + 600 + 800)]


@pytest.mark.parametrize(
    ("row", "sizes"),
    [
        ((None, "grün"), [0, 4]),
        ((b"12345", memoryview(b"123456")), [5, 6]),
        ({"a": 1.5, "b": "xy"}, [8, 2]),
    ],
)
def test_a_value_has_its_length_or_that_of_a_number(agent, row, sizes):
    ((_, (_, _, said)),) = looks_of(agent, [row])
    assert [size for _, size in said] == sizes


@pytest.mark.parametrize(
    "rows", [[object()], [(1, 2, 3)], ({1, 2},) * 2], ids=["no row", "other columns", "a set of 2"]
)
def test_rows_of_a_kind_that_is_not_known_do_no_harm(agent, rows):
    looks_of(agent, rows)
    assert len(agent.said) <= 1


def test_looks_are_rare_and_every_statement_has_its_turn(agent):
    looking, seconds = columns.Columns(agent.recorder), 10
    for now in range(0, seconds * 10**9, columns.APART_NS // 10):
        for statement in range(40):
            if looking.due.get(statement, 0) <= now:
                looking.look(statement, now, [(1,)], lambda args: ["a"], ())
    looks = [said[1][0] for said in agent.said]
    assert len(looks) <= seconds * 10**9 // columns.APART_NS
    assert set(looks) == set(range(40))
    assert looks.count(0) <= 2 + seconds.bit_length()
