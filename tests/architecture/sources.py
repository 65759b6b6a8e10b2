"""The source tree as the architecture tests read it: files, module names, and every import with its line."""

import ast
import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import nineam

PACKAGE = Path(nineam.__file__).parent
ROOT = PACKAGE.parent


class Import(NamedTuple):
    """One imported module and the place that imports it."""

    file: Path
    line: int
    module: str

    @property
    def place(self) -> str:
        """`file:line`, relative to the source root."""
        return f"{self.file.relative_to(ROOT)}:{self.line}"


def files(under: str = "") -> list[Path]:
    """Every Python file below a package of nineam."""
    return sorted((PACKAGE / under).rglob("*.py"))


def module_name(file: Path) -> str:
    """The dotted name of a source file."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(file: Path) -> ast.Module:
    """The parsed source of a file."""
    return ast.parse(file.read_text(), filename=str(file))


def imports(file: Path) -> Iterator[Import]:
    """Every import of a file, inside functions and `TYPE_CHECKING` blocks too, relative ones made absolute."""
    package = module_name(file) if file.name == "__init__.py" else module_name(file).rpartition(".")[0]
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            module = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            for alias in node.names:
                yield Import(file, node.lineno, _module_or_parent(module, alias.name))
        elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__"):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield Import(file, node.lineno, first.value)


def _module_or_parent(module: str, name: str) -> str:
    """`from a import b` imports the module a.b when there is one, and otherwise a."""
    path = ROOT / Path(*module.split(".")) / name
    return f"{module}.{name}" if path.with_suffix(".py").exists() or path.is_dir() else module


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
