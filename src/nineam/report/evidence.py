"""Evidence of a finding as pairs of words and short numbers."""

from typing import Any

from nineam.report import numbers
from nineam.report.clean import one_line

_LONGEST_VALUE = 60


def evidence_pairs(evidence: dict[str, Any]) -> list[tuple[str, str]]:
    """Each fact as (what, how much); the unit is taken from the key's ending and written with the value."""
    return [_pair(str(key), value) for key, value in evidence.items() if value not in ([], {}, "")]


def evidence_line(evidence: dict[str, Any]) -> str:
    """Return the facts on one line."""
    return ", ".join(f"{name} {value}" for name, value in evidence_pairs(evidence))


def _pair(key: str, value: Any) -> tuple[str, str]:
    name, text = key, _value(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        name, text = _number(key, value)
    return one_line(name.replace("_", " "), _LONGEST_VALUE), text


def _number(key: str, value: float) -> tuple[str, str]:
    if key.endswith("_ms"):
        return key.removesuffix("_ms"), numbers.milliseconds(value)
    if key.endswith(("_rate", "_share")) or "_rate_" in key or key == "share":
        return key, numbers.percent(value) if 0 <= value <= 1 else numbers.short(value)
    if key.endswith("_s"):
        return key.removesuffix("_s"), numbers.seconds(value)
    return key, numbers.count(value) if isinstance(value, int) else numbers.short(value)


def _value(value: Any) -> str:
    if value is None:
        return numbers.UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return one_line(", ".join(_value(item) for item in value), _LONGEST_VALUE)
    if isinstance(value, dict):
        return one_line(", ".join(f"{key} {_value(item)}" for key, item in value.items()), _LONGEST_VALUE)
    if isinstance(value, float | int):
        return numbers.short(value)
    return one_line(str(value), _LONGEST_VALUE)
