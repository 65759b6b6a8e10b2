"""Empty tables get rows that their database takes, or are named with the reason; rows that are there stay."""

import secrets
import sys
from datetime import date

import pytest
from college import TABLES

from nineam.errors import UsageError
from nineam.grow.filling import Filling
from nineam.grow.words import CALLED, faker_words

ROWS, TIMES = 40, 5
FILLING = Filling(rows=ROWS, words=lambda column: f"a {column}", today=date(2026, 11, 23))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres), "mysql"])
def empty(request):
    """Return the college in each database in turn, with nothing in it."""
    if request.param == "sqlite":
        file = request.getfixturevalue("sqlite_file")
        file.script(TABLES.format(uuid="CHAR(36)", json="TEXT", cycle="REFERENCES person (id)"))
        return file
    database = request.getfixturevalue(f"{request.param}_database")
    if request.param == "postgres":
        database.script(TABLES.format(uuid="uuid", json="jsonb", cycle=""))
        database.script("ALTER TABLE department ADD FOREIGN KEY (head_id) REFERENCES person (id)")
        return database
    for table in reversed([line.split()[2] for line in TABLES.splitlines() if line.startswith("CREATE TABLE")]):
        database.script(f"DROP TABLE IF EXISTS {table}")
    database.script(TABLES.format(uuid="CHAR(36)", json="JSON", cycle="").partition("CREATE UNIQUE INDEX")[0])
    return database


def other(database, tmp_path):
    return f"{database.name}_{secrets.token_hex(3)}" if "://" in database.address else str(tmp_path / "big.db")


def test_an_empty_college_is_filled_and_grows(empty, grown, tmp_path):
    big = grown(empty.address, tmp_path, times=TIMES, name=other(empty, tmp_path), filling=FILLING, check=True)
    assert big.filled.failed == {}
    assert set(big.filled.rows) == set(big.plan.tables)
    assert all(big.filled.rows[name] > ROWS / 2 for name in ("person", "department", "course", "enrolment", "log"))
    assert big.plan.tables["person"].after == big.filled.rows["person"] * TIMES
    marks = empty.ask("SELECT min(mark), max(mark), count(DISTINCT mark) FROM enrolment", big)
    assert 1 <= marks[0][0] < marks[0][1] <= 6
    assert empty.ask("SELECT count(*) FROM person WHERE wage <= 0 OR born > '2026-11-23' OR yearly IS NULL", big) == [
        (0,)
    ]
    assert empty.ask("SELECT count(*) FROM department WHERE id = parent_id", big) == [(0,)]
    led = "SELECT count(*) FROM enrolment e JOIN course c ON c.department_id = e.department_id AND c.number = e.number"
    assert empty.ask(led, big) == empty.ask("SELECT count(*) FROM enrolment", big)
    assert empty.ask("SELECT count(*) FROM person") == [(0,)]


def test_the_same_seed_makes_the_same_rows(sqlite_file, grown, tmp_path):
    sqlite_file.script(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, at DATETIME, price DECIMAL(6,2), on_sale BOOL)"
    )
    first, second = (
        grown(sqlite_file.address, tmp_path, times=2, name=str(tmp_path / name), filling=FILLING)
        for name in ("one.db", "two.db")
    )
    rows = sqlite_file.ask("SELECT * FROM t", first)
    assert rows == sqlite_file.ask("SELECT * FROM t", second)
    assert len(rows) == ROWS * 2


def test_rows_that_are_there_are_followed_and_tables_that_have_some_are_left_alone(sqlite_file, grown, tmp_path):
    sqlite_file.script(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, x); INSERT INTO users VALUES (7, 'a', 1), (9, 'b', 2);"
        "CREATE TABLE carts (id INTEGER PRIMARY KEY, user_id INT, state TEXT CHECK (state IN ('new', 'it''s')))"
    )
    big = grown(sqlite_file.address, tmp_path / "out", times=3, filling=FILLING)
    assert big.filled.rows == {"carts": ROWS}
    assert sqlite_file.ask("SELECT count(*) FROM users", big) == [(6,)]
    assert (
        sqlite_file.ask("SELECT count(*) FROM carts LEFT JOIN users ON users.id = user_id WHERE user_id IS NULL", big)[
            0
        ][0]
        < ROWS
    )
    assert sqlite_file.ask("SELECT DISTINCT state FROM carts WHERE state IS NOT NULL ORDER BY 1", big) == [
        ("it's",),
        ("new",),
    ]


def test_what_cannot_be_made_up_is_named(sqlite_file, grown, tmp_path):
    sqlite_file.script(
        "CREATE TABLE fine (id INTEGER PRIMARY KEY, what TEXT, place GEOMETRY);"
        "CREATE TABLE odd (id INTEGER PRIMARY KEY, place GEOMETRY NOT NULL);"
        "CREATE TABLE strict_one (id INTEGER PRIMARY KEY, code TEXT CHECK (code GLOB '[0-9][0-9]-[A-Z]') NOT NULL);"
        "CREATE TABLE child (id INTEGER PRIMARY KEY, odd_id INTEGER NOT NULL REFERENCES odd (id));"
        "CREATE TABLE kept (id INTEGER PRIMARY KEY);"
    )
    big = grown(sqlite_file.address, tmp_path / "out", times=3, keep=("kept",), filling=FILLING)
    assert big.filled.rows == {"fine": ROWS}
    assert big.filled.left == ("fine.place (GEOMETRY)",)
    why = {name: big.plan.tables[name].why for name in ("odd", "strict_one", "child", "kept")}
    assert "place is of the type GEOMETRY, which nineam knows no values for" in why["odd"]
    assert "CHECK" in why["strict_one"]
    assert "it refers to odd, where nothing is" in why["child"]
    assert "it is empty" in why["kept"]


def test_a_few_rows_that_a_check_takes_are_enough(sqlite_file, grown, tmp_path):
    sqlite_file.script("CREATE TABLE t (id INTEGER PRIMARY KEY, low INTEGER, high INTEGER, CHECK (low < high))")
    big = grown(sqlite_file.address, tmp_path / "out", times=4, filling=FILLING)
    assert ROWS / 5 < big.filled.rows["t"] < ROWS
    assert sqlite_file.ask("SELECT count(*) FROM t WHERE low >= high", big) == [(0,)]


def test_only_named_tables_are_filled_when_tables_are_named(sqlite_file, grown, tmp_path):
    sqlite_file.script("CREATE TABLE a (id INTEGER PRIMARY KEY, x); CREATE TABLE b (id INTEGER PRIMARY KEY, x);")
    big = grown(sqlite_file.address, tmp_path / "out", like={"b": 400}, filling=FILLING)
    assert {name: table.after for name, table in big.plan.tables.items()} == {"a": 0, "b": 400}


CIRCLE = """
CREATE TABLE shop (id INTEGER PRIMARY KEY, boss_id INTEGER NOT NULL REFERENCES boss (id), name TEXT);
CREATE TABLE boss (id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL REFERENCES shop (id), name TEXT{check});
CREATE TABLE sale (id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL REFERENCES shop (id));
CREATE TABLE note (id INTEGER PRIMARY KEY, what TEXT);
"""


def test_tables_that_must_refer_to_each_other_are_filled(sqlite_file, grown, tmp_path):
    sqlite_file.script(CIRCLE.format(check=""))
    big = grown(sqlite_file.address, tmp_path / "out", times=3, filling=FILLING)
    assert big.filled.failed == {}
    assert sqlite_file.ask("PRAGMA foreign_key_check", big) == []
    assert sqlite_file.ask("SELECT count(*) FROM shop JOIN boss ON boss.id = boss_id", big) == [(ROWS * 3,)]


def test_what_was_filled_in_vain_is_emptied_again(sqlite_file, grown, tmp_path):
    sqlite_file.script(CIRCLE.format(check=" CHECK (name = 'nobody')"))
    big = grown(sqlite_file.address, tmp_path / "out", times=3, filling=FILLING, check=True)
    assert big.filled.rows == {"note": ROWS}
    assert set(big.filled.failed) == {"boss", "shop", "sale"}
    assert [sqlite_file.ask(f"SELECT count(*) FROM {name}", big)[0][0] for name in big.filled.failed] == [0, 0, 0]


@pytest.mark.postgres
def test_types_and_checks_of_postgresql(postgres_database, grown, tmp_path):
    postgres_database.script(
        """
        CREATE TYPE mood AS ENUM ('sad', 'so so', 'happy');
        CREATE DOMAIN percent AS integer CHECK (VALUE BETWEEN 90 AND 100);
        CREATE TABLE thing (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mood mood NOT NULL, share percent NOT NULL,
            state varchar(10) NOT NULL CHECK (state::text = ANY (ARRAY['on'::varchar, 'off'::varchar]::text[])),
            price numeric(5, 2) CHECK (price > 0), tags text[] NOT NULL, raw bytea NOT NULL, ip inet NOT NULL,
            took interval NOT NULL, opens time NOT NULL, more json NOT NULL, rate real NOT NULL, key uuid UNIQUE,
            place point, span int4range NOT NULL, words tsvector NOT NULL, open daterange NOT NULL,
            code char(3) UNIQUE NOT NULL, small smallint NOT NULL,
            boss_id bigint NOT NULL REFERENCES thing, UNIQUE (state, small) DEFERRABLE INITIALLY DEFERRED
        );
        CREATE TABLE part (thing_id bigint PRIMARY KEY REFERENCES thing, "50%" text);
        CREATE TABLE day (at date NOT NULL, PRIMARY KEY (at)) PARTITION BY RANGE (at);
        CREATE TABLE day_one PARTITION OF day FOR VALUES FROM ('2020-01-01') TO ('2030-01-01');
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fired'; END $$;
        CREATE TRIGGER never BEFORE INSERT ON thing FOR EACH ROW EXECUTE FUNCTION refuse();
        """
    )
    big = grown(postgres_database.address, tmp_path, times=3, filling=FILLING, check=True)
    assert big.filled.failed == {}
    assert big.filled.rows["thing"] > ROWS / 2
    assert big.filled.left == ("thing.place (point)",)
    (low, high, moods, null, price) = postgres_database.ask(
        "SELECT min(share), max(share), count(DISTINCT mood), count(place), min(price) FROM thing", big
    )[0]
    assert (low >= 90, high <= 100, moods, null, price > 0) == (True, True, 3, 0, True)
    assert postgres_database.ask("SELECT count(*) > 10 FROM part JOIN thing ON thing.id = thing_id", big) == [(True,)]


def test_faker_gives_texts_by_what_a_column_is_called():
    pytest.importorskip("faker")
    words, again = faker_words(3), faker_words(3)
    assert "@" in words("email_address") == again("email_address")
    assert words("home_page_url").startswith("http")
    assert words("status") in {"new", "active", "done", "closed"}
    assert len(words("country_code")) == 2
    assert words("whatever").isalpha()
    assert all(words(name.split("|")[0].replace("?", "").strip("(^)")) for name, _ in CALLED)


def test_without_faker_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "faker", None)
    with pytest.raises(UsageError, match="Faker") as caught:
        faker_words(1)
    assert caught.value.hint == "pip install 'nineam[grow]'"
