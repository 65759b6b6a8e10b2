"""The run document as JSON, schema `nineam/run/1`."""

import math
from typing import Any

import msgspec

from nineam.model import RunDocument
from nineam.report.clean import builtins, map_strings


def render_json(document: RunDocument) -> str:
    """Pretty JSON ending in a newline. A number that is not finite becomes null, a lone surrogate its escape."""
    value = _finite(map_strings(builtins(document), _encodable))
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {_key(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value


def _key(key: Any) -> str:
    return key if isinstance(key, str) else str(key)
