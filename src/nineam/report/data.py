"""The run document as JSON, schema `nineam/run/1`."""

import math
from typing import Any

import msgspec

from nineam.model import RunDocument
from nineam.report.clean import builtins, map_strings


def render_json(document: RunDocument) -> str:
    """Pretty JSON ending in a newline. A number that is not finite becomes null, a lone surrogate its escape."""
    return pretty(builtins(document))


def pretty(value: Any) -> str:
    """Dictionaries, lists, strings and numbers as indented JSON that any reader takes, ending in a newline."""
    return msgspec.json.format(compact(value), indent=2).decode() + "\n"


def compact(value: Any) -> bytes:
    """Return the same on one line, without a newline."""
    return msgspec.json.encode(_finite(map_strings(value, _encodable)))


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
