"""Schemas made simple: references followed, `allOf` merged, one of `oneOf` and `anyOf` chosen, null left aside."""

from typing import Any, NamedTuple

from nineam.traffic.openapi.document import Document, Node, listed

DEEPEST = 8
"""How many levels of references and combinations are followed before a schema counts as anything."""
MOST_BRANCHES = 60
JOINED = ("properties", "patternProperties")


class Flat(NamedTuple):
    """A schema without combinations, and the references that led to it."""

    schema: Node
    references: frozenset[str]


def flat(document: Document, schema: Any) -> Flat:
    """Flatten one level of a schema: what stands below its properties and items stays as it is."""
    flattening = _Flattening(document)
    return Flat(_typed(flattening.of(schema, 0)), frozenset(flattening.references))


class _Flattening:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._left = MOST_BRANCHES
        self.references: set[str] = set()

    def of(self, schema: Any, depth: int) -> Node:
        self._left -= 1
        if not isinstance(schema, dict) or depth > DEEPEST or self._left < 0:
            return {}
        reference = schema.get("$ref")
        if isinstance(reference, str):
            self.references.add(reference)
            beside = {name: value for name, value in schema.items() if name != "$ref"}
            return merged(self.of(self._document.node({"$ref": reference}), depth + 1), beside)
        own = {name: value for name, value in schema.items() if name not in ("allOf", "oneOf", "anyOf")}
        parts: Node = {}
        for part in listed(schema.get("allOf")):
            parts = merged(parts, self.of(part, depth + 1))
        own = merged(parts, own)
        for name in ("oneOf", "anyOf"):
            chosen = self._first(listed(schema.get(name)), depth)
            own = merged(chosen, own)
        return own

    def _first(self, branches: list[Any], depth: int) -> Node:
        found = (self.of(branch, depth + 1) for branch in branches)
        return next((branch for branch in found if branch and branch.get("type") != "null"), {})


def merged(base: Node, over: Node) -> Node:
    """Join two schemas: what both demand, and where they disagree what `over` says."""
    joined = base | over
    for name in JOINED:
        if isinstance(base.get(name), dict) and isinstance(over.get(name), dict):
            joined[name] = base[name] | over[name]
    if base.get("required") and over.get("required"):
        joined["required"] = [*listed(base["required"]), *listed(over["required"])]
    return joined


def _typed(schema: Node) -> Node:
    """Give a schema one type: the first that is not null; guessed from its other words when it names none."""
    kinds = listed(schema.get("type")) or [schema.get("type")]
    kind = next((each for each in kinds if isinstance(each, str) and each != "null"), None)
    if kind is None and "null" not in kinds:
        if "properties" in schema or "additionalProperties" in schema:
            kind = "object"
        elif "items" in schema:
            kind = "array"
    return schema | {"type": kind or ("null" if "null" in kinds else "")}
