"""The database part of an asynchronous application: the kind that `ATTRIBUTION_DATA` names."""

import os
from importlib import import_module
from typing import Any

_MODULES = {
    ("raw", "sqlite"): "async_aiosqlite",
    ("raw", "postgres"): "async_asyncpg",
    ("raw", "mariadb"): "async_aiomysql",
}
_kind = (os.environ["ATTRIBUTION_DATA"], os.environ["ATTRIBUTION_DATABASE"])

DATA: Any = import_module(f"benchmarks.attribution.{_MODULES.get(_kind, 'async_sqlalchemy')}")
