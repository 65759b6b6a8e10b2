"""The interpreter that runs the applications, and what is installed for it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from benchmarks.overhead.applications import Application
from benchmarks.overhead.watchers import OTHER, Watcher
from benchmarks.programs import find

PACKAGES = {
    "fastapi": "fastapi", "uvicorn": "uvicorn", "sqlalchemy": "sqlalchemy", "asyncpg": "asyncpg", "django": "django",
    "flask": "flask", "gunicorn": "gunicorn", "sentry_sdk": "sentry-sdk", "pyinstrument": "pyinstrument",
    "opentelemetry.instrumentation.auto_instrumentation": "opentelemetry-instrumentation",
}  # fmt: skip
ASK = f"""
import json, sys
from importlib.metadata import PackageNotFoundError, version
found = {{}}
for module, package in {PACKAGES!r}.items():
    try:
        found[module] = version(package)
    except PackageNotFoundError:
        pass
print(json.dumps(["%d.%d.%d" % sys.version_info[:3], found]))
"""


class Interpreter(NamedTuple):
    """A Python, its version, and the versions of the modules that it has."""

    python: str
    version: str
    modules: dict[str, str]

    def program(self, name: str) -> str:
        """Find a program: beside the interpreter first; empty when it is nowhere."""
        return shutil.which(name, path=str(Path(self.python).parent)) or find(name)

    def runs(self, application: Application) -> bool:
        """Whether it has what an application needs."""
        return all(module in self.modules for module in application.needs)

    def has(self, watcher: Watcher) -> bool:
        """Whether it has what a watcher needs."""
        if watcher.name == OTHER and not other_agent():
            return False
        needs = not watcher.needs or watcher.needs in self.modules
        return needs and (not watcher.program or bool(self.program(watcher.program)))

    def version_of(self, watcher: Watcher) -> str:
        """Give the version of a watcher; empty for nineam and for nothing."""
        if watcher.outside:
            told = subprocess.run(
                [self.program(watcher.program), "--version"], capture_output=True, text=True, check=False
            )
            return told.stdout.split()[-1] if told.stdout else ""
        return self.modules.get(watcher.needs, "")


def interpreter() -> Interpreter:
    """Find the interpreter: `$NINEAM_BENCH_PYTHON`, or this one."""
    named = os.environ.get("NINEAM_BENCH_PYTHON")
    python = str(Path(named).absolute()) if named else sys.executable  # a link means its environment: do not follow
    told = subprocess.run([python, "-c", ASK], capture_output=True, text=True, check=True, timeout=60)
    number, modules = json.loads(told.stdout)
    return Interpreter(python, number, modules)


def other_agent() -> str:
    """Give the directory to inject another agent from, `$NINEAM_BENCH_OTHER` (a source tree); empty without one."""
    tree = os.environ.get("NINEAM_BENCH_OTHER", "")
    return str(Path(tree, "nineam", "agent", "inject").absolute()) if tree else ""
