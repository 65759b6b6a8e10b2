"""`nineam grow` through the front door, on MySQL or MariaDB."""

import contextlib
import os
import secrets
import signal

import pytest

pymysql = pytest.importorskip("pymysql")
SHOP = (
    "CREATE TABLE users (id int AUTO_INCREMENT PRIMARY KEY, email varchar(80) NOT NULL UNIQUE, team varchar(9))",
    "CREATE TABLE orders (id bigint AUTO_INCREMENT PRIMARY KEY, user_id int NOT NULL, FOREIGN KEY (user_id) "
    "REFERENCES users (id))",
    "CREATE TABLE carts (id int AUTO_INCREMENT PRIMARY KEY, user_id int, FOREIGN KEY (user_id) REFERENCES users (id))",
)
USERS, ORDERS = 50, 200


def ask(sql, parameters=None, many=False):
    with contextlib.closing(pymysql.connect(host="127.0.0.1", user="root", autocommit=True)) as connection:
        cursor = connection.cursor()
        (cursor.executemany if many else cursor.execute)(sql, parameters)
        return list(cursor.fetchall())


@pytest.fixture
def shop():
    """Return the name of a database with a shop in it; it and its clones are dropped at the end."""
    name = f"nineam_test_{secrets.token_hex(6)}"
    try:
        ask(f"CREATE DATABASE {name}")
    except pymysql.err.OperationalError as error:
        pytest.skip(f"no MySQL on 127.0.0.1:3306: {error}")
    for statement in SHOP:
        ask(statement.replace("TABLE ", f"TABLE {name}."))
    people = [(f"u{n}@shop.example", ["red", None][n % 2]) for n in range(USERS)]
    ask(f"INSERT INTO {name}.users (email, team) VALUES (%s, %s)", people, many=True)
    ask(f"INSERT INTO {name}.orders (user_id) VALUES (%s)", [(1 + n % USERS,) for n in range(ORDERS)], many=True)
    yield name
    for each in databases(name):
        ask(f"DROP DATABASE {each}")


def databases(name):
    return sorted(each for (each,) in ask("SHOW DATABASES") if each.startswith(name))


def url(name, user="root"):
    return f"mysql+pymysql://{user}@127.0.0.1:3306/{name}"


def test_a_clone_is_made_checked_and_dropped(nineam, shop, tmp_path):
    outcome = nineam("grow", url(shop), "--times", "30", "--check", cwd=tmp_path)
    assert outcome.code == 0, outcome.err
    assert f"DATABASE_URL={url(shop)}_grown" in outcome.out
    assert "apart: " not in outcome.out
    joined = f"SELECT count(*) FROM {shop}_grown.orders o JOIN {shop}_grown.users u ON u.id = o.user_id"
    assert ask(joined) == [(ORDERS * 30,)]
    assert ask(f"SELECT count(*) FROM {shop}.users") == [(USERS,)]
    nineam("grow", url(shop), "--times", "2", cwd=tmp_path).refuses(2, "there is a clone already", "--replace")
    nineam("grow", url(shop), "--drop", "--name", shop, cwd=tmp_path).refuses(2, "there is no clone called")
    assert nineam("grow", url(shop), "--drop", cwd=tmp_path).code == 0
    assert databases(shop) == [shop]


def test_a_disk_that_is_too_small_is_said_before(nineam, shop, tmp_path):
    if not os.access(ask("SELECT @@datadir")[0][0], os.F_OK):
        pytest.skip("the server's disk is not to be seen from here")
    nineam("grow", url(shop), "--rows", "90b", cwd=tmp_path).refuses(2, "has room for", "the clone needs about")
    assert databases(shop) == [shop]


def test_who_may_not_is_told_which_grant_is_missing(nineam, shop, tmp_path):
    user = f"nineam_{secrets.token_hex(4)}"
    ask(f"CREATE USER '{user}'@'%' IDENTIFIED BY 'secret'")
    try:
        ask(f"GRANT SELECT ON {shop}.* TO '{user}'@'%'")
        nineam("grow", url(shop, f"{user}:secret"), "--times", "2", cwd=tmp_path).refuses(
            2, f"GRANT ALL ON `{shop}_grown`.* TO '{user}'@'%'"
        )
    finally:
        ask(f"DROP USER '{user}'@'%'")
    assert databases(shop) == [shop]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_no_clone(start, until, shop, tmp_path, number):
    running = start("grow", url(shop), "--rows", "50M", cwd=tmp_path)
    until(lambda: "orders (" in running.said())
    os.kill(running.pid, number)
    outcome = running.outcome()
    assert outcome.code == 130, outcome.err
    assert databases(shop) == [shop]


def test_a_connection_that_is_lost_leaves_no_clone(start, until, shop, tmp_path):
    running = start("grow", url(shop), "--rows", "50M", cwd=tmp_path)
    until(lambda: "orders (" in running.said())
    for (number,) in at_work(shop):
        ask(f"KILL {number}")
    running.outcome().refuses(3, "is the server still there")
    assert databases(shop) == [shop]


def test_what_a_kill_left_is_removed_by_the_next_one_and_nobody_works_on_it_before(
    start, until, nineam, shop, tmp_path
):
    running = start("grow", url(shop), "--rows", "50M", cwd=tmp_path)
    until(lambda: "orders (" in running.said())
    nineam("grow", url(shop), "--times", "2", cwd=tmp_path).refuses(2, "is in use", "--name")
    running.kill()
    assert databases(shop) == [shop, f"{shop}_grown"]
    for (number,) in at_work(shop):
        with contextlib.suppress(pymysql.err.OperationalError):  # it has noticed by itself
            ask(f"KILL {number}")
    until(lambda: not at_work(shop))
    assert nineam("grow", url(shop), "--times", "2", cwd=tmp_path).code == 0
    assert ask(f"SELECT count(*) FROM {shop}_grown.users") == [(USERS * 2,)]


def at_work(name):
    return ask("SELECT id FROM information_schema.processlist WHERE db = %s", (f"{name}_grown",))
