"""What `--check` compares: it finds what differs, and nothing where nothing does."""

import contextlib
import sqlite3

import pytest

from nineam.grow.address import parse_address
from nineam.grow.dialect import Sqlite
from nineam.grow.likeness import compare
from nineam.grow.opening import open_source
from nineam.grow.plan import make_plan
from nineam.grow.wish import Wish

SHOP = """
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, team TEXT, left_on DATE);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id), state TEXT);
CREATE INDEX orders_state ON orders (state);
"""
TIMES = 20
FAULTS = {
    "DELETE FROM orders WHERE id % 3 = 0": {"rows", "fan-out"},
    "UPDATE users SET left_on = NULL": {"nulls", "commonest value"},
    "UPDATE users SET team = 'red' WHERE id % 4": {"commonest value"},
    "UPDATE orders SET user_id = 1 WHERE id % 5 = 0 AND user_id IS NOT NULL": {"fan-out"},
}


@pytest.fixture
def shop(sqlite_file):
    sqlite_file.script(SHOP)
    with contextlib.closing(sqlite3.connect(sqlite_file.path)) as connection, connection:
        people = [
            (f"u{n}@shop.example", "red" if n % 3 else "blue", "2026-01-01" if n % 2 else None) for n in range(60)
        ]
        connection.executemany("INSERT INTO users (email, team, left_on) VALUES (?, ?, ?)", people)
        orders = [(1 + n * n % 60 if n % 7 else None, "paid" if n % 4 else "open") for n in range(300)]
        connection.executemany("INSERT INTO orders (user_id, state) VALUES (?, ?)", orders)
    return sqlite_file


def likeness(shop, clone, **wish):
    source = open_source(parse_address(shop.address, {}), shop.path.parent)
    schema = source.schema()
    with contextlib.closing(source), contextlib.closing(sqlite3.connect(clone)) as grown:
        plan = make_plan(schema, Wish(**wish))
        return compare(source.ask, lambda sql: grown.execute(sql).fetchall(), schema, plan, Sqlite())


def test_a_clone_as_it_should_be_has_no_differences(shop, grown, tmp_path):
    big = grown(shop.address, tmp_path / "out", times=TIMES, check=True)
    assert big.likeness.different == big.likeness.lost == big.likeness.broken == ()
    kinds = {each.what for each in big.likeness.compared}
    assert kinds == {"rows", "nulls", "commonest value", "fan-out"}
    assert big.likeness.definitions == 4


@pytest.mark.parametrize("fault", FAULTS)
def test_a_clone_that_is_not_alike_is_found_out(shop, grown, tmp_path, fault):
    big = grown(shop.address, tmp_path / "out", times=TIMES)
    with contextlib.closing(sqlite3.connect(big.made.name)) as connection, connection:
        connection.execute(fault)
    found = likeness(shop, big.made.name, times=TIMES).different
    assert {each.what for each in found} == FAULTS[fault], found


def test_a_difference_of_less_than_a_twentieth_is_told_but_not_named(shop, grown, tmp_path):
    big = grown(shop.address, tmp_path / "out", times=TIMES)
    with contextlib.closing(sqlite3.connect(big.made.name)) as connection, connection:
        connection.execute("UPDATE users SET team = 'blue' WHERE team = 'red' AND id % 50 = 0")
    found = likeness(shop, big.made.name, times=TIMES)
    assert found.different == ()
    assert 0 < found.largest("commonest value") < 0.05


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("DROP INDEX orders_state", "orders_state"),
        ("DROP TABLE orders; CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id, state)", "REFERENCES users"),
    ],
)
def test_what_is_lost_is_named(shop, grown, tmp_path, fault, says):
    big = grown(shop.address, tmp_path / "out", times=TIMES)
    with contextlib.closing(sqlite3.connect(big.made.name)) as connection:
        connection.executescript(fault)
    assert any(says in each for each in likeness(shop, big.made.name, times=TIMES).lost)


def test_hot_parents_are_as_they_were_asked_for(shop, grown, tmp_path):
    big = grown(shop.address, tmp_path / "out", times=TIMES, depth=0.4, check=True)
    assert big.likeness.different == ()
    assert not any("user_id" in each.place for each in big.likeness.compared if each.what == "fan-out")


def test_of_a_parent_that_stays_the_children_become_more(shop, grown, tmp_path):
    big = grown(shop.address, tmp_path / "out", times=TIMES, keep=("users",), check=True)
    assert big.likeness.different == ()
    fan_out = [each for each in big.likeness.compared if each.place == "orders.user_id on average"]
    assert fan_out[0].found == pytest.approx(TIMES * 257 / 60)


def test_parents_with_another_factor_are_compared_on_average(shop, grown, tmp_path):
    big = grown(shop.address, tmp_path / "out", like={"users": 180, "orders": 3000}, check=True)
    assert {name: table.factor for name, table in big.plan.tables.items()} == {"users": 3, "orders": 10}
    assert [each.place for each in big.likeness.compared if each.what == "fan-out"] == ["orders.user_id on average"]
    assert big.likeness.different == ()
