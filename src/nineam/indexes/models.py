"""Where the application declares a table, and the line to add there: SQLAlchemy and Django, read without importing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from nineam.indexes.model_classes import Declared, declared
from nineam.model.indexes import IndexPart, IndexProof, IndexReport

LEFT_OUT = frozenset(("site-packages", "node_modules", "__pycache__", "migrations", "versions", "build", "dist"))
LARGEST = 1_000_000
MOST_FILES, MOST_PLACES = 5000, 3
SIMPLE = re.compile(r'(LOWER|UPPER)\("(\w+)"\)')


def in_models(report: IndexReport, source: Path, shown_from: Path) -> IndexReport:
    """Put to each proof the line for its model, when one is found beneath `source`."""
    if not report.proofs:
        return report
    tables: dict[str, list[Declared]] = {}
    for path in _files(source):
        for each in _read(path, source):
            tables.setdefault(each.table.lower(), []).append(each)
    proofs = tuple(_with_model(proof, tables, shown_from) for proof in report.proofs)
    return replace(report, proofs=proofs)


def _files(source: Path) -> Iterator[Path]:
    """Yield the application's own files: no virtual environments, no migrations, nothing hidden."""
    folders, count = [source], 0
    while folders and count < MOST_FILES:
        for path in sorted(_inside(folders.pop(0))):
            if path.is_dir() and not path.is_symlink():
                if path.name not in LEFT_OUT and path.name[0] != "." and not (path / "pyvenv.cfg").exists():
                    folders.append(path)
            elif path.suffix == ".py":
                count += 1
                yield path


def _inside(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _read(path: Path, source: Path) -> list[Declared]:
    try:
        if path.stat().st_size > LARGEST:
            return []
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
    return list(declared(tree, path, source))


def _with_model(proof: IndexProof, tables: dict[str, list[Declared]], shown_from: Path) -> IndexProof:
    """Put the line to a proof; where several models are of one table, all their places."""
    found = tables.get(proof.table.lower(), [])
    if not found:
        return proof
    places = [_place(each, shown_from.resolve()) for each in found[:MOST_PLACES]]
    return replace(proof, model=line_for(found[0], proof), model_at=" or ".join(places))


def _place(found: Declared, shown_from: Path) -> str:
    path = found.path.resolve()
    shown = path.relative_to(shown_from) if path.is_relative_to(shown_from) else path
    return f"{shown}:{found.line} ({found.name})"


def line_for(found: Declared, proof: IndexProof) -> str:
    """Return the line to add to a model; pure."""
    if found.framework == "django":
        index = f"models.Index({_django(found, proof.parts)}, name={proof.name!r})"
        return f"add {index} to Meta.indexes" if found.indexed else f"add to class Meta: indexes = [{index}]"
    inside = ", ".join(_sqlalchemy(part) for part in proof.parts)
    index = f'Index("{proof.name}", {inside})'
    if found.framework == "table":
        return f"add {index} to Table(...)"
    return f"add {index} to __table_args__" if found.indexed else f"__table_args__ = ({index},)"


def _sqlalchemy(part: IndexPart) -> str:
    if part.plain and not part.descending and not part.nulls:
        return f'"{part.text}"'
    nulls = f" NULLS {part.nulls.upper()}" if part.nulls else ""
    return f"text({part.text + (' DESC' if part.descending else '') + nulls!r})"


def _django(found: Declared, parts: tuple[IndexPart, ...]) -> str:
    names = [found.fields.get(part.text, part.text) for part in parts]
    if all(part.plain and not part.nulls for part in parts):
        fields = [f"{'-' * part.descending}{name}" for part, name in zip(parts, names, strict=True)]
        return f"fields={fields}"
    return ", ".join(_expression(found, part, name) for part, name in zip(parts, names, strict=True))


def _expression(found: Declared, part: IndexPart, name: str) -> str:
    simple = SIMPLE.fullmatch(part.text)
    if part.plain:
        inner = f'F("{name}")'
    elif simple:
        inner = f'{simple[1].capitalize()}("{found.fields.get(simple[2], simple[2])}")'
    else:
        inner = f"RawSQL({part.text!r}, ())"
    if part.descending:
        return f"{inner}.desc({f'nulls_{part.nulls}=True' if part.nulls else ''})"
    return f"{inner}.asc(nulls_{part.nulls}=True)" if part.nulls else inner
