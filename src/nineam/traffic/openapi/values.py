"""JSON with holes in it, made from schemas and examples."""

import json
from collections.abc import Callable
from typing import Any

from nineam.model import Drawn
from nineam.traffic.openapi.document import Document, Node, listed, worded
from nineam.traffic.openapi.leaves import Made, given, made
from nineam.traffic.openapi.parts import Parts, filled
from nineam.traffic.openapi.schemas import flat

DEEPEST = 8
MOST_PROPERTIES = 400
MOST_ITEMS = 20
PLURALS = ("ids", "uuids", "pks")

Sources = Callable[[str], tuple[Drawn, ...]]
"""Where ids for a property or a parameter come from, by its name; nothing for one that is no id."""


class Values:
    """Makes one value; one of these for each body or parameter, because there is a limit to what it makes."""

    def __init__(self, document: Document, sources: Sources) -> None:
        self._document = document
        self._sources = sources
        self._left = MOST_PROPERTIES

    def of(self, schema: Any, name: str = "") -> Parts:
        """Make JSON that fits a schema."""
        return self._of(schema, name, frozenset(), 0)

    def like(self, example: Any, name: str = "") -> Parts:
        """Repeat an example, with harvested ids where it has ids."""
        if isinstance(example, dict):
            return _object([(key, self.like(value, key)) for key, value in example.items()])
        if isinstance(example, list):
            return _array([self.like(value, _singular(name)) for value in example])
        return filled(Made((example,)), "json", self._harvested(name, example))

    def _of(self, schema: Any, name: str, above: frozenset[str], depth: int) -> Parts:
        self._left -= 1
        found, references = flat(self._document, schema)
        says = given(found)
        if says:
            if isinstance(says[0], dict | list):
                return self.like(says[0], name)
            return filled(Made(says), "json", self._harvested(name, says[0]))
        if references & above or depth > DEEPEST or self._left < 0:
            return _cut(found)
        above |= references
        if found["type"] == "object":
            return self._object(found, above, depth)
        if found["type"] == "array":
            return self._array(found, name, above, depth)
        leaf = made(found, name)
        return filled(leaf, "json", self._harvested(name, leaf.values[0] if leaf.values else ""))

    def _object(self, schema: Node, above: frozenset[str], depth: int) -> Parts:
        properties = schema.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        needed = [name for name in dict.fromkeys(map(worded, listed(schema.get("required")))) if name]
        needed = [name for name in needed if name not in properties or not self._read_only(properties[name])]
        wanted = [name for name in properties if name in needed or self._worth(properties[name], bool(needed))]
        wanted += [name for name in needed if name not in properties]
        members = [(name, self._of(properties.get(name), name, above, depth + 1)) for name in wanted]
        values = schema.get("additionalProperties")
        if not members and isinstance(values, dict) and not listed(schema.get("required")):
            members = [("key", self._of(values, "value", above, depth + 1))]
        return _object(members)

    def _read_only(self, schema: Any) -> bool:
        return flat(self._document, schema).schema.get("readOnly") is True

    def _worth(self, schema: Any, has_needed: bool) -> bool:
        """Whether an optional property is sent: it has an example, or nothing is needed and so all are sent."""
        found = flat(self._document, schema).schema
        if found.get("readOnly") is True or found.get("deprecated") is True:
            return False
        return not has_needed or any(name in found for name in ("example", "examples"))

    def _array(self, schema: Node, name: str, above: frozenset[str], depth: int) -> Parts:
        least = schema.get("minItems")
        count = min(least, MOST_ITEMS) if isinstance(least, int) and least > 1 else 1
        if schema.get("maxItems") == 0:
            count = 0
        return _array([self._of(schema.get("items"), _singular(name), above, depth + 1) for _ in range(count)])

    def _harvested(self, name: str, value: Any) -> tuple[Drawn, ...]:
        fits = isinstance(value, int | str) and not isinstance(value, bool)
        return self._sources(name) if fits else ()


def _object(members: list[tuple[str, Parts]]) -> Parts:
    parts: Parts = ["{"]
    for index, (name, value) in enumerate(members):
        parts += [("," if index else "") + json.dumps(name) + ":", *value]
    return [*parts, "}"]


def _array(items: list[Parts]) -> Parts:
    parts: Parts = ["["]
    for index, item in enumerate(items):
        parts += ["," if index else "", *item]
    return [*parts, "]"]


def _cut(schema: Node) -> Parts:
    """Give the least that has the type, where a schema contains itself."""
    return [{"object": "{}", "array": "[]", "string": '""', "integer": "0", "number": "0"}.get(schema["type"], "null")]


def _singular(name: str) -> str:
    """`tag_ids` holds ids of tags: each of them is a `tag_id`."""
    return name[:-1] if name.lower().endswith(PLURALS) else name
