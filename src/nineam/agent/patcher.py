"""Replaces attributes of other people's classes, and remembers how to put every one of them back."""

import functools
import sys

_MISSING = object()
_PASSED_OVER = ":importlib_bootstrap"


class Patcher:
    """Every replacement goes through here, so that `undo` has no list of its own to forget something on."""

    def __init__(self):
        self._done = []

    def replace(self, owner, name, value):
        """Set `owner.name`, remembering what was in its own namespace before (nothing, when inherited)."""
        before = vars(owner).get(name, _MISSING)
        setattr(owner, name, value)
        self._done.append((owner, name, before, value))

    def wrap(self, owner, name, make):
        """Replace the function `owner.name` by `make(original)`, once; keeps its name, signature and attributes.

        Raises AttributeError when there is no such function, which is how a changed library shows itself.
        """
        original = vars(owner)[name] if name in vars(owner) else getattr(owner, name)
        kind = type(original) if isinstance(original, (classmethod, staticmethod)) else None
        function = original.__func__ if kind else original
        if getattr(function, "__nineam__", False):
            return
        wrapper = functools.wraps(function)(passed_over(make(function)))
        wrapper.__nineam__ = True
        self.replace(owner, name, kind(wrapper) if kind else wrapper)

    def also(self, undo):
        """Register a function that takes something back that is not an attribute."""
        self._done.append((undo, None, None, None))

    def undo(self):
        """Put everything back, last first; what somebody else has replaced since is left to them."""
        while self._done:
            owner, name, before, value = self._done.pop()
            if name is None:
                owner()
            elif vars(owner).get(name) is value:
                if before is _MISSING:
                    delattr(owner, name)
                else:
                    setattr(owner, name, before)
                    if isinstance(owner, type(sys)):
                        _take_back_copies(value, before)


def passed_over(wrapper):
    """Return a wrapper that warnings do not count among the callers: their `stacklevel` means the application's.

    `warnings` leaves frames of the import system out, and knows them by the names of their files.
    """
    code = getattr(wrapper, "__code__", None)
    if code is not None:
        wrapper.__code__ = code.replace(co_filename=code.co_filename + _PASSED_OVER)
    return wrapper


def _take_back_copies(value, before):
    """`from library import function` copied the replacement into other modules: put the original there too."""
    for module in list(sys.modules.values()):
        for name, found in list(getattr(module, "__dict__", {}).items()):
            if found is value:
                setattr(module, name, before)
