"""What only SQLite has: full-text indexes, tables without row numbers, values of any type, names of any kind."""

import pytest

from nineam.errors import UsageError


def test_full_text_indexes_over_grown_tables_find_the_copies(sqlite_file, grown, tmp_path):
    sqlite_file.script(
        "CREATE TABLE page (id INTEGER PRIMARY KEY, body TEXT);"
        "CREATE VIRTUAL TABLE page_text USING fts5(body, content='page', content_rowid='id');"
        "CREATE TRIGGER page_in AFTER INSERT ON page BEGIN"
        " INSERT INTO page_text (rowid, body) VALUES (new.id, new.body); END;"
        "INSERT INTO page (body) VALUES ('a red fox'), ('a blue fox'), ('a red hat');"
    )
    big = grown(str(sqlite_file.path), tmp_path / "out", times=20)
    assert sqlite_file.ask("SELECT count(*) FROM page_text WHERE page_text MATCH 'red'", big) == [(40,)]
    assert {name for name, table in big.plan.tables.items() if table.factor == 20} == {"page"}


def test_tables_without_row_numbers_strict_types_and_names_of_any_kind(sqlite_file, grown, tmp_path):
    sqlite_file.script(
        'CREATE TABLE "order" ("from" TEXT PRIMARY KEY, "a b" INTEGER) WITHOUT ROWID;'
        'CREATE TABLE "it\'s" ("x""y" INTEGER PRIMARY KEY, "group" TEXT REFERENCES "order" ("from"), z ANY) STRICT;'
        'CREATE INDEX "an \'index\'" ON "it\'s" ("group");'
        "INSERT INTO \"order\" VALUES ('k1', 1), ('k2', 2);"
        "INSERT INTO \"it's\" VALUES (1, 'k1', 1), (2, 'k2', 'text'), (3, NULL, 1.5);"
    )
    big = grown(str(sqlite_file.path), tmp_path / "out", like={"order": 20})
    assert sqlite_file.ask('SELECT count(*) FROM "it\'s" JOIN "order" ON "from" = "group"', big) == [(20,)]
    assert sqlite_file.ask('SELECT typeof(z), count(*) FROM "it\'s" GROUP BY 1 ORDER BY 1', big) == [
        ("integer", 10),
        ("real", 10),
        ("text", 10),
    ]


def test_a_key_of_several_types_holds_its_table(sqlite_file, grown, tmp_path):
    sqlite_file.script(
        "CREATE TABLE loose (key PRIMARY KEY, n); INSERT INTO loose VALUES (1, 1), ('one', 2), (2.5, 3);"
        "CREATE TABLE other (n); INSERT INTO other VALUES (1), (2);"
    )
    plan = grown(str(sqlite_file.path), tmp_path / "out", times=5).plan
    assert plan.factors == {"loose": 1, "other": 5}
    assert "nineam knows no other value" in plan.tables["loose"].why


def test_blobs_and_nulls_in_unique_columns(sqlite_file, grown, tmp_path):
    sqlite_file.script(
        "CREATE TABLE file (id INTEGER PRIMARY KEY, hash BLOB UNIQUE, ref TEXT UNIQUE);"
        "INSERT INTO file VALUES (1, x'00ff', NULL), (2, x'01', NULL);"
        "CREATE TABLE note (id INTEGER PRIMARY KEY, ref TEXT UNIQUE);"
        "INSERT INTO note (ref) VALUES (NULL), ('a'), (NULL);"
    )
    plan = grown(str(sqlite_file.path), tmp_path / "out", times=5).plan
    assert plan.factors == {"file": 1, "note": 5}


@pytest.mark.parametrize("times", [2, 1000])
def test_the_largest_integer_is_not_passed(sqlite_file, grown, tmp_path, times):
    sqlite_file.script(
        "CREATE TABLE far (id INTEGER PRIMARY KEY, x); INSERT INTO far VALUES (1, 1), (9223372036854775000, 2);"
        "CREATE TABLE other (n); INSERT INTO other VALUES (1), (2);"
    )
    plan = grown(str(sqlite_file.path), tmp_path / "out", times=times).plan
    assert plan.factors == {"far": 1, "other": times}
    assert "no room" in plan.tables["far"].why


def test_negative_keys_and_dates_that_are_unique(sqlite_file, grown, tmp_path):
    sqlite_file.script(
        "CREATE TABLE day (day DATE PRIMARY KEY, n); INSERT INTO day VALUES ('2026-02-27', 1), ('2026-03-01', 2);"
        "CREATE TABLE below (id INTEGER PRIMARY KEY, n); INSERT INTO below VALUES (-5, 1), (-1, 2);"
    )
    big = grown(str(sqlite_file.path), tmp_path / "out", times=50)
    assert sqlite_file.ask("SELECT count(DISTINCT day), max(day), min(length(day)) FROM day", big) == [
        (100, "2026-03-01", 10)
    ]
    assert sqlite_file.ask("SELECT count(*), min(id) FROM below", big) == [(100, -5)]


def test_a_database_without_tables_is_refused(sqlite_file, grown, tmp_path):
    sqlite_file.script("CREATE VIEW v AS SELECT 1")
    with pytest.raises(UsageError, match="no table of this database can grow"):
        grown(str(sqlite_file.path), tmp_path / "out", times=2)


def test_a_single_copy_of_many_rows_and_many_copies_of_a_single_row(sqlite_file, grown, tmp_path):
    sqlite_file.script(
        "CREATE TABLE one (id INTEGER PRIMARY KEY, t TEXT UNIQUE, x);"
        "INSERT INTO one VALUES (7, 'ü', 1), (9, 'a@b.c', 2);"
    )
    big = grown(str(sqlite_file.path), tmp_path / "out", like={"one": 250_000})
    assert sqlite_file.ask("SELECT count(*), count(DISTINCT t) FROM one", big) == [(250_000, 250_000)]
