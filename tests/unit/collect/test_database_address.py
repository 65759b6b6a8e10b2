"""Whose sessions may be read: those of a PostgreSQL on this machine that the application names."""

import pytest

from nineam.collect.database_address import SOCKETS, address_of, in_environment
from nineam.collect.signals import NotHere

NAMES = {
    "localhost": ("127.0.0.1", "::1"), "127.0.0.1": ("127.0.0.1",), "::1": ("::1",), "db": ("10.0.0.5",),
    "half": ("127.0.0.1", "10.0.0.5"),
}  # fmt: skip


def resolver(host):
    if host not in NAMES:
        raise OSError
    return NAMES[host]


def read(url, environment=None):
    return address_of(url, environment or {}, resolver).parameters()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+asyncpg", "POSTGRESQL"])
def test_urls_of_all_libraries_are_read(scheme):
    assert read(f"{scheme}://shop:a%40b@localhost:5433/books?sslmode=disable") == {
        "host": "localhost,localhost", "hostaddr": "127.0.0.1,::1", "port": "5433", "dbname": "books",
        "user": "shop", "password": "a@b",
    }  # fmt: skip


def test_an_address_says_where_it_is_so_that_no_variable_decides():
    assert read("postgresql://[::1]/books") == {"host": "::1", "hostaddr": "::1", "port": "5432", "dbname": "books"}


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("postgresql:///books", SOCKETS),
        ("postgresql:///books?host=/run/pg", "/run/pg"),
        ("postgresql://%2Frun%2Fpg/books", "/run/pg"),
    ],
)
def test_a_socket_is_on_this_machine(url, host):
    assert read(url) == {"host": host, "port": "5432", "dbname": "books"}


@pytest.mark.parametrize("variable", ["PGHOSTADDR", "PGSERVICE"])
def test_a_variable_that_leads_elsewhere_is_not_followed(variable):
    with pytest.raises(NotHere, match=variable):
        read("postgresql:///books", {variable: "far"})
    assert read("postgresql://localhost/books", {variable: "far"})["hostaddr"] == "127.0.0.1,::1"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://u:secret@db/books", "db is not this machine"),
        ("postgresql://u:secret@half/books", "half is not this machine"),
        ("postgresql://u:secret@gone/books", "gone has no address"),
        ("postgresql://u:secret@localhost/books?host=db", "not this machine"),
        ("postgresql://u:secret@localhost/books?hostaddr=db", "not this machine"),
        ("postgresql://u:secret@a:1,b:2/books", "several hosts"),
        ("postgresql://u:secret@localhost:port/books", "several hosts"),
        ("mysql://u:secret@localhost/books", "not a postgresql:// URL"),
    ],
)
def test_what_is_not_on_this_machine_is_refused_without_a_word_of_the_password(url, words):
    with pytest.raises(NotHere, match=words) as caught:
        read(url)
    assert "secret" not in str(caught.value)


def test_the_usual_variable_goes_first_then_those_that_are_called_like_one():
    urls = {name: f"postgresql://localhost/{name}" for name in ("A", "Z_DATABASE", "DATABASE_URL")}
    assert in_environment(urls) == urls["DATABASE_URL"]
    del urls["DATABASE_URL"]
    assert in_environment(urls | {"OTHER": "redis://localhost"}) == urls["Z_DATABASE"]
    assert in_environment({"DATABASE_URL": "sqlite:///shop.db", "PATH": "/bin"}) == ""
