"""A file of the user's that is wrong is named with its line, what was expected there and the next step."""

import pytest

TARGET = "plain_asgi:app"


def test_an_unknown_setting_is_refused_with_the_nearest_one(refused, project):
    (project / "nineam.toml").write_text("user = 3\n")
    refused("run", TARGET, says=(str(project / "nineam.toml"), "no setting 'user'", "did you mean users?"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('users = "nine"', ("Expected `int", "got `str`", "$.users")),
        ("env = { A = 1 }", ("Expected `str", "got `int`", "$.env")),
    ],
)
def test_a_setting_of_the_wrong_type_is_refused_with_got_and_expected(refused, project, line, words):
    (project / "nineam.toml").write_text(line + "\n")
    refused("run", TARGET, says=(str(project / "nineam.toml"), *words))


def test_settings_that_are_not_toml_are_refused_with_the_line(refused, project):
    (project / "nineam.toml").write_text("users = 3\nrate = = 4\n")
    refused("run", TARGET, says=(str(project / "nineam.toml"), "not TOML", "line 2"))


def test_settings_that_are_not_text_are_refused(refused, project):
    (project / "nineam.toml").write_bytes(b"\xff\xfe\x00")
    refused("run", TARGET, says=(str(project / "nineam.toml"),), hint=False)


def test_a_wrong_setting_in_pyproject_is_refused_with_its_table(refused, project):
    (project / "pyproject.toml").write_text("[tool.nineam]\nslow = 1\n")
    refused("run", TARGET, says=("pyproject.toml [tool.nineam]", "no setting 'slow'", "did you mean slo?"))


@pytest.mark.parametrize("text", ["tool = 3\n", "[tool]\nnineam = 3\n"])
def test_a_pyproject_whose_tables_are_none_is_refused(refused, project, text):
    (project / "pyproject.toml").write_text(text)
    refused("run", TARGET, says=("pyproject.toml",), hint=False)


def test_a_missing_journeys_file_is_refused_with_the_nearest_one(refused, project):
    (project / "monday.py").write_text("")
    refused("run", TARGET, "--journeys", "mondy.py", says=("no journeys file at", "mondy.py", "monday.py?"))


def test_a_journeys_file_with_a_syntax_error_shows_file_line_and_caret(refused, project):
    (project / "monday.py").write_text("from nineam import journey\n\nasync def browse(user)\n    pass\n")
    outcome = refused("run", TARGET, says=("monday.py:3", "is not Python", "expected ':'"))
    assert "^" in outcome.err


def test_a_journeys_file_without_a_journey_says_where_the_decorator_belongs(refused, project):
    (project / "monday.py").write_text("async def browse(user):\n    pass\n")
    refused("run", TARGET, says=("no journey in", "monday.py", "@journey", "browse (line 1)"))


def test_an_empty_journeys_file_shows_an_example(refused, project):
    (project / "monday.py").write_text("")
    refused("run", TARGET, says=("no journey in", "async def browse(user)"))


def test_a_journeys_file_that_imports_what_is_not_there_shows_file_and_line(refused, project):
    (project / "monday.py").write_text("import sys\nimport a_library_that_nobody_installed\n")
    refused("run", TARGET, says=("monday.py:2", "ModuleNotFoundError", "nineam's own interpreter"))


def test_a_journeys_file_that_raises_shows_file_line_and_source(refused, project):
    (project / "monday.py").write_text("prices = {}\ncheapest = prices['tea']\n")
    refused("run", TARGET, says=("monday.py:2", "KeyError", "cheapest = prices['tea']"))


def test_a_journey_that_is_not_async_is_refused_with_its_line(refused, project):
    (project / "monday.py").write_text("from nineam import journey\n\n@journey\ndef browse(user):\n    pass\n")
    refused("run", TARGET, says=("monday.py:3", "is not async", "async def"))


def test_a_journey_without_a_user_is_refused_with_its_line(refused, project):
    (project / "monday.py").write_text("from nineam import journey\n\n@journey\nasync def browse():\n    pass\n")
    refused("run", TARGET, says=("monday.py:3", "exactly one argument", "async def browse(user):"))


def test_a_journeys_file_that_leaves_the_interpreter_is_refused(refused, project):
    (project / "monday.py").write_text("raise SystemExit(0)\n")
    refused("run", TARGET, says=("monday.py:1", "SystemExit"))
