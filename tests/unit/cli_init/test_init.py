"""`nineam init`: what it writes can be run, what it does not know it says, and nothing of the user's is lost."""

from pathlib import Path

import pytest

from nineam.app.facts import AppFacts, Route, Target
from nineam.cli.starter import endpoints, journeys_text, settings_text
from nineam.config.settings import load_settings
from nineam.load.journeys import load_journeys


def facts(*routes: Route, health_path: str = "") -> AppFacts:
    return AppFacts(
        target=Target(text="main:app", cwd="/", search_path="/"),
        interpreter="python",
        python="3.12.0",
        kind="wsgi",
        framework="flask",
        module="main",
        attribute="app",
        routes=routes,
        health_path=health_path,
    )


def test_what_it_writes_is_read_back_by_run(nineam, books):
    outcome = nineam("init", "--cwd", str(books))
    assert outcome.code == 0, outcome.err
    settings = load_settings(books)
    assert (settings.target, settings.journeys, settings.health) == ("main:app", "monday.py", "/health")
    names = [journey.name for journey in load_journeys(str(books / "monday.py"))]
    assert names == ["list_books", "show_book"]


def test_what_changes_something_is_only_a_comment(nineam, books):
    nineam("init", "--cwd", str(books))
    lines = (books / "monday.py").read_text().splitlines()
    assert "# async def add_book(user):" in lines
    assert "# async def remove_book(user):" in lines
    assert not [line for line in lines if not line.startswith("#") and (".post(" in line or ".delete(" in line)]


def test_taking_the_comments_away_gives_journeys_that_load(nineam, books):
    nineam("init", "--cwd", str(books))
    file = books / "monday.py"
    uncommented = [line.removeprefix("# ").removeprefix("#") for line in file.read_text().splitlines()]
    file.write_text("\n".join(uncommented))
    assert len(load_journeys(str(file))) == 4


def test_a_parameter_gets_a_value_and_its_endpoint_the_route_s_name(nineam, books):
    nineam("init", "--cwd", str(books))
    assert 'user.get("/books/1", name="/books/{book_id}")' in (books / "monday.py").read_text()


def test_it_says_what_it_found_and_what_it_did_not(nineam, books):
    found, missing = nineam("init", "--cwd", str(books)).out.split("not found\n")
    for words in ("main:app", "fastapi", "uvicorn", "/health", "2 that read, 2 that change something"):
        assert words in found
    assert "database" in missing
    assert "wrote nineam.toml and monday.py" in missing


def test_files_that_are_there_are_never_overwritten(nineam, books):
    (books / "nineam.toml").write_text("users = 7\n")
    (books / "monday.py").write_text("# mine\n")
    outcome = nineam("init", "--cwd", str(books))
    assert outcome.code == 2
    assert "--force" in outcome.err
    assert (books / "nineam.toml").read_text() == "users = 7\n"
    assert (books / "monday.py").read_text() == "# mine\n"


def test_only_the_missing_file_is_written(nineam, books):
    (books / "monday.py").write_text("# mine\n")
    outcome = nineam("init", "--cwd", str(books))
    assert outcome.code == 0
    assert "kept monday.py" in outcome.out
    assert (books / "monday.py").read_text() == "# mine\n"
    assert load_settings(books).target == "main:app"


def test_settings_in_pyproject_are_not_shadowed(nineam, books):
    (books / "pyproject.toml").write_text("[tool.nineam]\nusers = 7\n")
    outcome = nineam("init", "--cwd", str(books))
    assert outcome.code == 0
    assert not (books / "nineam.toml").exists()
    assert load_settings(books).users == 7


def test_force_writes_both_anew(nineam, books):
    (books / "nineam.toml").write_text("users = 7\n")
    (books / "monday.py").write_text("# mine\n")
    assert nineam("init", "--cwd", str(books), "--force").code == 0
    assert load_settings(books).users is None
    assert load_journeys(str(books / "monday.py"))


def test_a_command_is_written_down_as_it_is(nineam, tmp_path):
    outcome = nineam("init", "--cwd", str(tmp_path), "--", "gunicorn", "-w", "2", 'shop:make("a b")')
    assert outcome.code == 0, outcome.err
    assert load_settings(tmp_path).command == ["gunicorn", "-w", "2", 'shop:make("a b")']
    assert [journey.name for journey in load_journeys(str(tmp_path / "monday.py"))] == ["home"]
    assert "the command was not started" in outcome.out


def test_an_empty_folder_is_told_what_was_looked_for(nineam, tmp_path):
    outcome = nineam("init", "--cwd", str(tmp_path))
    assert outcome.code == 2
    assert "looked for manage.py" in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_an_application_that_crashes_on_import_is_shown_and_nothing_is_written(nineam, tmp_path):
    (tmp_path / "main.py").write_text("from flask import Flask\napp = Flask(__name__)\nraise RuntimeError('no key')\n")
    outcome = nineam("init", "--cwd", str(tmp_path))
    assert outcome.code == 3
    assert "RuntimeError" in outcome.err
    assert "main.py:3" in outcome.err
    assert not (tmp_path / "monday.py").exists()


def test_a_wrong_attribute_names_the_nearest(nineam, books):
    outcome = nineam("init", "main:ap", "--cwd", str(books))
    assert outcome.code == 2
    assert "did you mean main:app?" in outcome.err


def test_a_missing_directory_is_a_usage_error(nineam):
    assert nineam("init", "--cwd", "/nowhere/at/all").code == 2


@pytest.mark.parametrize(
    ("kind", "value"),
    [("int", "1"), ("str", "1"), ("slug", "1"), ("float", "1.0"), ("uuid", "00000000-0000-0000-0000-000000000001")],
)
def test_every_kind_of_parameter_has_a_value_that_fits(kind, value):
    route = Route(methods=("GET",), path="/things/{thing}", name="show", parameters={"thing": kind})
    (endpoint,) = endpoints(facts(route))
    assert endpoint.path == f"/things/{value}"


def test_journeys_never_share_a_name_or_take_one_that_is_used(tmp_path: Path):
    routes = [Route(methods=("GET",), path=f"/{name}", name=name) for name in ("check", "journey", "user", "class")]
    routes += [Route(methods=("GET", "POST"), path="/a-b/c", name="x.y")] * 2
    file = tmp_path / "monday.py"
    file.write_text(journeys_text(endpoints(facts(*routes))))
    names = [journey.name for journey in load_journeys(str(file))]
    assert len(names) == len(set(names)) == 6


@pytest.mark.parametrize("path", ['/say"""', "/back\\slash", "/line\nbreak", "/ünïcode", "/{a}/{b}"])
def test_no_path_however_odd_breaks_the_file(tmp_path: Path, path: str):
    file = tmp_path / "monday.py"
    file.write_text(journeys_text(endpoints(facts(Route(methods=("GET", "POST"), path=path, name="odd")))))
    assert len(load_journeys(str(file))) == 1


@pytest.mark.parametrize("text", ['quo"te', "back\\slash", "tab\tline\n", "\x7f\x1b", "ünïcode"])
def test_no_string_however_odd_breaks_the_settings(tmp_path: Path, text: str):
    (tmp_path / "nineam.toml").write_text(settings_text(target=text, health=text, python=text, command=[text]))
    settings = load_settings(tmp_path)
    assert (settings.target, settings.health, settings.python, settings.command) == (text, text, text, [text])


def test_documentation_and_health_are_nobody_s_journey():
    routes = [Route(methods=("GET",), path=path) for path in ("/docs", "/openapi.json", "/healthz", "/books")]
    assert [endpoint.path for endpoint in endpoints(facts(*routes, health_path="/healthz"))] == ["/books"]
