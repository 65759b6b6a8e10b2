"""A project's application is found by reading, and a target is taken apart without importing."""

from pathlib import Path

import pytest

from nineam.app.find import find_target, served_name
from nineam.app.target import parse_target
from nineam.errors import UsageError

FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n"
MANAGE = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")\n'


def project(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"main.py": FASTAPI}, "main:app"),
        ({"manage.py": MANAGE, "main.py": FASTAPI}, "manage.py"),
        ({"backend/manage.py": MANAGE}, "backend/manage.py"),
        ({"manage.py": "print()", "app.py": "from flask import Flask\nweb = Flask(__name__)"}, "app:web"),
        ({"app/__init__.py": "", "app/main.py": FASTAPI}, "app.main:app"),
        ({"app/main.py": "from app.models import x\n" + FASTAPI}, "app.main:app"),
        ({"shop/__init__.py": "import flask\ndef create_app():\n  return flask.Flask('shop')"}, "shop:create_app"),
        ({"src/main.py": FASTAPI}, "src/main.py:app"),
        ({"src/shop/__init__.py": "", "src/shop/main.py": FASTAPI}, "src/shop/main.py:app"),
        ({"src/main.py": "from src.models import x\n" + FASTAPI}, "src.main:app"),
        (
            {"main.py": "import this", "wsgi.py": "from shop import create_app\napplication = create_app()"},
            "wsgi:application",
        ),
        ({"main.py": "type A = int  # newer\nmatch = = 1\nserver: FastAPI = FastAPI(title='x')"}, "main:server"),
        ({"main.py": "def test(): app = FastAPI()\n", "app.py": FASTAPI}, "main:test"),
        ({"tests/main.py": FASTAPI, "api/app.py": FASTAPI}, "api.app:app"),
    ],
)
def test_the_application_of_a_project_is_found(tmp_path, files, expected):
    assert find_target(project(tmp_path, files)) == expected


def test_a_project_without_an_application_is_told_what_was_looked_for(tmp_path):
    with pytest.raises(UsageError, match="found no web application") as caught:
        find_target(project(tmp_path, {"main.py": "print('hello')", "tests/app.py": FASTAPI}))
    assert any("manage.py" in line for line in caught.value.details)
    assert any("main.py, app.py" in line for line in caught.value.details)
    assert "module:app" in caught.value.hint


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("app = FastAPI()\n", "app"),
        ("a = b = fastapi.FastAPI()", "a"),
        ("def make(x): return FastAPI()", ""),
        ("def make(x=1, *, y): return FastAPI()", ""),
        ("def make(x=1): return FastAPI()", "make"),
        ("def make(): return FastAPI()\nweb = make()", "web"),
        ("text = 'FastAPI()'", ""),
        ("\x00", ""),
    ],
)
def test_only_what_can_be_served_is_named(source, name):
    assert served_name(source) == name


def test_a_file_is_imported_from_where_its_package_begins(tmp_path):
    project(tmp_path, {"src/shop/__init__.py": "", "src/shop/main.py": FASTAPI})
    target = parse_target("src/shop/main.py:app", tmp_path)
    assert (target.module, target.attribute) == ("shop.main", "app")
    assert (target.search_path, target.cwd) == (str(tmp_path / "src"), str(tmp_path))


@pytest.mark.parametrize("text", ["manage.py", "."])
def test_a_django_project_names_its_settings(tmp_path, text):
    project(tmp_path, {"manage.py": MANAGE})
    target = parse_target(text, tmp_path)
    assert (target.settings, target.module) == ("mysite.settings", "")
    assert target.manage_file == str(tmp_path / "manage.py")


def test_the_settings_are_found_when_manage_py_does_not_name_them(tmp_path):
    project(tmp_path, {"manage.py": "from shop.run import main", "shop/settings/__init__.py": ""})
    assert parse_target("manage.py", tmp_path).settings == "shop.settings"
    project(tmp_path, {"other/settings.py": ""})
    with pytest.raises(UsageError, match="no DJANGO_SETTINGS_MODULE"):
        parse_target("manage.py", tmp_path)


def test_a_factory_call_keeps_its_literal_arguments(tmp_path):
    target = parse_target("shop:create_app('test', debug=False)", tmp_path)
    assert (target.attribute, target.call) == ("create_app", "create_app('test', debug=False)")


@pytest.mark.parametrize(
    "text",
    ["", "shop-app", "shop:app)", "shop:f(g())", "shop:f(**x)", "no/file.py:app", "no/manage.py", "a b:c", "shop:1"],
)
def test_a_target_of_no_known_form_is_a_usage_error_that_shows_the_forms(tmp_path, text):
    with pytest.raises(UsageError) as caught:
        parse_target(text, tmp_path)
    assert "module:app" in caught.value.hint
