"""Names that no list is made of, and that other lists mention: `username` in the author of each article."""

from typing import Any

from nineam.traffic.openapi.document import Document, Node
from nineam.traffic.openapi.entries import Entry, answer_schema, items_schema
from nineam.traffic.openapi.nouns import snake
from nineam.traffic.openapi.schemas import flat


def mention(document: Document, entry: Entry, parameter: str) -> str:
    """Say where the items that an operation lists have a value for a parameter: `author.username`; nothing if nowhere.

    Only operations are considered that need to know nothing themselves.
    """
    if entry.method != "GET" or entry.holes:
        return ""
    item = items_schema(document, answer_schema(document, entry))
    properties = _properties(document, item)
    for name in properties:
        if snake(name) == snake(parameter):
            return name
    for name, value in properties.items():
        for inner in _properties(document, value):
            if snake(inner) == snake(parameter):
                return f"{name}.{inner}"
    return ""


def _properties(document: Document, schema: Any) -> Node:
    found = flat(document, schema).schema.get("properties")
    return found if isinstance(found, dict) else {}
