"""A real PostgreSQL is looked at over a connection of nineam's own: who is idle in a transaction, who blocks whom."""

import asyncio
import contextlib
import os
import sys
import threading
import uuid

import pytest

from nineam.collect import sessions
from nineam.collect.database_address import address_of
from nineam.collect.sessions import SessionWatch
from nineam.store.reader import read
from nineam.store.writer import Writer

psycopg = pytest.importorskip("psycopg", reason="the library that reads the sessions")
pytestmark = pytest.mark.postgres
SERVER = {"host": "127.0.0.1", "user": "postgres", "connect_timeout": 3}


@pytest.fixture(scope="module")
def database():
    name = f"nineam_sessions_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    try:
        server = psycopg.connect(**SERVER, dbname="postgres", autocommit=True)
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL on 127.0.0.1:5432")
    with server:
        server.execute(f"CREATE DATABASE {name}")
        with psycopg.connect(**SERVER, dbname=name, autocommit=True) as made:
            made.execute("CREATE TABLE stock (id int PRIMARY KEY, n int); INSERT INTO stock VALUES (1, 1)")
        yield name
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def run_file(tmp_path):
    return tmp_path / "run.db"


def watched(path, address, until):
    """Watch until what is in the run file satisfies `until`; the run file, closed."""
    writer = Writer(path)

    async def main():
        task = asyncio.create_task(SessionWatch(writer, address).run())
        async with asyncio.timeout(30):
            while not task.done() and not until(seen(writer, path)):
                await asyncio.sleep(0.02)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(main())
    writer.close()
    return read(path)


def seen(writer, path):
    writer.commit()
    return read(path)


def lasted(run, ms):
    return any(gauge.values["db.oldest_transaction_ms"] > ms for gauge in run.gauges)


def test_an_idle_transaction_and_who_waits_for_it_are_seen(database, run_file):
    address = address_of(f"postgresql://postgres@127.0.0.1/{database}", {})
    with (
        psycopg.connect(**SERVER, dbname=database) as holder,
        psycopg.connect(**SERVER, dbname=database) as waiter,
    ):
        holder.execute("UPDATE stock SET n = n + 1 WHERE id = 1 AND 'secret' <> ''")
        waiting = threading.Thread(target=waiter.execute, args=("DELETE FROM stock WHERE id = 1",))
        waiting.start()
        run = watched(run_file, address, lambda run: run.blocked and lasted(run, 200))
        holder.rollback()
        waiting.join()
    first = run.blocked[0]
    assert (first.waiting, first.holding) == (
        "DELETE FROM stock WHERE id = ?",
        "UPDATE stock SET n = n + ? WHERE id = ? AND ? <> ?",
    )
    assert (first.state, first.sessions) == ("idle in transaction", 1)
    values = run.gauges[-1].values
    assert (values["db.sessions"], values["db.idle_in_transaction"], values["db.wait_lock"]) == (2, 1, 1)
    longest = next(each for each in run.transactions if each.statement.startswith("UPDATE"))
    assert longest.looks >= 2
    assert 100 < longest.idle_ms <= longest.ms
    assert (longest.blocking, longest.waiting) == (1, 0)
    assert run.notices == ()


def test_what_nineam_itself_does_there_is_not_counted(database, run_file):
    address = address_of(f"postgresql://postgres@127.0.0.1/{database}", {})
    run = watched(run_file, address, lambda run: len(run.gauges) >= 3)
    assert {gauge.values["db.sessions"] for gauge in run.gauges} == {0}
    assert run.transactions == ()


def test_a_database_that_refuses_is_said_with_its_reason_and_without_the_password(run_file):
    address = address_of("postgresql://postgres:secret@127.0.0.1/nineam_there_is_none", {})
    run = watched(run_file, address, lambda run: False)
    (notice,) = run.notices
    assert notice.startswith("what the database's sessions do is not available here: ")
    assert "nineam_there_is_none" in notice
    assert "secret" not in notice


def test_nobody_at_the_port_is_said(run_file, free_port):
    run = watched(run_file, address_of(f"postgresql://127.0.0.1:{free_port()}/shop", {}), lambda run: False)
    assert "refused" in run.notices[0]


def test_without_the_library_it_is_said_how_to_get_it(run_file, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    run = watched(run_file, address_of("postgresql://127.0.0.1/shop", {}), lambda run: False)
    assert "pip install 'nineam[postgres]'" in run.notices[0]
    assert sessions.WHAT in run.notices[0]
