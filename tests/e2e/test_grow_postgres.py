"""`nineam grow` through the front door, on PostgreSQL."""

import contextlib
import os
import secrets
import signal
import socket
import struct
import threading

import psutil
import pytest

from postgres_databases import SERVER, ask, databases, new_database

pytestmark = pytest.mark.postgres
SHOP = """
CREATE TABLE users (id serial PRIMARY KEY, email varchar(80) NOT NULL UNIQUE, seen timestamptz);
CREATE TABLE orders (id bigserial PRIMARY KEY, user_id integer NOT NULL REFERENCES users ON DELETE CASCADE);
CREATE INDEX ON orders (user_id);
INSERT INTO users (email, seen) SELECT 'u' || n || '@shop.example', now() FROM generate_series(1, 50) n;
INSERT INTO orders (user_id) SELECT 1 + n % 50 FROM generate_series(1, 200) n;
"""


@pytest.fixture
def shop():
    """Return the name of a database with a shop in it; it and its clones are dropped at the end."""
    with new_database(SHOP) as name:
        yield name


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


def test_a_connection_that_is_lost_leaves_no_clone(start, until, shop, tmp_path):
    running = start("grow", f"{SERVER}/{shop}", "--rows", "50M", cwd=tmp_path)
    until(lambda: "orders (" in running.said())
    part = f"{shop}_grown_part"
    ask("postgres", f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{part}'")
    running.outcome().refuses(3, "is the server still there")
    assert databases(shop) == [shop]


def test_somebody_who_uses_the_database_is_named(nineam, shop, tmp_path):
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(f"{SERVER}/{shop}", application_name="the shop") as connection:
        connection.execute("INSERT INTO users (email) VALUES ('now@shop.example')")
        nineam("grow", f"{SERVER}/{shop}", "--times", "2", cwd=tmp_path).refuses(
            2, "is in use", "the shop", "stop the application"
        )
    assert databases(shop) == [shop]


def test_a_disk_that_is_too_small_is_said_before(nineam, shop, tmp_path):
    nineam("grow", f"{SERVER}/{shop}", "--rows", "90b", cwd=tmp_path).refuses(
        2, "has room for", "the clone needs about"
    )
    assert databases(shop) == [shop]


def test_who_may_not_is_told_which_grant_is_missing(nineam, shop, tmp_path):
    role = f"nineam_role_{secrets.token_hex(4)}"
    ask("postgres", f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
    url = f"postgresql://{role}:secret@127.0.0.1:5432/{shop}"
    try:
        nineam("grow", url, "--times", "2", cwd=tmp_path).refuses(2, f'GRANT pg_read_all_data TO "{role}"')
        ask("postgres", f"GRANT pg_read_all_data TO {role}")
        nineam("grow", url, "--times", "2", cwd=tmp_path).refuses(2, f'ALTER ROLE "{role}" CREATEDB')
        ask("postgres", f"ALTER ROLE {role} CREATEDB")
        nineam("grow", url, "--times", "2", cwd=tmp_path).refuses(2, f'ALTER DATABASE "{shop}" OWNER TO "{role}"')
    finally:
        ask("postgres", f"DROP ROLE {role}")
    assert databases(shop) == [shop]


def test_what_a_kill_left_while_it_was_copied_is_removed_too(nineam, shop, tmp_path):
    part = f"{shop}_grown_part"
    ask("postgres", f"CREATE DATABASE {part} TEMPLATE {shop} CONNECTION LIMIT 909090")  # killed before the comment
    assert f"dropped {part}" in nineam("grow", f"{SERVER}/{shop}", "--drop", cwd=tmp_path).out
    ask("postgres", f"CREATE DATABASE {part} TEMPLATE {shop} CONNECTION LIMIT 909090")
    assert nineam("grow", f"{SERVER}/{shop}", "--times", "2", cwd=tmp_path).code == 0
    assert databases(shop) == [shop, f"{shop}_grown"]
    limit = f"SELECT datconnlimit FROM pg_database WHERE datname = '{shop}_grown'"
    assert ask("postgres", limit) == [(-1,)]


def test_a_database_of_somebody_elses_in_the_way_is_left_alone(nineam, shop, tmp_path):
    ask("postgres", f"CREATE DATABASE {shop}_grown_part")
    nineam("grow", f"{SERVER}/{shop}", "--times", "2", "--replace", cwd=tmp_path).refuses(
        2, f"{shop}_grown_part is in the way", "--name"
    )
    assert nineam("grow", f"{SERVER}/{shop}", "--drop", cwd=tmp_path).out == f"there are no clones of {shop}\n"
    assert databases(shop) == [shop, f"{shop}_grown_part"]


@pytest.mark.parametrize("after_s", [0.0, 0.4, 0.7, 1.0, 1.3, 1.6])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.slow
def test_whenever_it_is_ended_there_is_a_whole_clone_or_none(start, until, nineam, shop, tmp_path, after_s, number):
    running = start("grow", f"{SERVER}/{shop}", "--rows", "100k", cwd=tmp_path)
    with contextlib.suppress(psutil.TimeoutExpired):
        psutil.Process(running.pid).wait(after_s)
    with contextlib.suppress(ProcessLookupError):
        os.kill(running.pid, number)
    code = running.outcome().code
    part = f"{shop}_grown_part"
    until(lambda: not ask("postgres", f"SELECT pid FROM pg_stat_activity WHERE datname LIKE '{shop}%'"))
    if number != signal.SIGKILL:
        assert part not in databases(shop)
        assert f"{shop}_grown" in databases(shop) or code != 0
    if f"{shop}_grown" in databases(shop):
        assert ask(f"{shop}_grown", "SELECT count(*) FROM orders JOIN users ON users.id = user_id") == [(80_000,)]
    assert nineam("grow", f"{SERVER}/{shop}", "--times", "2", "--replace", cwd=tmp_path).code == 0
    assert databases(shop) == [shop, f"{shop}_grown"]


def test_the_original_is_sent_nothing_but_questions(nineam, shop, tmp_path):
    """What goes over the wire is written down: but for making clones, it is reading."""
    commands = (("--times", "3", "--dry-run"), ("--times", "3", "--fill", "9", "--check"))
    commands += (("--times", "2", "--replace"), ("--rows", "90b"), ("--drop",))
    with relay() as (port, said):
        url = f"postgresql://postgres@127.0.0.1:{port}/{shop}?sslmode=disable"
        codes = [nineam("grow", url, *each, cwd=tmp_path, env={"PGGSSENCMODE": "disable"}).code for each in commands]
    assert codes == [0, 0, 0, 2, 0]
    statements = [" ".join(text.split()) for database, text in said if database == shop]
    assert any(text.startswith("CREATE DATABASE") for text in statements)
    part, clone = f'"{shop}_grown_part"', f'"{shop}_grown"'
    made = (f"{verb} DATABASE {name}" for verb in ("CREATE", "COMMENT ON", "ALTER", "DROP") for name in (part, clone))
    allowed = ("SELECT", "SHOW", "BEGIN", "ROLLBACK", "COMMIT", *made)
    others = [text for text in statements if not text.startswith(allowed)]
    assert others == []
    assert all("READ ONLY" in text for text in statements if text.startswith("BEGIN"))


@contextlib.contextmanager
def relay():
    """Pass on what is said to PostgreSQL, and write down each statement with the database it is said to."""
    said, threads = [], []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    client = listener.accept()[0]
                    server = socket.create_connection(("127.0.0.1", 5432))
                    for target, arguments in ((listen, (client, server, said)), (copy, (server, client))):
                        threads.append(threading.Thread(target=target, args=arguments, daemon=True))
                        threads[-1].start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1], said
        listener.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join(5)


def copy(source, target):
    with contextlib.suppress(OSError), source, target:
        while data := source.recv(65536):
            target.sendall(data)


def listen(client, server, said):
    with contextlib.suppress(OSError), client, server, client.makefile("rb") as stream:
        size = stream.read(4)
        rest = stream.read(struct.unpack("!i", size)[0] - 4)
        server.sendall(size + rest)
        settings = rest[4:].split(b"\0")
        database = dict(zip(settings[::2], settings[1::2], strict=False))[b"database"].decode()
        while head := stream.read(5):
            body = stream.read(struct.unpack("!i", head[1:])[0] - 4)
            if head[:1] == b"Q":
                said.append((database, body[:-1].decode()))
            if head[:1] == b"P":
                said.append((database, body.split(b"\0")[1].decode()))
            server.sendall(head + body)
        server.shutdown(socket.SHUT_RDWR)


def test_a_server_that_is_too_old_is_named(nineam, tmp_path):
    with old_server() as port:
        nineam("grow", f"postgresql://127.0.0.1:{port}/shop", "--times", "2", cwd=tmp_path).refuses(
            2, "PostgreSQL 9 is too old, expected 12 or newer"
        )


@contextlib.contextmanager
def old_server():
    """Say what PostgreSQL 9.6 says to somebody who connects, and no more."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=greet, args=(listener,), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
    thread.join(5)


def greet(listener):
    with contextlib.suppress(OSError), listener.accept()[0] as peer:
        peer.settimeout(5)
        while struct.unpack("!i", peer.recv(8)[4:8])[0] in (80877103, 80877104):  # may it be encrypted?
            peer.sendall(b"N")
        peer.recv(1024)
        parameters = {"server_version": "9.6.24", "client_encoding": "UTF8", "standard_conforming_strings": "on"}
        told = b"".join(message(b"S", f"{name}\0{value}\0".encode()) for name, value in parameters.items())
        peer.sendall(message(b"R", struct.pack("!i", 0)) + told + message(b"Z", b"I"))
        peer.recv(1024)


def message(kind, body):
    return kind + struct.pack("!i", len(body) + 4) + body


def test_what_a_kill_left_is_removed_by_the_next_one(start, until, nineam, shop, tmp_path):
    running = start("grow", f"{SERVER}/{shop}", "--rows", "50M", cwd=tmp_path)
    until(lambda: "orders (" in running.said())
    running.kill()
    part = f"{shop}_grown_part"
    assert databases(shop) == [shop, part]
    until(lambda: not ask("postgres", f"SELECT pid FROM pg_stat_activity WHERE datname = '{part}'"))
    assert nineam("grow", f"{SERVER}/{shop}", "--times", "2", cwd=tmp_path).code == 0
    assert databases(shop) == [shop, f"{shop}_grown"]
