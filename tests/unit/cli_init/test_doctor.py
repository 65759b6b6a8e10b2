"""`nineam doctor`: what is fine, what is less, what is broken, and what to do about it."""

import resource
from pathlib import Path

import pytest

from nineam.cli import checks
from nineam.cli.checks import Check
from nineam.cli.doctor import line
from nineam.cli.project_checks import judged, project


def by_name(found):
    return {check.name: check for check in found}


def test_a_usable_project_ends_with_zero_and_says_everything(nineam, books, monkeypatch):
    monkeypatch.setattr(checks, "SELF_TEST_S", 0.2)
    outcome = nineam("doctor", "--cwd", str(books))
    assert outcome.code == 0, outcome.out
    for name in ("cores", "open files", "ports", "processes", "loopback", "generator"):
        assert name in outcome.out
    for name in ("interpreter", "agent", "application", "server"):
        assert f"✓ {name}" in outcome.out
    assert "requests/s against a stub" in outcome.out
    assert "main:app: fastapi" in outcome.out


def test_something_broken_ends_with_99_and_the_next_step(nineam, books, monkeypatch):
    monkeypatch.setattr("nineam.cli.doctor.MACHINE", ())
    outcome = nineam("doctor", "main:ap", "--cwd", str(books))
    assert outcome.code == 99
    assert "✗ application" in outcome.out
    assert "did you mean main:app?" in outcome.out
    assert "1 to mend first" in outcome.out


def test_a_folder_without_an_application_is_no_fault(tmp_path: Path, monkeypatch):
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    found = by_name(project(tmp_path, None, None))
    assert found["application"].state == "limited"
    assert found["interpreter"].state == "fine"


def test_wrong_settings_are_named_before_anything_else(tmp_path: Path):
    (tmp_path / "nineam.toml").write_text("usrs = 3\n")
    (only,) = project(tmp_path, None, None)
    assert (only.name, only.state) == ("settings", "broken")
    assert "usrs" in only.said


def test_an_interpreter_that_is_not_there_ends_the_questions(tmp_path: Path):
    (only,) = project(tmp_path, None, "no/such/python")
    assert (only.name, only.state) == ("interpreter", "broken")


def test_an_own_command_is_not_imported(tmp_path: Path, python):
    (tmp_path / "nineam.toml").write_text('command = ["gunicorn", "shop:app"]\n')
    assert by_name(project(tmp_path, None, python))["application"].said == "started by gunicorn shop:app"


def test_hooks_are_really_tried_in_the_application_s_interpreter(tmp_path: Path, python):
    agent = by_name(project(tmp_path, None, python))["agent"]
    assert agent.state == "fine", agent
    assert "sqlalchemy" in agent.said
    assert "fastapi" in agent.said


def test_an_agent_that_is_turned_off_is_seen(tmp_path: Path, python, monkeypatch):
    monkeypatch.setenv("NINEAM_AGENT", "off")
    assert by_name(project(tmp_path, None, python))["agent"].state == "limited"


def test_a_hook_that_does_not_fit_is_named_with_what_it_means():
    check = judged({"sqlite3.dbapi2": "active", "pydantic.main": "failed: AttributeError: model_dump"})
    assert check.state == "limited"
    assert "not pydantic.main" in check.said
    assert "sqlite3" in check.said


@pytest.mark.parametrize(("limit", "state"), [(256, "limited"), (4096, "fine"), (resource.RLIM_INFINITY, "fine")])
def test_few_open_files_limit_the_users(limit, state):
    assert checks.open_files(limit).state == state


@pytest.mark.parametrize(
    ("text", "state"), [("32768\t60999\n", "fine"), ("60000 60999", "limited"), ("garbage", "fine"), ("", "fine")]
)
def test_few_ports_limit_the_connections(tmp_path: Path, text, state):
    file = tmp_path / "range"
    file.write_text(text)
    assert checks.ports(file).state == state


def test_the_loopback_is_measured():
    assert 0 < checks.round_trip_us(20) < 1_000_000


def test_what_was_seen_cannot_command_the_terminal():
    assert "\x1b[2J" not in line(Check(name="application", state="fine", said="main\x1b[2J:app"))


def test_advice_stands_beneath_its_line():
    first, second = line(Check(name="cores", state="limited", said="1", advice="get two")).splitlines()
    assert "cores" in first
    assert second.strip() == "get two"
