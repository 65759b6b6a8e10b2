"""Versions, servers, database, health page: guesses from what is imported and installed."""

from __future__ import annotations

import gc
import importlib.metadata
import os
import re
import sys
from typing import Any

SERVERS = ("uvicorn", "gunicorn", "hypercorn", "granian", "waitress", "uvicorn-worker", "flask", "django")
HEALTH_NAMES = (
    "healthz", "health", "livez", "live", "liveness", "readyz", "ready", "readiness", "healthcheck", "health-check",
    "health_check", "heartbeat", "__heartbeat__", "_health", "ping", "up", "alive", "status",
)  # fmt: skip
OPENAPI_PATHS = re.compile(r"/(openapi\.json|swagger\.json|apispec_1\.json|(api/)?schema/?)$")
DIALECTS = {"postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
DRIVERS = (
    ("postgresql", ("psycopg", "psycopg2", "asyncpg", "pg8000")),
    ("mysql", ("MySQLdb", "pymysql", "mysql.connector", "aiomysql", "asyncmy")),
    ("oracle", ("oracledb", "cx_Oracle")),
    ("mssql", ("pyodbc", "pymssql")),
    ("mongodb", ("pymongo",)),
    ("sqlite", ("aiosqlite",)),
)
URL_VARIABLES = ("DATABASE_URL", "SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_DATABASE_URL", "DB_URL", "DATABASE_URI")


def version(distribution: str) -> str:
    """Version of an installed distribution; empty when it is not there."""
    try:
        return importlib.metadata.version(distribution) if distribution else ""
    except importlib.metadata.PackageNotFoundError:
        return ""


def servers() -> dict[str, str]:
    """Name what could serve the application here, with versions."""
    found = {name: version(name) for name in SERVERS}
    return {name: number for name, number in found.items() if number}


def openapi_path(app: Any, routes: list[dict[str, Any]]) -> str:
    """Find where the application describes itself; empty when it does not."""
    own = getattr(app, "openapi_url", None)
    paths = [str(route["path"]) for route in routes]
    if isinstance(own, str) and own:
        return own
    return next((path for path in paths if OPENAPI_PATHS.search(path) and "{" not in path), "")


def health_path(routes: list[dict[str, Any]]) -> str:
    """Find the page that a balancer would ask; the best known name wins, then the shortest path.

    An admin's list of things that are called so (`/admin/monitoring/ping/`) is none.
    """
    paths = [str(each["path"]) for each in routes if "GET" in each["methods"]]
    plain = [path for path in paths if "{" not in path and not path.startswith("/admin/")]
    ranked = [
        (HEALTH_NAMES.index(last), len(path), path)
        for path in plain
        for last in [path.rstrip("/").rpartition("/")[2].lower()]
        if last in HEALTH_NAMES
    ]
    return min(ranked)[2] if ranked else ""


def debug(app: Any) -> bool:
    """Whether Django's settings or the application itself say that it runs in debug mode."""
    conf = sys.modules.get("django.conf")
    try:
        if conf is not None and conf.settings.configured:
            return bool(conf.settings.DEBUG)
        return getattr(app, "debug", False) is True
    except Exception:  # noqa: BLE001 - a guess must not break the inspection
        return False


def database(app: Any) -> str:
    """Name the database by the best evidence there is: settings, live engines, variables, imported drivers."""
    for source in (_from_django, _from_engines, lambda: _from_config(app), _from_environment, _from_drivers):
        try:
            found = source()
        except Exception:  # noqa: BLE001, S112 - a guess must not break the inspection
            continue
        if found:
            return found
    return ""


def _from_django() -> str:
    conf = sys.modules.get("django.conf")
    if conf is None or not conf.settings.configured:
        return ""
    engine = str(conf.settings.DATABASES.get("default", {}).get("ENGINE", ""))
    last = engine.rpartition(".")[2]
    return {"postgis": "postgresql", "spatialite": "sqlite", "sqlite3": "sqlite", "dummy": ""}.get(last, last)


def _from_engines() -> str:
    base = sys.modules.get("sqlalchemy.engine.base")
    if base is None:
        return ""
    # by exact type: isinstance() would run the code of lazy proxies
    found = [thing.dialect.name for thing in gc.get_objects() if type(thing) is base.Engine]
    return _dialect(found[-1]) if found else ""


def _from_config(app: Any) -> str:
    config = getattr(app, "config", None)
    return _dialect(str(config.get("SQLALCHEMY_DATABASE_URI") or "")) if isinstance(config, dict) else ""


def _from_environment() -> str:
    named = (os.environ.get(name, "") for name in URL_VARIABLES)
    return next((_dialect(value) for value in named if ":" in value), "")


def _from_drivers() -> str:
    for name, modules in DRIVERS:
        if any(module in sys.modules for module in modules):
            return name
    return ""


def _dialect(url: str) -> str:
    """`postgresql+asyncpg://...` and `postgres` are both postgresql."""
    scheme = url.partition(":")[0].partition("+")[0].lower()
    return DIALECTS.get(scheme, scheme)
