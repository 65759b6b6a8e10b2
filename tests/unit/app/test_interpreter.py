"""The application runs in its own interpreter, and a wrong one is said to be wrong."""

import sys
from pathlib import Path

import pytest

from nineam.app.interpreter import choose_interpreter
from nineam.errors import UsageError


def make_interpreter(path: Path, script: str = f'exec "{sys.executable}" "$@"') -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def make_venv(folder: Path) -> Path:
    path = make_interpreter(folder / "bin" / "python")
    (folder / "pyvenv.cfg").write_text("")
    return path


def test_the_flag_wins_then_the_active_venv_then_the_folders_then_nineams_own(tmp_path):
    assert choose_interpreter(None, {}, tmp_path).path == sys.executable
    plain = make_venv(tmp_path / "venv")
    assert choose_interpreter(None, {}, tmp_path).path == str(plain)
    hidden = make_venv(tmp_path / ".venv")
    assert choose_interpreter(None, {}, tmp_path).path == str(hidden)
    active = make_venv(tmp_path / "active")
    environ = {"VIRTUAL_ENV": str(tmp_path / "active")}
    assert choose_interpreter(None, environ, tmp_path).path == str(active)
    named = make_venv(tmp_path / "named")
    for spelling in (str(named), "named", "named/bin/python"):
        chosen = choose_interpreter(spelling, environ, tmp_path)
        assert (chosen.path, chosen.source) == (str(named), "--python")
    assert chosen.version == sys.version_info[:3]


def test_a_name_is_looked_for_on_the_path(tmp_path):
    named = make_interpreter(tmp_path / "bin" / "python9")
    assert choose_interpreter("python9", {"PATH": str(named.parent)}, tmp_path).path == str(named)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo python 3 8 18", r"is Python 3\.8\.18; .* 3\.9 and newer"),
        ("echo python 2 7 18", r"is Python 2\.7\.18"),
        ("echo hello", "not a working Python"),
        ("echo broken >&2; exit 9", r"not a working Python \(exit code 9\)"),
    ],
)
def test_an_interpreter_that_will_not_do_is_refused(tmp_path, script, message):
    make_interpreter(tmp_path / "python", script)
    with pytest.raises(UsageError, match=message):
        choose_interpreter("./python", {}, tmp_path)


def test_an_interpreter_that_is_not_there_or_not_executable_is_refused(tmp_path):
    (tmp_path / "text").write_text("no program")
    with pytest.raises(UsageError, match=r"is not executable|does not run"):
        choose_interpreter("./text", {}, tmp_path)
    with pytest.raises(UsageError, match="is not there"):
        choose_interpreter("nowhere", {"PATH": ""}, tmp_path)
    with pytest.raises(UsageError, match=r"\$VIRTUAL_ENV: no interpreter in"):
        choose_interpreter(None, {"VIRTUAL_ENV": str(tmp_path / "gone")}, tmp_path)
