"""The applications that are watched: what each does, which server runs it, and what it needs."""

import sys
from typing import NamedTuple

UVICORN = ("-m", "uvicorn", "--no-access-log", "--log-level=warning", "--timeout-keep-alive=3600", "--port={port}")
GUNICORN = ("-m", "gunicorn", "--log-level=warning", "--bind=127.0.0.1:{port}")  # one worker, the `sync` kind


class Application(NamedTuple):
    """One application. `needs` are modules that its interpreter must have.

    `target_us` and `target_percent` are what nineam may at most add to a request; None for no target.
    """

    name: str
    does: str
    server: tuple[str, ...]
    path: str
    needs: tuple[str, ...]
    environment: dict[str, str] = {}
    needs_postgres: bool = False
    target_us: float | None = None
    target_percent: float | None = None

    def command(self, port: int) -> list[str]:
        """Give the arguments for the interpreter."""
        return [part.format(port=port) for part in self.server]


DJANGO = {"DJANGO_SETTINGS_MODULE": "django_settings"}
SAMPLING = "sampling"  # no application, but chosen like one
LAZY = "21 queries, 120 rows"
APPLICATIONS = (
    Application(
        "fastapi",
        "FastAPI, an asynchronous endpoint that answers at once; uvicorn",
        (*UVICORN, "fastapi_trivial:app"),
        "/trivial",
        ("fastapi", "uvicorn"),
        target_us=25.0,
    ),
    Application(
        "fastapi-orm",
        f"FastAPI, a synchronous endpoint: {LAZY} through SQLAlchemy from SQLite; uvicorn",
        (*UVICORN, "fastapi_orm:app"),
        "/authors",
        ("fastapi", "uvicorn", "sqlalchemy"),
        target_percent=3.0,
    ),
    Application(
        "fastapi-orm-async",
        f"FastAPI, an asynchronous endpoint: {LAZY} through SQLAlchemy and asyncpg from PostgreSQL; uvicorn",
        (*UVICORN, "fastapi_orm_async:app"),
        "/authors",
        ("fastapi", "uvicorn", "sqlalchemy", "asyncpg"),
        needs_postgres=True,
        target_percent=3.0,
    ),
    Application(
        "django",
        "Django, a view that answers at once, behind the usual seven middlewares; gunicorn, sync",
        (*GUNICORN, "django_app:app"),
        "/trivial",
        ("django", "gunicorn"),
        DJANGO,
    ),
    Application(
        "django-orm",
        f"Django, a view: {LAZY} through its ORM from SQLite; gunicorn, sync",
        (*GUNICORN, "django_app:app"),
        "/authors",
        ("django", "gunicorn"),
        DJANGO,
        target_percent=3.0,
    ),
    Application(
        "flask",
        "Flask, a view that answers at once; gunicorn, sync",
        (*GUNICORN, "flask_trivial:app"),
        "/trivial",
        ("flask", "gunicorn"),
    ),
)


def chosen(names: tuple[str, ...]) -> tuple[Application, ...]:
    """Give the applications of these names, all of them for no name; leaves the program for an unknown one."""
    known = [*(application.name for application in APPLICATIONS), SAMPLING]
    for name in names:
        if name not in known:
            sys.exit(f"there is no application '{name}': there are {', '.join(known)}")
    return tuple(application for application in APPLICATIONS if not names or application.name in names)
