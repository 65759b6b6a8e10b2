"""A Django project's database: where its settings say it is, and the environment that leads it to a clone instead."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from nineam.model import Record

VARIABLE = "DJANGO_SETTINGS_MODULE"
SETTINGS = re.compile(rf"""{VARIABLE}["']\s*,\s*["']([\w.]+)["']""")
QUESTION = """
import json
from django.conf import settings
database = settings.DATABASES["default"]
keys = ("ENGINE", "NAME", "HOST", "PORT", "USER", "PASSWORD")
print("\\n" + json.dumps({key: str(database.get(key) or "") for key in keys}))
"""
ANSWER_LIMIT_S = 30.0
SCHEMES = {
    "sqlite3": "sqlite",
    "spatialite": "sqlite",
    "postgresql": "postgresql",
    "postgresql_psycopg2": "postgresql",
    "postgis": "postgresql",
    "psycopg": "postgresql",
    "mysql": "mysql",
}


class DjangoDatabase(Record, frozen=True, kw_only=True):
    """The default database of a settings module; `address` is its URL, or of SQLite its file."""

    settings: str
    address: str

    @property
    def variable(self) -> str:
        """What leads the application to its database, for people."""
        return f"DATABASES of {self.settings}"

    def towards(self, clone: str, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the variables that put a clone (its name, or its file) in the database's place."""
        folder = str(files("nineam.app").joinpath("clone_settings"))
        path = environment.get("PYTHONPATH", "")
        return {
            VARIABLE: "nineam_clone_settings",
            "NINEAM_SETTINGS": self.settings,
            "NINEAM_DATABASE": clone,
            "PYTHONPATH": folder + (os.pathsep + path if path else ""),
        }


def settings_of(environment: Mapping[str, str], folder: Path) -> str:
    """Name the settings module of a project, by its environment, else by its manage.py; empty when there is none."""
    if environment.get(VARIABLE):
        return environment[VARIABLE]
    try:
        found = SETTINGS.search((folder / "manage.py").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return ""
    return found[1] if found else ""


def ask_django(interpreter: str, environment: Mapping[str, str], folder: Path) -> DjangoDatabase | None:
    """Ask the project's own interpreter for its settings; None when they do not answer, or name nothing to clone."""
    settings = settings_of(environment, folder)
    if not settings:
        return None
    path = os.pathsep.join(part for part in (str(folder), environment.get("PYTHONPATH", "")) if part)
    try:
        answer = subprocess.run(
            [interpreter, "-c", QUESTION],
            cwd=folder,
            env={**environment, VARIABLE: settings, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ANSWER_LIMIT_S,
            check=True,
        )
        database = json.loads(answer.stdout.strip().splitlines()[-1])
        address = address_of(database)
    except (OSError, subprocess.SubprocessError, ValueError, LookupError):
        return None
    return DjangoDatabase(settings=settings, address=address) if address else None


def address_of(database: Mapping[str, str]) -> str:
    """Spell one of Django's databases as an URL, or as a file; empty for a kind that cannot be cloned."""
    scheme, name = SCHEMES.get(database["ENGINE"].rpartition(".")[2], ""), database["NAME"]
    if scheme == "sqlite":
        return "" if ":memory:" in name or name.startswith("file:") else name
    if not scheme or not name:
        return ""
    user, password, host = (quote(database[key], safe="") for key in ("USER", "PASSWORD", "HOST"))
    account = f"{user}{':' + password if password else ''}@" if user else ""
    port = f":{database['PORT']}" if database["PORT"] else ""
    if database["HOST"].startswith("/"):
        return f"{scheme}://{account}/{quote(name)}?{'unix_socket' if scheme == 'mysql' else 'host'}={host}"
    shown = f"[{database['HOST']}]" if ":" in database["HOST"] else host
    return f"{scheme}://{account}{shown}{port if shown else ''}/{quote(name)}"
