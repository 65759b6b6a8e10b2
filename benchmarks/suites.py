"""The libraries whose own tests are run with and without the agent, and what those tests need."""

import subprocess
import sys
import tarfile
from pathlib import Path
from typing import NamedTuple

PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")


class Suite(NamedTuple):
    """A distribution, what its tests need beside it, and how they are run.

    `arguments` go to pytest; a suite with `labels` (parts of Django's) has Django's own runner instead.
    """

    name: str
    needs: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


_DJANGO = (
    "asgi", "async", "auth_tests", "backends", "basic", "bulk_create", "cache", "conditional_processing",
    "contenttypes_tests", "csrf_tests", "db_utils", "defer", "delete", "dispatch", "file_uploads", "generic_views",
    "get_or_create", "handlers", "httpwrappers", "known_related_objects", "logging_tests", "many_to_many",
    "many_to_one", "messages_tests", "middleware", "middleware_exceptions", "model_inheritance", "one_to_one",
    "pagination", "prefetch_related", "queries", "queryset_pickle", "raw_query", "requests_tests", "responses",
    "select_related", "serializers", "sessions_tests", "shortcuts", "signals", "staticfiles_tests",
    "syndication_tests", "template_backends", "template_loader", "template_tests", "test_client",
    "test_client_regress", "test_utils", "transactions", "transaction_hooks", "urlpatterns", "urlpatterns_reverse",
    "view_tests", "wsgi",
)  # fmt: skip

_STARLETTE = ("starlette[full]", "httpx2[zstd]", "blockbuster", "opentelemetry-sdk", "pytest-codspeed", "trio")
_REST = (
    "django<6", "dj-database-url", "importlib-metadata<10", "pytest-cov", "pytest-django<5", "django-filter",
    "django-guardian", "inflection", "markdown", "pyyaml", "requests", "uritemplate", "psycopg[binary]",
)  # fmt: skip

SUITES: tuple[Suite, ...] = (
    Suite("starlette", _STARLETTE),
    Suite("flask", ("pytest<9", "asgiref", "greenlet", "python-dotenv")),
    Suite(
        "werkzeug",
        ("cffi", "cryptography", "ephemeral-port-reserve", "pytest-timeout", "watchdog"),
        ("--timeout=60", "-k", "not watchdog"),  # which waits for ever where files cannot be watched
    ),
    Suite("asgiref", ("packaging", "pytest-asyncio")),
    Suite("djangorestframework", _REST),
    Suite("django", ("django<6", "argon2-cffi", "bcrypt", "jinja2", "pillow", "pyyaml", "tblib"), labels=_DJANGO),
)


def environment(suite: Suite, folder: Path) -> str:
    """Return the interpreter of an environment with a library and all that its tests need."""
    python = folder / "environment" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder / "environment"], check=True)
        subprocess.run([python, *PIP, "install", suite.name, "pytest", *suite.needs], check=True)
    return str(python)


def sources(suite: Suite, folder: Path, python: str, version: str) -> Path:
    """Return the directory of a suite, unpacked from the library's source distribution."""
    into = folder / f"tests-{version}"
    if not into.exists():
        command = [python, *PIP, "download", "--no-deps", "--no-binary", suite.name, "--dest", folder]
        subprocess.run([*command, f"{suite.name}=={version}"], check=True)
        (archive,) = folder.glob(f"*{version}.tar.gz")
        with tarfile.open(archive) as packed:
            kept = [each for each in packed.getmembers() if _is_of_tests(each.name)]
            packed.extractall(folder, kept, filter="data")
        (folder / archive.name.removesuffix(".tar.gz")).rename(into)
    return into


def _is_of_tests(path: str) -> bool:
    """Whether a file belongs to the tests or to their settings: the library itself is the one that is installed."""
    inside = path.partition("/")[2]
    return inside.startswith(("tests/", "docs/")) or inside in ("pyproject.toml", "setup.cfg", "tests", "docs")
