"""A Django project's own settings with a clone in the database's place: its settings module while it runs on the clone.

Django imports it in the application's interpreter, where nineam need not be installed; syntax of Python 3.9.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

_own = importlib.import_module(os.environ["NINEAM_SETTINGS"])
globals().update({name: getattr(_own, name) for name in dir(_own) if name.isupper()})


def _with_clone(databases: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Replace the default database, and every other alias that leads to the same one."""

    def place(database: dict[str, Any]) -> list[str]:
        return [str(database.get(key) or "") for key in ("ENGINE", "NAME", "HOST", "PORT")]

    original = place(databases["default"])
    clone = os.environ["NINEAM_DATABASE"]
    return {
        alias: {**database, "NAME": clone} if place(database) == original else database
        for alias, database in databases.items()
    }


DATABASES = _with_clone(_own.DATABASES)
