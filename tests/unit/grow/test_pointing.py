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


@pytest.mark.parametrize(
    ("environment", "variable", "address"),
    [
        (
            {"POSTGRES_SERVER": "localhost", "POSTGRES_PORT": "5433", "POSTGRES_USER": "app",
             "POSTGRES_PASSWORD": "p@s", "POSTGRES_DB": "shop"},
            "POSTGRES_DB", "postgresql://app:p%40s@localhost:5433/shop",
        ),
        ({"PGDATABASE": "shop", "PGUSER": "app"}, "PGDATABASE", "postgresql://app@127.0.0.1/shop"),
        ({"db_name": "shop", "db_host": "127.0.0.1", "DB_PORT": "3306"}, "db_name", "mysql://127.0.0.1:3306/shop"),
        (
            {"APP_DB_ENGINE": "django.db.backends.mysql", "APP_DB_NAME": "shop", "APP_DB_HOST": "127.0.0.1"},
            "APP_DB_NAME", "mysql://127.0.0.1/shop",
        ),
        (
            {"TEST_POSTGRES_DB": "t", "TEST_POSTGRES_USER": "t", "MYSQL_DATABASE": "shop", "MYSQL_HOST": "127.0.0.1"},
            "MYSQL_DATABASE", "mysql://127.0.0.1/shop",
        ),
    ],
)  # fmt: skip
def test_parts_are_put_together_and_only_the_name_changes(tmp_path, environment, variable, address):
    pointer = found(environment, tmp_path)
    assert (pointer.address, pointer.variable) == (address, variable)
    assert pointer.towards("c") == {variable: "c"}
    assert found(environment, tmp_path, variable=variable) == pointer


@pytest.mark.parametrize(
    "environment",
    [
        {"DB_NAME": "shop", "DB_HOST": "127.0.0.1"},
        {"POSTGRES_DB": "shop"},
        {"NAME": "me", "USER": "me", "HOST": "here"},
        {"APPGROUP_DB_NAME": "shop", "APPGROUP_DB_USER": "me"},
    ],
)
def test_parts_that_do_not_say_where_or_what_it_is_lead_nowhere(tmp_path, environment):
    with pytest.raises(UsageError, match="in no variable of its environment") as refusal:
        found(environment, tmp_path)
    named = next((name for name in environment if name.endswith(("_DB", "DB_NAME"))), "")
    asked = f"{named} holds a name; say where that database is: --database-variable {named} --database postgresql://"
    assert (asked in refusal.value.hint) == bool(named)


def test_parts_of_two_databases_are_refused_until_one_is_named(tmp_path):
    environment = {"PGDATABASE": "a", "PGHOST": "127.0.0.1", "MYSQL_DATABASE": "b", "MYSQL_HOST": "127.0.0.1"}
    with pytest.raises(UsageError, match="several variables"):
        found(environment, tmp_path)
    assert found(environment, tmp_path, variable="MYSQL_DATABASE").address == "mysql://127.0.0.1/b"


def test_the_nearest_dotenv_counts_up_to_the_repository_or_beneath_home(tmp_path):
    inner = tmp_path / "home" / "repository" / "backend" / "app"
    inner.mkdir(parents=True)
    home = tmp_path / "home"
    (tmp_path / ".env").write_text("A=outside")
    (home / ".env").write_text("A=home")
    assert read_dotenv(inner, home) == {}
    assert read_dotenv(home, home) == {"A": "home"}
    (home / "repository" / ".env").write_text("A=project")
    assert read_dotenv(inner, home) == {"A": "project"}
    assert read_dotenv(inner) == {}
    (home / "repository" / "backend" / ".git").mkdir()
    assert read_dotenv(inner, home) == {}
    (home / "repository" / "backend" / ".env").write_text("A=repository")
    assert read_dotenv(inner) == {"A": "repository"}
    (inner / ".env").write_text("A=own")
    assert read_dotenv(inner) == {"A": "own"}
