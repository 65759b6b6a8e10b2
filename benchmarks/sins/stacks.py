"""The stacks: how each application is served."""

import sys
from pathlib import Path
from typing import NamedTuple

APPS = Path(__file__).parent / "apps"


class Stack(NamedTuple):
    """`file` holds the marked lines; `serve` is the command, with `{port}`."""

    name: str
    file: Path
    serve: tuple[str, ...]


STACKS: tuple[Stack, ...] = (
    Stack(
        "flask",
        APPS / "flask_app.py",
        (
            *(sys.executable, "-m", "gunicorn", "--workers", "2", "--worker-class", "gthread", "--threads", "4"),
            *("--log-level", "error", "--bind", "127.0.0.1:{port}", "benchmarks.sins.apps.flask_app:app"),
        ),
    ),
    Stack(
        "fastapi",
        APPS / "fastapi_app.py",
        (
            *(sys.executable, "-m", "uvicorn", "--log-level", "error", "--no-access-log", "--port", "{port}"),
            "benchmarks.sins.apps.fastapi_app:app",
        ),
    ),
    Stack(
        "django",
        APPS / "django_app.py",
        (
            *(sys.executable, "-m", "gunicorn", "--workers", "2", "--worker-class", "gthread", "--threads", "4"),
            *("--log-level", "error", "--bind", "127.0.0.1:{port}", "benchmarks.sins.apps.django_app:application"),
        ),
    ),
)


def marked(stack: Stack, fault: str) -> str:
    """The function that holds the line marked with a fault; empty when there is none."""
    function = ""
    for line in stack.file.read_text(encoding="utf-8").splitlines():
        stripped = line.strip()
        if stripped.startswith(("def ", "async def ")):
            function = stripped.removeprefix("async ").removeprefix("def ").partition("(")[0]
        if line.rstrip().endswith(f"# sin: {fault}"):
            return function
    return ""
