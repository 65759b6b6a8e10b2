"""A run file that is no run file, or only half of one, is refused; it never makes nineam fall over."""

import contextlib
import io
import random
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nineam.cli.main import main
from nineam.store.writer import FORMAT


def test_a_run_file_that_is_not_there_says_where_runs_are_kept(refused):
    refused("report", "nothing.db", says=("no run file at nothing.db", ".nineam/"))


def test_a_report_without_any_runs_says_how_to_make_one(refused):
    refused("report", says=("there are no runs in .nineam/", "nineam demo"))


def test_a_file_of_something_else_is_refused(refused, project):
    refused("report", "plain_asgi.py", says=("plain_asgi.py is not a run file",), hint=False)


def test_an_empty_file_is_refused(refused, project):
    (project / "empty.db").touch()
    refused("report", "empty.db", says=("empty.db", f"format 0, expected {FORMAT}"))


def test_a_directory_is_refused(refused, project):
    refused("report", ".", says=("no run file at .",))


def test_a_database_of_somebody_else_is_refused(refused, project):
    with contextlib.closing(sqlite3.connect(project / "other.db")) as database:
        database.execute("CREATE TABLE cats (name TEXT)")
        database.execute(f"PRAGMA user_version = {FORMAT}")
        database.commit()
    refused("report", "other.db", says=("other.db is not a run file",), hint=False)


def test_a_run_file_of_another_format_is_refused_with_both_versions(refused, project, finished):
    copy = project / "future.db"
    copy.write_bytes(finished[1].read_bytes())
    with contextlib.closing(sqlite3.connect(copy)) as database:
        database.execute("PRAGMA user_version = 99")
    refused("report", "future.db", says=(f"future.db has format 99, expected {FORMAT}", "run again"))


def test_a_run_file_cut_anywhere_is_refused_at_the_front_door(nineam, tmp_path, finished):
    whole = finished[1].read_bytes()
    for length in sorted(random.Random(9).sample(range(1, len(whole)), 6)):
        (tmp_path / "cut.db").write_bytes(whole[:length])
        outcome = nineam("report", "cut.db", cwd=tmp_path)
        outcome.refuses(2, "cut.db", hint=False)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_a_run_file_that_was_cut_or_damaged_anywhere_is_read_or_refused_but_never_a_bug(tmp_path, finished, data):
    damaged = bytearray(finished[1].read_bytes())
    del damaged[data.draw(st.integers(1, len(damaged)), label="kept") :]
    for at in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=40), label="damaged at"):
        damaged[at] = data.draw(st.integers(0, 255))
    code, said = _report(tmp_path / "damaged.db", bytes(damaged))
    assert code in {0, 2}, said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE load SET stats = '{}'",
        "UPDATE load SET stats = 'nonsense'",
        "UPDATE load SET stats = '[1, 2]'",
        "UPDATE meta SET value = 'nonsense'",
        "UPDATE meta SET value = '3'",
        "UPDATE meta SET value = 'null'",
        "DELETE FROM meta",
        "DELETE FROM phase",
        "DELETE FROM name",
        "UPDATE phase SET kind = 'tuesday'",
        "UPDATE phase SET end_ns = NULL, held = NULL",
        "UPDATE phase SET end_ns = 'late'",
        "UPDATE gauge SET gauges = '[]'",
        "DROP TABLE load",
        "DROP TABLE phase",
    ],
)
def test_a_run_file_with_wrong_content_is_read_or_refused_but_never_a_bug(tmp_path, finished, statement):
    copy = tmp_path / "edited.db"
    copy.write_bytes(finished[1].read_bytes())
    with contextlib.closing(sqlite3.connect(copy)) as database:
        database.execute(statement)
        database.commit()
    code, said = _report(copy, copy.read_bytes())
    assert code in {0, 2}, said
    assert "Traceback" not in said


def _report(file: Path, content: bytes) -> tuple[int, str]:
    """Call `nineam report` in this process: fast enough for many files."""
    file.write_bytes(content)
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main(["report", str(file)])
    return code, said.getvalue()
