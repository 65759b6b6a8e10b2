"""Times by endpoint and layer, and the shares that they are of each other. Pure."""

from collections.abc import Mapping
from typing import TypeVar

Key = tuple[str, str]
"""An endpoint and one of its layers."""
Times = dict[Key, float]
K = TypeVar("K")
V = TypeVar("V", int, float)


def shares_of(times: Times) -> Times:
    """Return what part each is of all; nothing where there is nothing."""
    total = sum(times.values())
    return {key: ns / total for key, ns in times.items()} if total > 0 else {}


def add(into: dict[K, V], more: Mapping[K, V]) -> None:
    """Add what is in one to what is in the other."""
    for key, value in more.items():
        into[key] = into[key] + value if key in into else value


def mixed(one: Times, other: Times, part: float) -> Times:
    """Return shares of which `part` are those of `one`, if there are any."""
    part = part if one else 0.0
    keys = one.keys() | other.keys()
    return {key: part * one.get(key, 0.0) + (1 - part) * other.get(key, 0.0) for key in keys}
