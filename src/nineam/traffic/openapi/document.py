"""OpenAPI documents as such: from bytes, made harmless, and with their references followed."""

import importlib
import json
import math
from datetime import date
from typing import Any
from urllib.parse import unquote

from nineam.errors import UsageError, nearest

MOST_NODES = 3_000_000
DEEPEST = 80
MOST_HOPS = 20
LARGEST_NUMBER = 2**63

Node = dict[str, Any]

WEB_PAGE_HINT = "That is a web page; the document it shows is often at /openapi.json."
YAML_HINT = "Install it (pip install nineam[yaml]), or convert the document to JSON."


def parse_document(data: bytes, where: str) -> Any:
    """Parse JSON or YAML; `where` names the file or address. Raises `UsageError` when it is neither."""
    text = data.decode("utf-8-sig", "replace").strip()
    if not text:
        raise UsageError(f"{where} is empty, expected an OpenAPI document")
    if text.startswith("<"):
        raise UsageError(f"{where} is HTML or XML, expected an OpenAPI document", hint=WEB_PAGE_HINT)
    return _json(text, where) if text[0] in '{["' else _yaml(text, where)


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise UsageError(f"{where} is not JSON: {error.msg} ({place})", hint="Correct that place.") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where} cannot be read as JSON: {error}") from error


def _yaml(text: str, where: str) -> Any:
    try:
        yaml = importlib.import_module("yaml")
    except ImportError:
        raise UsageError(f"{where} looks like YAML, and PyYAML is not installed", hint=YAML_HINT) from None
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        lines = str(error).splitlines() or ["nested too deeply"]
        raise UsageError(f"{where} is neither JSON nor YAML: {lines[0]}", details=lines[1:6]) from error


def tidy(document: Any) -> Node:
    """Copy a document with string keys and plain values only. Raises `UsageError` when it is no OpenAPI document."""
    root = _Copy().of(document, 0)
    if not isinstance(root, dict):
        got = type(document).__name__
        raise UsageError(f"no OpenAPI document: expected an object at the top level, got {got}")
    if not isinstance(root.get("paths"), dict):
        close = nearest("paths", root)
        details = [f"at the top level: {', '.join(sorted(root)[:12]) or 'nothing'}"]
        hint = f"Is '{close}' meant to be 'paths'?" if close and close != "paths" else "It lists what can be requested."
        raise UsageError("no OpenAPI document: it has no object 'paths'", details=details, hint=hint)
    return root


class _Copy:
    """Aliases in YAML can make a small file endless: there is a limit to what is copied."""

    def __init__(self) -> None:
        self._left = MOST_NODES

    def of(self, value: Any, depth: int) -> Any:
        self._left -= 1
        if self._left < 0 or depth > DEEPEST:
            limit = f"{MOST_NODES} values" if self._left < 0 else f"{DEEPEST} levels"
            raise UsageError(f"the OpenAPI document has more than {limit}", hint="Does it contain itself?")
        if isinstance(value, dict):
            return {_text(key): self.of(each, depth + 1) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.of(each, depth + 1) for each in value]
        return _plain(value)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if isinstance(value, int) and abs(value) < LARGEST_NUMBER else _finite(value)
    return _text(value)


def _finite(value: float) -> float:
    try:
        return float(value) if math.isfinite(value) else 0.0
    except OverflowError:
        return 0.0


def _text(value: Any) -> str:
    if isinstance(value, bool):  # YAML's `on`, `no` and the like as keys
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    text = value if isinstance(value, str) else str(value)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


class Document:
    """Looks things up in a tidy document; whatever is not what it should be counts as absent."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.is_swagger = "swagger" in root

    def node(self, value: Any) -> Node:
        """Give the object that `value` is or refers to; an empty one when there is none."""
        for _ in range(MOST_HOPS):
            if not isinstance(value, dict):
                return {}
            reference = value.get("$ref")
            if not isinstance(reference, str):
                return value
            value = self._find(reference)
        return {}

    def child(self, parent: Node, name: str) -> Node:
        """Give the object under a name."""
        return self.node(parent.get(name))

    def children(self, parent: Node, name: str) -> list[Node]:
        """Give the objects in the list under a name."""
        return [self.node(each) for each in listed(parent.get(name)) if isinstance(each, dict)]

    def _find(self, reference: str) -> Any:
        """Give what a local reference points to; other documents are not fetched."""
        if not reference.startswith("#/"):
            return None
        found: Any = self.root
        for step in reference[2:].split("/"):
            key = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(found, list):
                found = found[int(key)] if key.isdecimal() and int(key) < len(found) else None
            else:
                found = found.get(key) if isinstance(found, dict) else None
        return found


def listed(value: Any) -> list[Any]:
    """`value` when it is a list, otherwise an empty one."""
    return value if isinstance(value, list) else []


def worded(value: Any) -> str:
    """`value` when it is text, otherwise an empty one."""
    return value if isinstance(value, str) else ""
