"""What is watched beside a run: which port, which database, and what is said when there is none."""

import asyncio
import json
import os
import sqlite3
import sys
from contextlib import closing

import pytest

from nineam.monday.watches import NO_URL, database_of, port_of, watching
from nineam.store.reader import read
from nineam.store.writer import Writer

LOCAL = "postgresql://shop@127.0.0.1:5433/shop"


class Rows(list):
    def insert(self, table, rows):
        self.extend((table, *row) for row in rows)


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("http://127.0.0.1:8000", 8000), ("http://localhost", 80), ("https://[::1]/x", 443),
        ("http+unix://%2Ftmp%2Fapp.sock", None), ("http://192.0.2.7:8000", None), ("http://shop.test:8000", None),
    ],
)  # fmt: skip
def test_the_port_is_one_of_this_machine(url, port):
    assert port_of(url) == port


@pytest.mark.parametrize(
    ("named", "environment"),
    [(LOCAL, {}), ("", {"DATABASE_URL": LOCAL}), (LOCAL, {"DATABASE_URL": "postgresql://192.0.2.7/other"})],
    ids=["named", "in the environment", "named goes first"],
)
def test_a_database_of_this_machine_is_watched(named, environment):
    rows = Rows()
    found = database_of(rows, named, environment, "postgresql")
    assert (found.port, found.name, found.addresses) == (5433, "shop", ("127.0.0.1",))
    assert rows == []


def test_a_postgresql_that_nobody_names_is_said():
    rows = Rows()
    assert database_of(rows, "", {"PATH": "/bin"}, "postgresql") is None
    assert rows == [("notice", f"what the database's sessions do is not available here: {NO_URL}")]


def test_a_database_elsewhere_is_left_alone_and_said_without_its_password():
    rows = Rows()
    assert database_of(rows, "", {"DATABASE_URL": "postgresql://u:secret@192.0.2.7/shop"}, "") is None
    ((_, text),) = rows
    assert "192.0.2.7 is not this machine" in text
    assert "secret" not in text


@pytest.mark.parametrize("kind", ["", "sqlite", "mysql"])
def test_an_application_without_postgresql_hears_nothing_of_it(kind):
    rows = Rows()
    assert database_of(rows, "", {"DATABASE_URL": "sqlite:///shop.db"}, kind) is None
    assert rows == []


@pytest.mark.skipif(sys.platform != "linux", reason="most of it is Linux's")
def test_everything_is_watched_until_the_block_ends(tmp_path):
    path = tmp_path / "run.db"
    writer = Writer(path)

    def gauges():
        writer.commit()
        with closing(sqlite3.connect(path)) as db:
            return {name for (values,) in db.execute("SELECT gauges FROM gauge") for name in json.loads(values)}

    async def main():
        async with asyncio.timeout(30), watching(writer, lambda: [os.getpid()], list, "http://127.0.0.1:9", None):
            while not {"app.cpu_s", "system.steal_s"} <= gauges():
                await asyncio.sleep(0.02)

    asyncio.run(main())
    writer.close()
    assert read(path).gauges
