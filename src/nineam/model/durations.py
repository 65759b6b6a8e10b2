"""Durations as k6 and Go write them: `30s`, `2m`, `1m30s`, `500ms`; a bare number is seconds."""

import re

from nineam.errors import UsageError

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
LONGEST_S = 366 * 86_400.0


def spelt_out(duration_s: float) -> str:
    """Write a duration as it could be given: `45s`, `1m30s`, `26h`."""
    minutes, rest = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (rest, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def seconds(text: str, where: str) -> float:
    """Read a duration in seconds. Raises `UsageError`, naming `where` it stands, for what is none."""
    text = text.strip()
    parts = PART.findall(text)
    if NUMBER.fullmatch(text):
        total = float(text)
    elif parts and "".join(number + unit for number, unit in parts) == text:
        total = sum(float(number) * UNITS[unit] for number, unit in parts)
    else:
        raise UsageError(f"{where} {text!r} is not a duration", hint="write it like 30s, 2m or 1m30s")
    if total > LONGEST_S:
        raise UsageError(f"{where} {text!r} is more than a year", hint="write it like 30s, 2m or 1m30s")
    return total
