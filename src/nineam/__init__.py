"""It is nine a.m. on Monday, on your own machine: what breaks first, why, and at which line.

A `monday.py` imports from here; the names are looked up when they are asked for, so importing does nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nineam.load.response import Response
    from nineam.load.users import User
    from nineam.script import check, feed, group, journey, metric

__version__ = "0.1.0"
__all__ = ["Response", "User", "check", "feed", "group", "journey", "metric"]

_HOMES = {
    "Response": "nineam.load.response",
    "User": "nineam.load.users",
    "check": "nineam.script",
    "feed": "nineam.script",
    "group": "nineam.script",
    "journey": "nineam.script",
    "metric": "nineam.script",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'nineam' has no attribute '{name}'")
    import importlib  # noqa: PLC0415 - importing nineam does nothing

    return getattr(importlib.import_module(_HOMES[name]), name)
