"""What comes from an application is not to be trusted with a terminal or a page: text made visible and harmless.

Markup is the renderers' business (each escapes for its own format). Here go the characters that harm every
format: terminal escapes, bidirectional overrides, lone surrogates.
"""

from typing import Any

import msgspec

from nineam.model import RunDocument
from nineam.visible import visible

ELLIPSIS = "…"


def one_line(text: str, limit: int = 0) -> str:
    """`text` with runs of whitespace collapsed, cut to `limit` characters (0: not cut) with an ellipsis."""
    line = " ".join(text.split())
    return line if not limit or len(line) <= limit else line[: max(0, limit - 1)].rstrip() + ELLIPSIS


def clean(document: RunDocument) -> RunDocument:
    """Return the same document with every string made `visible`; numbers are left as they are."""
    return msgspec.convert(map_strings(builtins(document), visible), RunDocument)


def builtins(document: RunDocument) -> Any:
    """Return the document as dictionaries, lists, strings and numbers; evidence of any other type becomes its text.

    The flames are left out: they are many times as large as the rest, and whoever draws them cleans them.
    """
    values: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(document, flames=()), enc_hook=str)
    del values["flames"]
    return values


def map_strings(value: Any, change: Any) -> Any:
    """`value` with `change` applied to every string in it, keys included."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {map_strings(key, change): map_strings(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [map_strings(item, change) for item in value]
    return value
