"""Read a target: `module:attribute`, `path/to/file.py[:attribute]`, or a Django project."""

import ast
import re
from pathlib import Path

from nineam.app.facts import Target
from nineam.errors import UsageError

EXPECTED = "expected module:app, module:create_app(), path/to/file.py:app or a folder with manage.py"
MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
SETTINGS = re.compile(r"""DJANGO_SETTINGS_MODULE["']\s*(?:,|\]\s*=)\s*["']([\w.]+)["']""")


def parse_target(text: str, cwd: Path) -> Target:
    """Take a target apart without importing anything; raises UsageError when it has no known form."""
    cwd = cwd.absolute()
    named, _, attribute = text.strip().partition(":")
    path = cwd / named
    if not attribute and (path / "manage.py").is_file():
        return _django(text, path / "manage.py")
    if not attribute and path.name == "manage.py":
        return _django(text, path)
    attribute, call = _factory(text, attribute)
    if named.endswith(".py"):
        root, module = _module_of(text, path)
        return Target(text=text, cwd=str(cwd), search_path=str(root), module=module, attribute=attribute, call=call)
    if not MODULE.fullmatch(named):
        raise UsageError(f"target {text!r}: {named!r} is not the name of a module", hint=EXPECTED)
    return Target(text=text, cwd=str(cwd), search_path=str(cwd), module=named, attribute=attribute, call=call)


def _factory(text: str, attribute: str) -> tuple[str, str]:
    """Split `create_app("test")` into the attribute and the whole call; the arguments must be literals."""
    if not attribute or MODULE.fullmatch(attribute):
        return attribute, ""
    try:
        node = ast.parse(attribute, mode="eval").body
        if isinstance(node, ast.Call) and all(keyword.arg for keyword in node.keywords):
            name = ast.unparse(node.func)
            for value in [*node.args, *(keyword.value for keyword in node.keywords)]:
                ast.literal_eval(value)
            if MODULE.fullmatch(name):
                return name, attribute
    except (SyntaxError, ValueError):
        pass
    raise UsageError(
        f"target {text!r}: {attribute!r} is neither a name nor a call with literal arguments", hint=EXPECTED
    )


def _module_of(text: str, path: Path) -> tuple[Path, str]:
    """Find the import root of a file and its dotted name: folders with `__init__.py` belong to the package."""
    if not path.is_file():
        raise UsageError(f"target {text!r}: there is no file {path}", hint=EXPECTED)
    path = path.absolute()
    parts = [] if path.stem == "__init__" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").is_file() and folder.parent != folder:
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(parts)


def _django(text: str, manage_file: Path) -> Target:
    """Read the settings module out of manage.py, else take the only settings.py below it."""
    if not manage_file.is_file():
        raise UsageError(f"target {text!r}: there is no file {manage_file}", hint=EXPECTED)
    folder = manage_file.parent
    found = SETTINGS.search(manage_file.read_text("utf-8", "replace"))
    guesses = sorted(folder.glob("*/settings.py")) + sorted(folder.glob("*/settings/__init__.py"))
    if found:
        settings = found[1]
    elif len(guesses) == 1:
        settings = ".".join(guesses[0].relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
    else:
        raise UsageError(
            f"{manage_file}: found no DJANGO_SETTINGS_MODULE in it",
            hint="name the entry instead, such as mysite.wsgi:application",
        )
    return Target(text=text, cwd=str(folder), search_path=str(folder), manage_file=str(manage_file), settings=settings)
