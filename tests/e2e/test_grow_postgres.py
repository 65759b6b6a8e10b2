"""`nineam grow` through the front door, on PostgreSQL."""

import contextlib
import os
import secrets
import signal
import socket

import pytest

pytestmark = pytest.mark.postgres
SERVER = "postgresql://postgres@127.0.0.1:5432"
SHOP = """
CREATE TABLE users (id serial PRIMARY KEY, email varchar(80) NOT NULL UNIQUE, seen timestamptz);
CREATE TABLE orders (id bigserial PRIMARY KEY, user_id integer NOT NULL REFERENCES users ON DELETE CASCADE);
CREATE INDEX ON orders (user_id);
INSERT INTO users (email, seen) SELECT 'u' || n || '@shop.example', now() FROM generate_series(1, 50) n;
INSERT INTO orders (user_id) SELECT 1 + n % 50 FROM generate_series(1, 200) n;
"""


def ask(name, sql):
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(f"{SERVER}/{name}", autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def shop():
    """Return the name of a database with a shop in it; it and its clones are dropped at the end."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", 5432), 1):
        name = f"nineam_test_{secrets.token_hex(6)}"
        ask("postgres", f"CREATE DATABASE {name}")
        ask(name, SHOP)
        yield name
        for each in databases(name):
            ask("postgres", f"DROP DATABASE {each} WITH (FORCE)")
        return
    pytest.skip("no PostgreSQL on 127.0.0.1:5432")


def databases(name):
    found = ask("postgres", "SELECT datname FROM pg_database ORDER BY datname")
    return [each for (each,) in found if each.startswith(name)]


def test_a_clone_is_made_used_and_dropped(nineam, shop, tmp_path):
    url = f"postgresql+psycopg://postgres@127.0.0.1:5432/{shop}"
    outcome = nineam("grow", "--like", "users=5k", cwd=tmp_path, env={"DATABASE_URL": url})
    assert outcome.code == 0, outcome.err
    assert f"DATABASE_URL={url}_grown" in outcome.out
    assert ask(f"{shop}_grown", "SELECT count(*) FROM orders JOIN users ON users.id = user_id") == [(20_000,)]
    assert ask(shop, "SELECT count(*) FROM users") == [(50,)]
    nineam("grow", url, "--drop", "--name", shop, cwd=tmp_path).refuses(2, "there is no clone called", f"{shop}_grown")
    assert nineam("grow", url, "--drop", cwd=tmp_path).code == 0
    assert databases(shop) == [shop]


def test_a_password_is_never_shown(nineam, shop, tmp_path):
    url = f"postgresql://postgres:tell-nobody@127.0.0.1:5432/{shop}"
    outcome = nineam("grow", url, "--times", "2", "--json", "-", cwd=tmp_path)
    assert outcome.code == 0, outcome.err
    assert "tell-nobody" not in outcome.out + outcome.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_no_clone(start, until, shop, tmp_path, number):
    running = start("grow", f"{SERVER}/{shop}", "--rows", "50M", cwd=tmp_path)
    until(lambda: "orders (" in running.said())
    os.kill(running.pid, number)
    outcome = running.outcome()
    assert outcome.code == 130, outcome.err
    assert databases(shop) == [shop]


def test_what_a_kill_left_is_removed_by_the_next_one(start, until, nineam, shop, tmp_path):
    running = start("grow", f"{SERVER}/{shop}", "--rows", "50M", cwd=tmp_path)
    until(lambda: "orders (" in running.said())
    running.kill()
    part = f"{shop}_grown_part"
    assert databases(shop) == [shop, part]
    until(lambda: not ask("postgres", f"SELECT pid FROM pg_stat_activity WHERE datname = '{part}'"))
    assert nineam("grow", f"{SERVER}/{shop}", "--times", "2", cwd=tmp_path).code == 0
    assert databases(shop) == [shop, f"{shop}_grown"]
