"""`nineam trial` refuses what it cannot do before anything starts, and says what would be right."""

import pytest

USAGE = 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["databse-down"], ["databse-down", "did you mean database-down", "hint"]),
        (["surge", "--all"], ["--all"]),
        (["http://127.0.0.1:8000"], ["start and end the application themselves", "nineam trial -- COMMAND"]),
        (["main:app", "other:app"], ["2 targets"]),
        (["--time", "soon"], ["--time", "soon"]),
        (["--json", "nowhere/out.json"], ["--json", "no directory"]),
        (["--upstream", "database"], ["--upstream", "NAME=HOST:PORT"]),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_wrong_words_are_refused_with_the_right_ones(nineam, tmp_path, arguments, words):
    nineam("trial", *arguments, cwd=tmp_path).refuses(USAGE, *words)


def test_the_trials_are_listed_without_running_any(nineam, tmp_path):
    outcome = nineam("trial", "--list", cwd=tmp_path)
    assert outcome.code == 0
    assert "silent-stall" in outcome.out
    assert "(with --all)" in outcome.out
