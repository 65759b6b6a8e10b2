"""Whether an SQLite clone was used is told by its file, and a file nobody read is no proof."""

import contextlib
import sqlite3

import pytest

from nineam.grow.use_sqlite import SqliteWitness


@pytest.fixture
def clone(tmp_path):
    path = tmp_path / "clone.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (n)")
    return path


def test_reading_it_is_proof(clone):
    witness = SqliteWitness(clone)
    witness.begin()
    with contextlib.closing(sqlite3.connect(clone)) as connection:
        connection.execute("SELECT * FROM t").fetchall()
        witness.look()
    proven, words = witness.tell()
    assert proven, words


def test_nobody_there_is_no_proof(clone):
    witness = SqliteWitness(clone)
    witness.begin()
    witness.look()
    proven, words = witness.tell()
    assert not proven
    assert "nobody" in words


def test_a_clone_that_is_gone_is_no_proof(tmp_path):
    witness = SqliteWitness(tmp_path / "gone.db")
    witness.begin()
    witness.look()
    assert not witness.tell()[0]
