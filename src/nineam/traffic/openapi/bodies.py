"""Bodies of requests: JSON, forms, uploads, plain text."""

import re
from typing import Any, NamedTuple

from nineam.traffic.openapi.document import Document, Node, listed, worded
from nineam.traffic.openapi.entries import JSON_TYPE, Entry, schema_of
from nineam.traffic.openapi.leaves import Made, given, made
from nineam.traffic.openapi.parts import Parts, filled
from nineam.traffic.openapi.schemas import flat
from nineam.traffic.openapi.values import Sources, Values

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
TEXT = re.compile(r"text/(?:plain|csv|\*)|application/octet-stream", re.IGNORECASE)
BOUNDARY = "nineam-9a7f4c31d2e85b60"
FILE = "nine a.m.\n"
PICTURE = "GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
PICTURES = ("image", "photo", "picture", "avatar", "logo", "icon", "thumbnail")
ALWAYS = frozenset({"POST", "PUT", "PATCH"})


class Body(NamedTuple):
    """A body and its content type; `unknown` is the type of one that cannot be made up."""

    kind: str = ""
    parts: Parts = []
    unknown: str = ""


def body_of(document: Document, entry: Entry, sources: Sources) -> Body:
    """Make the body of an operation; an empty one when it has none."""
    content = _content(document, entry)
    if not content:
        return Body()
    kind, media = min(content.items(), key=lambda item: _rank(item[0], item[1]))
    return _Maker(document, sources).body(kind.partition(";")[0].strip().lower(), media)


def _content(document: Document, entry: Entry) -> dict[str, Node]:
    """Give the media types of a body, as OpenAPI 3 writes them."""
    if document.is_swagger:
        return _old_content(document, entry)
    described = document.child(entry.node, "requestBody")
    content = described.get("content")
    if not isinstance(content, dict) or not (entry.method in ALWAYS or described.get("required") is True):
        return {}
    return {kind: document.node(media) for kind, media in content.items()}


def _old_content(document: Document, entry: Entry) -> dict[str, Node]:
    consumes = listed(entry.node.get("consumes")) or listed(document.root.get("consumes"))
    for parameter in entry.parameters:
        if parameter.get("in") == "body":
            kinds = [kind for kind in consumes if isinstance(kind, str)]
            return dict.fromkeys(kinds or ["application/json"], parameter)
    fields = [each for each in entry.parameters if each.get("in") == "formData"]
    if not fields:
        return {}
    properties = {worded(each.get("name")): _old_property(each) for each in fields}
    required = [worded(each.get("name")) for each in fields if each.get("required") is True]
    uploads = any(each.get("type") == "file" for each in fields)
    kind = MULTIPART if uploads or MULTIPART in consumes else FORM
    return {kind: {"schema": {"type": "object", "properties": properties, "required": required}}}


def _old_property(parameter: Node) -> Any:
    if parameter.get("type") == "file":
        return {"type": "string", "format": "binary"}
    return {name: value for name, value in parameter.items() if name not in ("in", "name", "required")}


def _rank(kind: str, media: Node) -> int:
    if JSON_TYPE.match(kind) or kind == "*/*":
        return 0
    ranks = {FORM: 1, MULTIPART: 2}
    return ranks.get(kind.partition(";")[0].strip().lower(), 3 if given(media) else 4)


class _Maker:
    def __init__(self, document: Document, sources: Sources) -> None:
        self._document = document
        self._sources = sources
        self._values = Values(document, sources)

    def body(self, kind: str, media: Node) -> Body:
        says = given(media)
        if JSON_TYPE.match(kind) or kind == "*/*":
            return Body("application/json" if kind == "*/*" else kind, self._json(media, says))
        if kind == FORM:
            return Body(kind, self._form(media))
        if kind == MULTIPART:
            return Body(f"{kind}; boundary={BOUNDARY}", self._multipart(media))
        if says and isinstance(says[0], str):
            return Body(kind, [says[0]])
        if kind.startswith("image/"):
            return Body("image/gif", [PICTURE])
        return Body(kind, [FILE]) if TEXT.match(kind) else Body(unknown=kind)

    def _json(self, media: Node, says: tuple[Any, ...]) -> Parts:
        if len(says) > 1:
            return filled(Made(says), "json")
        return self._values.like(says[0]) if says else self._values.of(schema_of(self._document, media))

    def _fields(self, media: Node) -> list[tuple[str, Node, Any]]:
        """Give name, schema and value (None when the schema has to say it) of what a form has."""
        schema = flat(self._document, schema_of(self._document, media)).schema
        properties = schema.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        says = given(media) or given(schema)
        if says and isinstance(says[0], dict):
            return [(name, flat(self._document, properties.get(name)).schema, says[0][name]) for name in says[0]]
        required = listed(schema.get("required"))
        found = [(name, flat(self._document, value).schema) for name, value in properties.items()]
        return [(name, value, None) for name, value in found if not required or name in required or "example" in value]

    def _form(self, media: Node) -> Parts:
        parts: Parts = []
        for name, schema, value in self._fields(media):
            parts += [("&" if parts else "") + filled_text(name) + "=", *self._plain(name, schema, value)]
        return parts

    def _plain(self, name: str, schema: Node, value: Any) -> Parts:
        """Make one field of a form, in url encoding."""
        says = given(schema) if value is None else (value,)
        if schema["type"] == "array" and not says:
            schema = flat(self._document, schema.get("items")).schema
            says = given(schema)
        return filled(Made(says) if says else made(schema, name), "url", self._sources(name))

    def _multipart(self, media: Node) -> Parts:
        parts: Parts = []
        for name, schema, value in self._fields(media):
            quoted = "".join(filter(str.isprintable, name)).replace('"', "%22")
            disposition = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{quoted}"'
            if _is_file(self._document, schema):
                picture = any(word in name.lower() for word in PICTURES)
                filename, kind, content = ("a.gif", "image/gif", PICTURE) if picture else ("a.txt", "text/plain", FILE)
                parts.append(f'{disposition}; filename="{filename}"\r\nContent-Type: {kind}\r\n\r\n{content}\r\n')
            else:
                parts += [f"{disposition}\r\n\r\n", *self._field(name, schema, value), "\r\n"]
        return [*parts, f"--{BOUNDARY}--\r\n"]

    def _field(self, name: str, schema: Node, value: Any) -> Parts:
        if schema["type"] in ("object", "array") or isinstance(value, dict | list):
            return self._values.of(schema, name) if value is None else self._values.like(value, name)
        says = given(schema) if value is None else (value,)
        return filled(Made(says) if says else made(schema, name), "header", self._sources(name))


def filled_text(name: str) -> str:
    """`name` in url encoding."""
    return "".join(part for part in filled(Made((name,)), "url") if isinstance(part, str))


def _is_file(document: Document, schema: Node) -> bool:
    if schema["type"] == "array":
        schema = flat(document, schema.get("items")).schema
    binary = schema.get("format") == "binary" or schema.get("contentMediaType") == "application/octet-stream"
    return binary or schema["type"] == "file"
