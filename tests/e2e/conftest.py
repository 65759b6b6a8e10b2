"""What the tests of whole runs share: applications in a folder of their own, and what one run of each came to."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

APPS = Path(__file__).parent / "apps"
LOAD = ("--users", "1", "--think", "0.02")


@dataclass(frozen=True)
class Case:
    """One application, how it is started, and what is known of it: endpoints with their queries, hooks, layers."""

    name: str
    source: str
    framework: str
    queries: dict[str, float]
    hooks: tuple[str, ...]
    layers: tuple[str, ...]
    command: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


FASTAPI: dict[str, Any] = {
    "source": "fastapi_shop.py",
    "queries": {"GET /orders": 6.0, "GET /orders/{order_id}": 2.0, "GET /slow": 0.0},
    "hooks": ("fastapi.routing", "starlette.applications", "sqlalchemy.engine.default", "pydantic.main"),
    "layers": ("view", "orm", "db_execute", "serializer", "middleware:add_version"),
}
FLASK: dict[str, Any] = {
    "source": "flask_shop.py",
    "hooks": ("flask.app", "jinja2.environment", "sqlalchemy.engine.default"),
    "layers": ("view", "db_execute", "serializer"),
}
FLASK_PAGES = {"GET /items": 2.0, "GET /page": 0.0}
FLASK_ALL = FLASK_PAGES | {"GET /items/{id}": 1.0}  # as the journey calls it
STARLETTE: dict[str, Any] = {
    "source": "starlette_shop.py",
    "queries": {"GET /hello": 0.0, "GET /v1/items": 2.0},
    "hooks": ("starlette.applications", "starlette.routing", "sqlite3.dbapi2"),
    "layers": ("view", "db_execute", "db_fetch", "response", "middleware:Stamp"),
}
GUNICORN = ("gunicorn", "--workers", "2", "--bind", "127.0.0.1:{port}", "flask_shop:app")
UVICORN = ("uvicorn", "--port", "{port}", "fastapi_shop:app")


CASES = {
    "fastapi": Case("fastapi", framework="fastapi", **FASTAPI),
    "flask": Case("flask", framework="flask", queries=FLASK_PAGES, **FLASK),
    "starlette": Case("starlette", framework="starlette", **STARLETTE),
    "gunicorn": Case(
        "gunicorn",
        framework="",
        queries=FLASK_ALL,
        command=GUNICORN,
        options=("--journeys", "flask_monday.py"),
        **FLASK,
    ),
    "uvicorn": Case("uvicorn", framework="", command=UVICORN, **FASTAPI),
}


@dataclass(frozen=True)
class Ran:
    """One run of one case: how nineam ended, the document it wrote, and the folder before and after."""

    case: Case
    outcome: Any
    document: dict[str, Any]
    folder: Path
    before: dict[str, bytes]


Runs = Callable[[str], Ran]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a folder with the sample shops in it."""
    return copy_apps(tmp_path)


def copy_apps(folder: Path) -> Path:
    """Copy the sample shops."""
    for file in APPS.glob("*.py"):
        shutil.copy(file, folder)
    return folder


@pytest.fixture(scope="session")
def runs(
    launch: Any,
    short: tuple[str, ...],
    other_python: Path,
    free_port: Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Runs]:
    """Run every case once, side by side because the load is one polite user each, as somebody new to nineam would."""
    folders = {name: copy_apps(tmp_path_factory.mktemp(name)) for name in CASES}
    before = {file.name: file.read_bytes() for file in folders["fastapi"].iterdir()}
    started = {
        name: launch("run", *short, *_arguments(case, other_python, free_port), cwd=folders[name])
        for name, case in CASES.items()
    }

    @cache
    def ended(name: str) -> Ran:
        outcome = started[name].outcome(120.0)
        written = folders[name] / "run.json"
        document = json.loads(written.read_text()) if written.exists() else {}
        return Ran(case=CASES[name], outcome=outcome, document=document, folder=folders[name], before=before)

    yield ended
    for each in started.values():
        each.kill()


def _arguments(case: Case, python: Path, free_port: Callable[[], int]) -> list[str]:
    """Spell the rest of the command line of one case."""
    common = [*LOAD, *case.options, "--json", "run.json"]
    if not case.command:
        return [case.source.removesuffix(".py") + ":app", "--python", str(python), *common]
    program, *rest = (part.format(port=free_port()) for part in case.command)
    return [*common, "--", str(python.parent / program), *rest]


@pytest.fixture(params=CASES)
def ran(request: pytest.FixtureRequest, runs: Runs) -> Ran:
    """Return each run in turn."""
    return runs(request.param)
