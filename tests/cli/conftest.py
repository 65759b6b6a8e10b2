"""What the tests of the command line share: a project full of applications that misbehave, and one run file."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

APPS = Path(__file__).parents[1] / "apps"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with the sample applications in it."""
    for file in APPS.glob("*.py"):
        shutil.copy(file, tmp_path)
    return tmp_path


@pytest.fixture
def refused(nineam: Any, project: Path) -> Callable[..., Any]:
    """Call nineam in the project folder and assert how it refuses."""

    def call(*arguments: str, code: int = 2, says: tuple[str, ...] = (), hint: bool = True, **options: Any) -> Any:
        outcome = nineam(*arguments, cwd=project, **options)
        outcome.refuses(code, *says, hint=hint)
        return outcome

    return call


@pytest.fixture(scope="session")
def finished(nineam: Any, short: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """Return how one short run against an application without a framework ended, and its run file."""
    folder = tmp_path_factory.mktemp("finished")
    shutil.copy(APPS / "plain_asgi.py", folder)
    outcome = nineam("run", "plain_asgi:app", "--users", "1", "--think", "0.05", *short, cwd=folder)
    assert outcome.code in {0, 4}, outcome.err
    (file,) = (folder / ".nineam").glob("run-*.db")
    return outcome, file
