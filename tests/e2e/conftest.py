"""What the tests of whole runs share: applications in a folder of their own, and what one run of each came to."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

APPS = Path(__file__).parent / "apps"
LOAD = ("--users", "2", "--think", "0.02")


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
FLASK_ALL = FLASK_PAGES | {"GET /items/<int:item_id>": 1.0}
STARLETTE: dict[str, Any] = {
    "source": "starlette_shop.py",
    "queries": {"GET /hello": 0.0, "GET /v1/items": 2.0},
    "hooks": ("starlette.applications", "starlette.routing", "sqlite3.dbapi2"),
    "layers": ("view", "db_execute", "db_fetch", "response", "middleware:Stamp"),
}
GUNICORN = ("gunicorn", "--workers", "2", "--bind", "127.0.0.1:{port}", "flask_shop:app")
UVICORN = ("uvicorn", "--port", "{port}", "fastapi_shop:app")
CASES = (
    Case("fastapi", framework="fastapi", **FASTAPI),
    Case("flask", framework="flask", queries=FLASK_PAGES, **FLASK),
    Case("starlette", framework="starlette", **STARLETTE),
    Case(
        "gunicorn",
        framework="",
        queries=FLASK_ALL,
        command=GUNICORN,
        options=("--journeys", "flask_monday.py"),
        **FLASK,
    ),
    Case("uvicorn", framework="", command=UVICORN, **FASTAPI),
)


@dataclass(frozen=True)
class Ran:
    """One run of one case: how nineam ended, the document it wrote, and the folder before and after."""

    case: Case
    outcome: Any
    document: dict[str, Any]
    folder: Path
    before: dict[str, bytes]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a folder with the sample shops in it."""
    return copy_apps(tmp_path)


def copy_apps(folder: Path) -> Path:
    """Copy the sample shops."""
    for file in APPS.glob("*.py"):
        shutil.copy(file, folder)
    return folder


@pytest.fixture(scope="session", params=CASES, ids=lambda case: case.name)
def ran(
    request: pytest.FixtureRequest,
    nineam: Any,
    short: tuple[str, ...],
    other_python: Path,
    free_port: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Ran:
    """Run each application once, as somebody would who has just installed nineam."""
    case: Case = request.param
    folder = copy_apps(tmp_path_factory.mktemp(case.name))
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    target, command = [case.source.removesuffix(".py") + ":app", "--python", str(other_python)], []
    if case.command:
        program, *rest = (part.format(port=free_port()) for part in case.command)
        target, command = [], ["--", str(other_python.parent / program), *rest]
    written = folder / "run.json"
    outcome = nineam("run", *target, *LOAD, *short, *case.options, "--json", str(written), *command, cwd=folder)
    document = json.loads(written.read_text()) if written.exists() else {}
    return Ran(case=case, outcome=outcome, document=document, folder=folder, before=before)
