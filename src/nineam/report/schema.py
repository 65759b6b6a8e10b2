"""The JSON schema of `--json`, derived from the records so that the two cannot differ."""

from typing import Any

import msgspec

from nineam.model import Flame, FlameLayer, FlameStack, RunDocument

RUN_SCHEMA = "nineam/run/1"


def run_schema() -> dict[str, Any]:
    """Return the schema of a run (JSON Schema 2020-12). Unknown keys are allowed: adding keys is free."""
    (reference,), components = msgspec.json.schema_components([RunDocument], ref_template="#/$defs/{name}")
    drawn = {record.__name__ for record in (Flame, FlameLayer, FlameStack)}
    definitions = {name: _with_constants(name, part) for name, part in components.items() if name not in drawn}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{RUN_SCHEMA.replace('/', ':')}",
        "title": RUN_SCHEMA,
        **reference,
        "$defs": definitions,
    }


def _with_constants(name: str, component: dict[str, Any]) -> dict[str, Any]:
    """Require the schema's own name in the document and every key of each record: defaults are printed too."""
    properties = component.get("properties", {})
    if name == RunDocument.__name__:
        properties = {key: value for key, value in properties.items() if key != "flames"}
        properties |= {"schema": {"const": RUN_SCHEMA}}
    return component | {"properties": properties, "required": list(properties)} if properties else component
