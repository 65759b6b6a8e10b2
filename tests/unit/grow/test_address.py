"""Where a database is, as people and frameworks write it; and that it is on this machine."""

import pytest

from nineam.cli.grow_target import find_database
from nineam.errors import UsageError
from nineam.grow.address import parse_address


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("shop.db", "shop.db"),
        ("./data/shop.sqlite3", "./data/shop.sqlite3"),
        ("sqlite:///shop.db", "shop.db"),
        ("sqlite:////var/lib/shop.db", "/var/lib/shop.db"),
        ("sqlite+aiosqlite:///a%20b.db?timeout=5", "a b.db"),
    ],
)
def test_files(text, path):
    assert parse_address(text, {}).path == path


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+asyncpg", "postgis"])
def test_postgresql_urls(scheme):
    address = parse_address(
        f"{scheme}://ann:s%40e@127.0.0.1:5433/shop?sslmode=disable&prepared_statement_cache_size=0", {}
    )
    assert address.scheme == scheme
    expected = {"user": "ann", "password": "s@e", "host": "127.0.0.1", "port": "5433", "dbname": "shop"}
    assert address.parameters == expected | {"sslmode": "disable"}
    assert address.hosts == ("127.0.0.1",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("oracle://ann@127.0.0.1/shop", "oracle is not supported yet"),
        ("mysql://root@127.0.0.1", "names no database"),
        ("mysql://root@127.0.0.1:port/shop", "cannot be read"),
        ("http://127.0.0.1/shop", "nothing is known of http"),
        ("postgresql://127.0.0.1:port/shop", "cannot be read"),
        ("postgresql:///shop?service=live", "may lead anywhere"),
    ],
)
def test_what_is_no_database_to_grow(text, says):
    with pytest.raises(UsageError, match=says):
        parse_address(text, {})


def near(host):
    return {"localhost": ("127.0.0.1", "::1"), "127.0.0.1": ("127.0.0.1",)}.get(host, ("203.0.113.9",))


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://db.example/shop",
        "postgresql:///shop?host=db.example",
        "postgresql://localhost/shop?hostaddr=203.0.113.9",
        "postgresql://localhost,db.example/shop",
        "mysql+pymysql://root@db.example/shop",
    ],
)
def test_a_host_beyond_this_machine_is_refused_wherever_it_hides(tmp_path, text):
    with pytest.raises(UsageError, match="is not this machine"):
        find_database(text, (), tmp_path, {}, near)


def test_the_environment_may_name_a_host_too(tmp_path):
    with pytest.raises(UsageError, match=r"db\.example is not this machine"):
        find_database("postgresql:///shop", (), tmp_path, {"PGHOST": "db.example"}, near)


def test_a_host_needs_the_settings_and_the_flag(tmp_path):
    text = "postgresql://db.example/shop"
    with pytest.raises(UsageError, match="is not this machine"):
        find_database(text, ("db.example",), tmp_path, {}, near)
    (tmp_path / "nineam.toml").write_text('allow_targets = ["db.example"]')
    with pytest.raises(UsageError, match="is not this machine"):
        find_database(text, (), tmp_path, {}, near)
    assert find_database(text, ("db.example",), tmp_path, {}, near).parameters["host"] == "db.example"


def test_without_a_name_it_is_the_application_s(tmp_path):
    assert find_database("", (), tmp_path, {"DATABASE_URL": "sqlite:///own.db"}, near).path == "own.db"
    (tmp_path / "nineam.toml").write_text('[env]\nDATABASE_URL = "sqlite:///settings.db"')
    assert find_database("", (), tmp_path, {"DATABASE_URL": "sqlite:///own.db"}, near).path == "settings.db"
    with pytest.raises(UsageError, match="which database"):
        find_database("", (), tmp_path / "..", {}, near)
