"""Find the application of a project by reading its files; nothing is imported."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from nineam.errors import UsageError

FILE_NAMES = ("main", "app", "application", "asgi", "wsgi", "server", "api", "run", "__init__")
CONSTRUCTORS = ("FastAPI", "Flask", "Starlette", "Quart", "Litestar", "get_wsgi_application", "get_asgi_application")
FACTORY_NAMES = (
    "create_app",
    "make_app",
    "get_app",
    "build_app",
    "create_application",
    "get_application",
    "app_factory",
)
SKIPPED = ("tests", "test", "docs", "node_modules", "build", "dist", "venv", "site-packages", "migrations", "examples")
LARGEST_BYTES = 1_000_000
WRITTEN = re.compile(r"^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?(" + "|".join(CONSTRUCTORS) + r")\(", re.MULTILINE)


def find_target(cwd: Path) -> str:
    """Name the target in `cwd`: `manage.py`, `module:app`, or `src/package/main.py:app`.

    Django's manage.py wins; then main, app, application, asgi, wsgi, server, api and run in `cwd`, its `src` and
    the folders one level below each. Raises UsageError listing what was looked for.
    """
    for manage_file in (cwd / "manage.py", *sorted(cwd.glob("*/manage.py"))):
        if manage_file.is_file() and "DJANGO_SETTINGS_MODULE" in _text(manage_file):
            return str(manage_file.relative_to(cwd))
    for path in _files(cwd):
        name = served_name(_text(path))
        if name:
            return _spelled(path, name, cwd)
    looked = ", ".join(f"{name}.py" for name in FILE_NAMES[:-1])
    raise UsageError(
        f"found no web application in {cwd}",
        details=(
            "looked for manage.py (Django)",
            f"looked for FastAPI(, Flask(, Starlette(, Quart( or Litestar( in {looked}",
            "looked here, in src, and in the folders one level below",
        ),
        hint="name it: nineam run module:app, nineam run -- COMMAND, or nineam run http://127.0.0.1:8000",
    )


def served_name(source: str) -> str:
    """Name the application, or else the factory, that a module's text defines at its top level; empty for neither."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        # written for a newer Python than this one, or broken: the import will tell
        found = WRITTEN.search(source)
        return found[1] if found else ""
    factories = [node.name for node in body if isinstance(node, ast.FunctionDef) and _makes_application(node)]
    made_by = (*CONSTRUCTORS, *FACTORY_NAMES, *factories)
    for name, value in _assignments(body):
        if isinstance(value, ast.Call) and _called(value) in made_by:
            return name
    return factories[0] if factories else ""


def _assignments(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr | None]]:
    for node in body:
        if isinstance(node, ast.Assign):
            yield from ((each.id, node.value) for each in node.targets if isinstance(each, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node.value


def _makes_application(function: ast.FunctionDef) -> bool:
    arguments = function.args
    required = len(arguments.args) + len(arguments.posonlyargs) - len(arguments.defaults)
    required += sum(default is None for default in arguments.kw_defaults)
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
    return required <= 0 and any(_called(call) in CONSTRUCTORS for call in calls)


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _files(cwd: Path) -> Iterator[Path]:
    for folder in (cwd, cwd / "src"):
        yield from _named(folder)
        for below in sorted(folder.iterdir()) if folder.is_dir() else ():
            if (
                below.is_dir()
                and below.name not in SKIPPED
                and not below.name.startswith((".", "_"))
                and below.name != "src"
            ):
                yield from _named(below)


def _named(folder: Path) -> Iterator[Path]:
    return (path for name in FILE_NAMES if (path := folder / f"{name}.py").is_file())


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace") if path.stat().st_size <= LARGEST_BYTES else ""
    except OSError:
        return ""


def _spelled(path: Path, name: str, cwd: Path) -> str:
    """`package.main:app` when that is how the project imports itself, else the file's path and the name."""
    relative = path.relative_to(cwd)
    parts = relative.with_suffix("").parts
    packaged = all((cwd / Path(*parts[:depth]) / "__init__.py").is_file() for depth in range(1, len(parts)))
    says_so = re.search(rf"^\s*(?:from|import)\s+{re.escape(parts[0])}\b", _text(path), re.MULTILINE)
    by_module = len(parts) == 1 or packaged or says_so or parts[0] != "src"
    if by_module and all(part.isidentifier() for part in parts):
        return ".".join(parts).removesuffix(".__init__") + f":{name}"
    return f"{relative}:{name}"
