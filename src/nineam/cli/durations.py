"""Durations as k6 and Go write them: `30s`, `2m`, `1m30s`, `500ms`; a bare number is seconds."""

import re

from nineam.errors import UsageError

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")


def seconds(text: str, where: str) -> float:
    """Read a duration in seconds; raises UsageError naming `where` it stands."""
    text = text.strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    parts = PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise UsageError(f"{where} {text!r} is not a duration", hint="write it like 30s, 2m or 1m30s")
    return sum(float(number) * UNITS[unit] for number, unit in parts)
