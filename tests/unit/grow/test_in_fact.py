"""Columns that no constraint says are unique, and unique columns whose values must not become longer."""

import pytest

from nineam.grow.address import parse_address
from nineam.grow.codes import letters_of
from nineam.grow.opening import open_source
from nineam.grow.plan import make_plan
from nineam.grow.wish import Wish

ROWS = 40
KEYED = """
CREATE TABLE project (id integer PRIMARY KEY, api_key varchar(128) NOT NULL, slug varchar(50), seen varchar(30),
                      note varchar(200), city varchar(20));
CREATE INDEX project_key ON project (api_key);
CREATE INDEX project_seen ON project (seen)
"""
DAY = "2026-01-{2:02d}T10:00:{0:02d}"
FILLED = "INSERT INTO project VALUES ({0}, '{1}', 'plan-{0}', '" + DAY + "', 'note {0} of many', 'city{3}')"
CODES = """
CREATE TABLE person (id integer PRIMARY KEY, name varchar(20) NOT NULL, token varchar(32) UNIQUE,
                     secret varchar(16) NOT NULL UNIQUE, code varchar(4) UNIQUE);
CREATE TABLE follows (id integer PRIMARY KEY, person_id integer NOT NULL REFERENCES person (id))
"""


def keyed(database):
    """All API keys but four differ, those are empty; notes are sentences, cities are the same in pairs."""
    database.script(KEYED)
    keys = ["" if number > ROWS - 4 else f"key{number:03d}" for number in range(1, ROWS + 1)]
    rows = [FILLED.format(number, key, number % 28 + 1, number // 2) for number, key in enumerate(keys, 1)]
    database.script(";\n".join(rows))
    return database


def coded(database):
    """Tokens differ at their end, secrets are Base32, and four digits have no room for anything."""
    database.script(CODES)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    secret = "".join(letters[(number * 7 + 3) % 32] for number in range(12))
    tokens = ["NULL" if number % 2 else f"'{number:032x}'" for number in range(ROWS + 1)]
    rows = [
        f"INSERT INTO person VALUES ({number}, 'p{number % 5}', {tokens[number]}, "
        f"'{letters[number % 32]}{letters[number // 32]}{secret}ZZ', '{number:04d}')"
        for number in range(1, ROWS + 1)
    ]
    rows += [f"INSERT INTO follows VALUES ({number}, {number})" for number in range(1, ROWS + 1)]
    database.script(";\n".join(rows))
    return database


def check_keyed(database, big, times):
    one = database.ask("SELECT count(*), count(DISTINCT api_key) FROM project WHERE api_key <> ''", big)[0]
    assert one == ((ROWS - 4) * times, (ROWS - 4) * times)
    assert database.ask("SELECT count(*) FROM project WHERE api_key = ''", big) == [(4 * times,)]
    shapes = (
        "SELECT count(DISTINCT slug), count(DISTINCT seen), count(DISTINCT note), count(DISTINCT city) FROM project"
    )
    assert database.ask(shapes, big)[0] == (ROWS * times, ROWS, ROWS, ROWS // 2 + 1)
    assert big.plan.unlike == ([], ["project.api_key", "project.slug"])
    assert big.likeness.different == ()


def test_what_is_unique_in_fact_stays_so(grown, sqlite_file, tmp_path):
    database = keyed(sqlite_file)
    check_keyed(database, grown(database.address, tmp_path / "out", times=3, check=True), 3)


@pytest.mark.postgres
def test_what_is_unique_in_fact_stays_so_in_postgres(grown, postgres_database, tmp_path):
    database = keyed(postgres_database)
    check_keyed(database, grown(database.address, tmp_path, times=3, check=True), 3)


def test_what_is_unique_in_fact_stays_so_in_mysql(grown, mysql_database, tmp_path):
    database = keyed(mysql_database)
    check_keyed(database, grown(database.address, tmp_path, times=3, check=True), 3)


def test_a_few_values_that_differ_prove_nothing(sqlite_file, tmp_path):
    database = keyed(sqlite_file)
    database.script(f"DELETE FROM project WHERE id > {19}")
    source = open_source(parse_address(database.address, {}), tmp_path)
    assert make_plan(source.schema(), Wish(times=3)).unlike == ([], [])
    source.close()


def test_what_must_not_differ_in_copies_is_repeated_and_the_table_grows(grown, sqlite_file, tmp_path):
    names = [f"{first}{second}" for first in "abcdef" for second in "ghijkl"]
    sqlite_file.script("CREATE TABLE tag (id integer PRIMARY KEY, slug text CHECK (slug NOT GLOB '*[^a-z]*'))")
    sqlite_file.script(";".join(f"INSERT INTO tag (slug) VALUES ('{name}')" for name in names))
    big = grown(sqlite_file.address, tmp_path / "out", times=3)
    assert sqlite_file.ask("SELECT count(*), count(DISTINCT slug) FROM tag", big) == [(108, 36)]
    assert big.plan.unlike == ([], [])


def check_coded(database, big, times):
    assert {name: table.factor for name, table in big.plan.tables.items()} == {"person": times, "follows": times}
    assert big.plan.unlike == (["person.code"], [])
    widths = "SELECT min(length(token)), max(length(token)), count(DISTINCT token), count(DISTINCT secret) FROM person"
    assert database.ask(widths, big) == [(32, 32, ROWS // 2 * times, ROWS * times)]
    made = [secret for (secret,) in database.ask("SELECT secret FROM person", big)]
    assert letters_of(made) == "A"
    assert database.ask("SELECT count(code) FROM person", big) == [(ROWS,)]
    originals = "SELECT id, token, secret, code FROM person WHERE code IS NOT NULL ORDER BY code"
    assert database.ask(originals, big) == database.ask("SELECT id, token, secret, code FROM person ORDER BY code")
    assert big.likeness.different == ()


@pytest.mark.postgres
def test_codes_without_room_are_written_over_or_left_out_in_postgres(grown, postgres_database, tmp_path):
    database = coded(postgres_database)
    check_coded(database, grown(database.address, tmp_path, times=15, check=True), 15)


def test_codes_without_room_are_written_over_or_left_out_in_mysql(grown, mysql_database, tmp_path):
    mysql_database.script("DROP TABLE IF EXISTS project")
    database = coded(mysql_database)
    check_coded(database, grown(database.address, tmp_path, times=15, check=True, replace=True), 15)


@pytest.mark.parametrize(
    ("values", "letters"),
    [
        (("00ff", "12ab"), ""),
        (("0815", "4711"), ""),
        (("MFRA", "2345"), "A"),
        (("mfra", "abcd"), "a"),
        (("aB-_", "09az"), ""),
        (("abc", "abcd"), None),
        (("a b", "cde"), None),
        ((), None),
        (("0000000a-0000-4000-8000-000000000000", "0000000b-0000-4000-8000-000000000000"), None),
    ],
)
def test_codes_are_equally_long_and_of_one_alphabet(values, letters):
    assert letters_of(values) == letters
