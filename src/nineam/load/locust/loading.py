"""Importing a locustfile, and saying what is wrong with one. The modules of `names` have to be in place."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from nineam.errors import UsageError, nearest, pointer
from nineam.load.importing import contained
from nineam.load.journeys import describe_problem, resolved
from nineam.load.locust.exceptions import NotOfferedError
from nineam.load.locust.hooks import EVENTS
from nineam.load.locust.shapes import LoadTestShape
from nineam.load.locust.user_classes import User
from nineam.model.traffic import MOST_WEIGHT

MODULE_NAME = "locustfile"
EXAMPLE = ("class Visitor(HttpUser):", "    @task", "    def home(self):", '        self.client.get("/")')
MISSING_NAME = re.compile(r"cannot import name '([^']+)' from '([^']+)'")
OURS = ("locust", "gevent")


class Loaded(NamedTuple):
    """What is in a locustfile: its user classes, and its shape if there is one."""

    users: tuple[Any, ...]
    shape: type[LoadTestShape] | None


def load(path: str) -> Loaded:
    """Import a locustfile. Raises `UsageError` when that fails, or no user in it could run."""
    file = Path(path)
    if not file.is_file():
        raise _missing(file)
    EVENTS.clear()
    module = _import(file)
    found = [value for value in vars(module).values() if isinstance(value, type)]
    users = tuple(dict.fromkeys(each for each in found if issubclass(each, User) and not each.abstract))
    if not users:
        raise _none_found(file, module)
    for each in users:
        _check(each, file)
    shapes = [each for each in found if issubclass(each, LoadTestShape) and not each.abstract and _is_own(each)]
    return Loaded(users, shapes[0] if shapes else None)


def _is_own(shape: type[LoadTestShape]) -> bool:
    return shape is not LoadTestShape


def _import(file: Path) -> ModuleType:
    location = resolved(str(file))
    spec = importlib.util.spec_from_file_location(MODULE_NAME, location)
    if spec is None or spec.loader is None:
        raise UsageError(f"{file} is no Python file", hint="A locustfile ends in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE_NAME] = module
    for folder in (str(Path.cwd()), str(Path(location).parent)):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    try:
        with contained(file):
            spec.loader.exec_module(module)
    except SyntaxError as error:
        raise _syntax(file, error) from error
    except (Exception, SystemExit) as error:
        raise _failing(file, error) from error
    return module


def _missing(file: Path) -> UsageError:
    if file.is_dir():
        inside = file / "locustfile.py"
        return UsageError(
            f"{file} is a folder, expected one locustfile", hint=f"Give {inside}." if inside.exists() else ""
        )
    there = sorted(path.name for path in file.parent.glob("*.py")) if file.parent.is_dir() else []
    close = nearest(file.name, [name for name in there if _mentions_locust(file.parent / name)])
    hint = f"Did you mean {file.parent / close}?" if close else "Give the path of a file with HttpUser classes."
    return UsageError(f"no locustfile at {file}", hint=hint)


def _mentions_locust(file: Path) -> bool:
    try:
        return "locust" in file.name or b"locust" in file.read_bytes()
    except OSError:
        return False


def _syntax(file: Path, error: SyntaxError) -> UsageError:
    name = Path(error.filename).name if error.filename else file.name
    source = (error.text or "").rstrip("\n")
    column = max(0, (error.offset or 1) - 1 - (len(source) - len(source.lstrip())))
    return UsageError(
        f"{name}:{error.lineno} is not Python: {error.msg}",
        details=pointer(source.strip(), column),
        hint="Correct that line and run again.",
    )


def _failing(file: Path, error: BaseException) -> UsageError:
    message, where = describe_problem(error, resolved(str(file)))
    name, _, line = where.rpartition(":")
    return UsageError(
        f"{where or file}: {_explained(error) or f'could not be imported: {message}'}",
        details=_source(file, int(line)) if name == file.name else (),
        hint=_hint(error),
    )


def _explained(error: BaseException) -> str:
    if isinstance(error, NotOfferedError):
        return str(error)
    if not isinstance(error, ImportError):
        return ""
    missing = MISSING_NAME.search(str(error))
    if missing and missing[2].partition(".")[0] in OURS:
        return _not_offered(missing[2], missing[1])
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"{error.name} is not offered by nineam" if _is_ours(error) else f"{error.name} is not installed here"
    return ""


def _not_offered(module: str, name: str) -> str:
    try:
        getattr(sys.modules[module], name)
    except NotOfferedError as error:
        return str(error)
    return f"{module}.{name} is not offered by nineam"


def _hint(error: BaseException) -> str:
    if isinstance(error, NotOfferedError) or (isinstance(error, ImportError) and _is_ours(error)):
        return "Leave it out, or run this file with Locust itself."
    if isinstance(error, ModuleNotFoundError):
        return "The file runs in nineam's own interpreter: install it there."
    return "Correct that line and run again."


def _is_ours(error: ImportError) -> bool:
    return (error.name or "").partition(".")[0] in OURS


def _source(file: Path, line: int) -> tuple[str, ...]:
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return (lines[line - 1].strip(),) if 0 < line <= len(lines) else ()


def _none_found(file: Path, module: ModuleType) -> UsageError:
    classes = [name for name, value in vars(module).items() if isinstance(value, type) and _defined(value)]
    message = f"no user in {file}: expected a class that is an HttpUser or FastHttpUser"
    if not classes:
        return UsageError(message, details=EXAMPLE, hint="Add one.")
    hint = "Let one of these inherit from HttpUser, and do not make it abstract."
    return UsageError(message, details=[f"there are: {', '.join(classes)}"], hint=hint)


def _defined(value: type) -> bool:
    return value.__module__ == MODULE_NAME


def _check(user: Any, file: Path) -> None:
    name = user.__name__
    if not user.tasks:
        hint = "Put @task above a method, set `tasks`, or set `abstract = True`."
        raise UsageError(f"{file.name}: user {name} has no tasks", hint=hint)
    if not isinstance(user.weight, int | float) or not 0 < user.weight <= MOST_WEIGHT:
        hint = "Set `abstract = True` on a class that should not run."
        wanted = f"a number above 0, at most {MOST_WEIGHT:g}"
        raise UsageError(f"{file.name}: user {name} has weight {user.weight!r}, expected {wanted}", hint=hint)
