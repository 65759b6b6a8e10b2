"""The operations of a document, before anything is decided about them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from nineam.endpoints import shortened
from nineam.traffic.openapi.document import Document, Node, listed, worded
from nineam.traffic.openapi.schemas import flat
from nineam.visible import visible

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
PARAMETER = re.compile(r"\{([^{}]*)\}")
JSON_TYPE = re.compile(r"application/(?:[\w.+-]+\+)?json\b", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Entry:
    """One operation as it stands: `path` with parameters in braces, `prefix` from its server."""

    method: str
    path: str
    prefix: str
    node: Node
    parameters: tuple[Node, ...]

    @property
    def name(self) -> str:
        """The endpoint that its requests count under."""
        return shortened(visible(f"{self.method} {self.prefix}{self.path}"))

    @property
    def holes(self) -> tuple[str, ...]:
        """The names of the parameters in its path, in order."""
        return tuple(PARAMETER.findall(self.path))

    def parameter(self, place: str, name: str) -> Node:
        """Give a parameter by place (`path`, `query`...) and name; an empty one when the document forgot it."""
        found = (each for each in self.parameters if each.get("in") == place and each.get("name") == name)
        return next(found, {})


def entries(document: Document) -> Iterator[Entry]:
    """Yield the operations in the order of the document."""
    for path, value in document.root["paths"].items():
        item = document.node(value)
        if not path.startswith("/"):
            continue
        for method in METHODS:
            node = document.child(item, method)
            if isinstance(item.get(method), dict):
                prefix = _prefix(document, node, item)
                yield Entry(method.upper(), path, prefix, node, _parameters(document, item, node))


def _parameters(document: Document, item: Node, node: Node) -> tuple[Node, ...]:
    """Those of the operation replace those of the path that are called alike."""
    both = [*document.children(item, "parameters"), *document.children(node, "parameters")]
    return tuple({(worded(each.get("in")), worded(each.get("name"))): each for each in both}.values())


def _prefix(document: Document, *nodes: Node) -> str:
    if document.is_swagger:
        return _path_of(worded(document.root.get("basePath")))
    for node in (*nodes, document.root):
        for server in document.children(node, "servers")[:1]:
            return _path_of(_filled(document, server))
    return ""


def _filled(document: Document, server: Node) -> str:
    variables = document.child(server, "variables")

    def value(match: re.Match[str]) -> str:
        return str(document.child(variables, match.group(1)).get("default", ""))

    return PARAMETER.sub(value, worded(server.get("url")))


def _path_of(url: str) -> str:
    try:
        path = urlsplit(url).path.strip("/")
    except ValueError:
        return ""
    return f"/{path}" if path else ""


def schema_of(document: Document, node: Node) -> Any:
    """Give the schema of a parameter, a header or a media type, whichever version wrote it."""
    if "schema" in node:
        return node["schema"]
    content = node.get("content")
    if isinstance(content, dict):
        return next((document.node(each).get("schema") for each in content.values()), {})
    return node if document.is_swagger else {}


def answer_schema(document: Document, entry: Entry) -> Any:
    """Give the schema of what an operation answers when all is well; nothing when it has none."""
    responses = entry.node.get("responses")
    for status, value in responses.items() if isinstance(responses, dict) else ():
        if str(status).startswith("2") or status == "default":
            answer = document.node(value)
            content = answer.get("content")
            media = content if isinstance(content, dict) else {}
            found = (document.node(each).get("schema") for kind, each in media.items() if JSON_TYPE.match(kind))
            return answer.get("schema", next(found, None))
    return None


def items_schema(document: Document, schema: Any) -> Any:
    """Give the schema of what a schema lists: itself an array, or an object with one array in it; else nothing."""
    found = flat(document, schema).schema
    if found["type"] == "array":
        return found.get("items")
    properties = found.get("properties")
    for value in properties.values() if isinstance(properties, dict) else ():
        inner = flat(document, value).schema
        if inner["type"] == "array" and isinstance(inner.get("items"), dict):
            return inner["items"]
    return None


def reference(schema: Any) -> str:
    """Give the reference that a schema is, by itself or as its only part."""
    if not isinstance(schema, dict):
        return ""
    parts = listed(schema.get("allOf"))
    return worded(schema.get("$ref")) or (reference(parts[0]) if len(parts) == 1 else "")
