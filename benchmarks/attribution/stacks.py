"""The applications, and how each is served."""

from typing import NamedTuple

from benchmarks.attribution import databases


class Stack(NamedTuple):
    """A framework on a server; `data` says how its application can ask a database."""

    name: str
    command: tuple[str, ...]
    data: tuple[str, ...]
    awaits: bool
    """Whether requests share an event loop: what they wait for is then told apart from waiting for the loop."""


class Cell(NamedTuple):
    """One application: a stack, a way to ask, a database."""

    stack: Stack
    data: str
    database: str

    def __str__(self) -> str:
        """Name it."""
        return f"{self.stack.name}, {self.data}, {self.database}"


def _uvicorn(module: str) -> tuple[str, ...]:
    return ("uvicorn", f"benchmarks.attribution.{module}", "--port={port}", "--log-level=warning")


def _gunicorn(module: str, *more: str) -> tuple[str, ...]:
    return ("gunicorn", f"benchmarks.attribution.{module}", "--bind=127.0.0.1:{port}", "--log-level=error", *more)


_DJANGO = ("django", "sqlalchemy", "raw")

STACKS = (
    Stack("fastapi-async", _uvicorn("fastapi_async:app"), ("sqlalchemy", "raw"), awaits=True),
    Stack("fastapi-sync", _uvicorn("fastapi_sync:app"), ("sqlalchemy", "raw"), awaits=True),
    Stack(
        "flask-gthread",
        _gunicorn("flask_gthread:app", "--worker-class=gthread", "--threads=8"),
        ("sqlalchemy", "raw"),
        awaits=False,
    ),
    Stack("django-drf", _gunicorn("django_drf:application"), _DJANGO, awaits=False),
    Stack(
        "django-drf-threads",
        _gunicorn("django_drf:application", "--worker-class=gthread", "--threads=8"),
        _DJANGO,
        awaits=False,
    ),
    Stack("django-asgi", _uvicorn("django_asgi:application"), _DJANGO, awaits=True),
    Stack("django-asgi-drf", _uvicorn("django_asgi_drf:application"), _DJANGO, awaits=True),
)


def cells(stacks: list[str], data: list[str], kinds: list[str]) -> list[Cell]:
    """Give the applications that are asked for; empty lists ask for everything."""
    return [
        Cell(stack, way, database)
        for stack in STACKS
        for way in stack.data
        for database in databases.KINDS
        if stack.name in (stacks or [stack.name]) and way in (data or [way]) and database in (kinds or [database])
    ]
