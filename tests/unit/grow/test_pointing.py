"""Which variable leads to the database, and what it becomes for a clone; what cannot be rewritten is refused."""

import pytest

from nineam.cli.dotenv import read_dotenv
from nineam.errors import UsageError
from nineam.grow.pointing import find_pointer, rewritten

LOCAL = "postgresql://shop:secret@127.0.0.1:5432/shop"


def found(environment, folder, database="", variable=""):
    return find_pointer(environment, folder, database, variable)


@pytest.mark.parametrize(
    ("value", "clone", "becomes"),
    [
        (f"{LOCAL}?sslmode=disable", "shop_run", "postgresql://shop:secret@127.0.0.1:5432/shop_run?sslmode=disable"),
        ("postgresql+asyncpg://a@/shop?host=/tmp", "c", "postgresql+asyncpg://a@/c?host=/tmp"),
        ("postgresql://127.0.0.1?dbname=shop&user=a", "c", "postgresql://127.0.0.1?dbname=c&user=a"),
        ("mysql+pymysql://root:p%40ss@localhost/shop", "c", "mysql+pymysql://root:p%40ss@localhost/c"),
        ("sqlite:///shop.db", "/tmp/a/c.db", "sqlite:////tmp/a/c.db"),
        ("sqlite+aiosqlite:////srv/shop.db?timeout=5", "/tmp/c.db", "sqlite+aiosqlite:////tmp/c.db?timeout=5"),
        ("data/shop.db", "/tmp/c.db", "/tmp/c.db"),
        ("shop", "shop_run", "shop_run"),
    ],
)
def test_only_the_database_changes_in_an_address(value, clone, becomes):
    assert rewritten(value, clone) == becomes


def test_the_usual_variable_goes_before_others(tmp_path):
    environment = {"CACHE_URL": "redis://127.0.0.1/0", "AUDIT_DB": "sqlite:///audit.db", "DATABASE_URL": LOCAL}
    pointer = found(environment, tmp_path)
    assert pointer.variables == {"DATABASE_URL": LOCAL}


def test_every_variable_of_the_same_database_is_rewritten_and_a_test_suite_s_is_not(tmp_path):
    environment = {
        "DATABASE_URL": LOCAL,
        "SYNC_DATABASE_URL": "postgresql+psycopg://shop:secret@localhost/shop",
        "TEST_DATABASE_URL": LOCAL,
        "REPORTS_URL": "postgresql://127.0.0.1/reports",
    }
    assert found(environment, tmp_path).towards("c") == {
        "DATABASE_URL": "postgresql://shop:secret@127.0.0.1:5432/c",
        "SYNC_DATABASE_URL": "postgresql+psycopg://shop:secret@localhost/c",
    }


def test_a_file_is_recognised_by_what_is_in_it(tmp_path):
    (tmp_path / "shop.db").write_bytes(b"SQLite format 3\x00 and so on")
    (tmp_path / "notes.db").write_bytes(b"nothing of the kind")
    pointer = found({"SHOP_DB": "shop.db", "NOTES_DB": "notes.db", "HOME": str(tmp_path)}, tmp_path)
    assert pointer.variables == {"SHOP_DB": "shop.db"}


def test_a_bare_name_is_rewritten_when_it_is_that_of_the_named_database(tmp_path):
    pointer = found({"DB_NAME": "shop", "DB_HOST": "127.0.0.1"}, tmp_path, LOCAL, "DB_NAME")
    assert pointer.towards("shop_run") == {"DB_NAME": "shop_run"}
    assert pointer.address == LOCAL


def test_a_variable_that_is_not_set_takes_the_whole_address(tmp_path):
    pointer = found({}, tmp_path, "sqlite:///shop.db", "SHOP_URL")
    assert pointer.towards("/tmp/c.db") == {"SHOP_URL": "sqlite:////tmp/c.db"}


@pytest.mark.parametrize(("name", "value"), [("POSTGRES_DB", "c"), ("SHOP_DSN", LOCAL.removesuffix("shop") + "c")])
def test_a_part_that_is_not_set_takes_the_name_alone(tmp_path, name, value):
    assert found({}, tmp_path, LOCAL, name).towards("c") == {name: value}


def test_a_named_database_is_found_whatever_its_spelling(tmp_path):
    pointer = found({"A": "sqlite:///./shop.db", "B": "sqlite:///other.db"}, tmp_path, str(tmp_path / "shop.db"))
    assert list(pointer.variables) == ["A"]


@pytest.mark.parametrize(
    ("environment", "database", "variable", "words"),
    [
        ({"HOME": "/root", "CACHE": "redis://127.0.0.1/0"}, "", "", "in no variable of its environment"),
        ({"DATABASE_URL": "sqlite:///:memory:"}, "", "", "in no variable of its environment"),
        ({"A_DB": "sqlite:///a.db", "B_DB": "sqlite:///b.db"}, "", "", "several variables name databases (A_DB, B_DB)"),
        ({"A_DB": "sqlite:///a.db"}, "sqlite:///c.db", "", "no variable of the application's environment holds"),
        ({"DB_NAME": "shop"}, "", "DB_NAME", "it holds no address"),
        ({}, "", "SHOP_URL", "it is not set"),
        ({"DB_NAME": "store"}, LOCAL, "DB_NAME", "not the name of the database"),
    ],
)
def test_what_cannot_be_rewritten_is_refused_with_what_to_name(tmp_path, environment, database, variable, words):
    with pytest.raises(UsageError) as refusal:
        found(environment, tmp_path, database, variable)
    assert words in refusal.value.message
    assert "--database" in refusal.value.hint
    assert "secret" not in refusal.value.message + refusal.value.hint


def test_a_dotenv_file_is_read_as_its_readers_do(tmp_path):
    lines = ["# shop", "export DATABASE_URL='sqlite:///a#b.db'", 'NAME="x y" # words', "PORT = 80 # number", "no line"]
    (tmp_path / ".env").write_text("\n".join(lines))
    assert read_dotenv(tmp_path) == {"DATABASE_URL": "sqlite:///a#b.db", "NAME": "x y", "PORT": "80"}
    assert read_dotenv(tmp_path / "elsewhere") == {}
