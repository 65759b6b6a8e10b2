"""Databases of their own for tests, on the PostgreSQL server of this machine."""

import contextlib
import secrets
import socket

import pytest

SERVER = "postgresql://postgres@127.0.0.1:5432"


def ask(name, *statements):
    """Execute statements in a database, each by itself; the rows of the last one."""
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(f"{SERVER}/{name}", autocommit=True) as connection:
        for each in statements:
            cursor = connection.execute(each)
        return cursor.fetchall() if cursor.description else []


@contextlib.contextmanager
def new_database(tables):
    """Give the name of a new database with these tables; it and what was made of it are dropped at the end."""
    pytest.importorskip("psycopg")
    try:
        socket.create_connection(("127.0.0.1", 5432), 1).close()
    except OSError:
        pytest.skip("no PostgreSQL on 127.0.0.1:5432")
    name = f"nineam_test_{secrets.token_hex(6)}"
    ask("postgres", f"CREATE DATABASE {name}")
    try:
        ask(name, tables)
        yield name
    finally:
        for each in databases(name):
            ask("postgres", f"DROP DATABASE {each} WITH (FORCE)")


def databases(name):
    """Name the databases whose names begin so."""
    found = ask("postgres", "SELECT datname FROM pg_database ORDER BY datname")
    return [each for (each,) in found if each.startswith(name)]
