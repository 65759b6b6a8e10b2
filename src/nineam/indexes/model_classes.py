"""Which tables a Python file declares: SQLAlchemy's classes and tables, Django's models. Files are only parsed."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from nineam.model.record import Record

REFERENCES = ("ForeignKey", "OneToOneField")
COLUMNS = ("Column", "mapped_column")
NAMING_BASES = {"Model", "Base"}
WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<!^)(?=[A-Z][a-z])")
"""Where a new word begins in the name of a class."""


class Declared(Record, frozen=True, kw_only=True):
    """A model, where it is and how it calls its columns; `indexed` when it lists indexes or arguments already."""

    table: str
    framework: Literal["sqlalchemy", "table", "django"]
    name: str
    path: Path
    line: int
    indexed: bool = False
    fields: dict[str, str] = {}


def declared(tree: ast.Module, path: Path, source: Path) -> Iterator[Declared]:
    """Yield what a file declares; `source` is the folder that applications of a Django project lie in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            found = _sqlalchemy(node, path) or _django(node, path, source)
            if found is not None:
                yield found
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _called(node.value) == "Table":
            name = _text(node.value.args[0]) if node.value.args else ""
            if name:
                shown = node.targets[0].id if isinstance(node.targets[0], ast.Name) else name
                yield Declared(table=name, framework="table", name=shown, path=path, line=node.lineno)


def _sqlalchemy(node: ast.ClassDef, path: Path) -> Declared | None:
    names = dict(_assigned(node))
    table = _text(names.get("__tablename__"))
    if not table and any(each.arg == "table" and _true(each.value) for each in node.keywords):
        table = node.name.lower()  # SQLModel
    if not table and _is_named_by_its_class(node, names):
        table = WORDS.sub("_", node.name).lower()  # Flask-SQLAlchemy
    if not table:
        return None
    return Declared(
        table=table, framework="sqlalchemy", name=node.name, path=path, line=node.lineno,
        indexed="__table_args__" in names,
    )  # fmt: skip


def _is_named_by_its_class(node: ast.ClassDef, names: Mapping[str, ast.expr]) -> bool:
    """Whether a class has SQLAlchemy's columns and a base that may name its table."""
    bases = {each.attr if isinstance(each, ast.Attribute) else getattr(each, "id", "") for each in node.bases}
    columns = any(isinstance(each, ast.Call) and _called(each) in COLUMNS for each in names.values())
    return bool(bases & NAMING_BASES) and columns and not _true(names.get("__abstract__"))


def _django(node: ast.ClassDef, path: Path, source: Path) -> Declared | None:
    meta = next((each for each in node.body if isinstance(each, ast.ClassDef) and each.name == "Meta"), None)
    inside = dict(_assigned(meta)) if meta else {}
    columns = dict(_columns(node))
    if _true(inside.get("abstract")) or _true(inside.get("proxy")) or not (columns or _text(inside.get("db_table"))):
        return None
    label = _text(inside.get("app_label")) or _label(path, source)
    return Declared(
        table=_text(inside.get("db_table")) or f"{label}_{node.name.lower()}",
        framework="django",
        name=node.name,
        path=path,
        line=node.lineno,
        indexed="indexes" in inside,
        fields=columns,
    )


def _label(path: Path, source: Path) -> str:
    """Return what Django calls an application whose models are here: the folder of models.py, or of models/."""
    folder = path.parent.parent if path.parent.name == "models" else path.parent
    return folder.resolve().name if folder != source or path.name == "models.py" else ""


def _columns(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Yield columns and the fields that stand for them."""
    for name, value in _assigned(node):
        kind = _called(value) if isinstance(value, ast.Call) else ""
        if isinstance(value, ast.Call) and (kind.endswith("Field") or kind in REFERENCES):
            given = {each.arg: each.value for each in value.keywords}
            own = f"{name}_id" if kind in REFERENCES else name
            yield _text(given.get("db_column")) or own, name


def _assigned(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for each in node.body:
        if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name):
            yield each.targets[0].id, each.value
        elif isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and each.value is not None:
            yield each.target.id, each.value
        elif isinstance(each, ast.FunctionDef):  # `@declared_attr def __table_args__`
            yield each.name, ast.Constant(value=None)


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True
