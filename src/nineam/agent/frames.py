"""Which line of the application's own code is asking for something."""

import os
import sys

# a path with one of these below the application's root is a library that happens to live there
CO_COROUTINE = 0x80  # inspect.CO_COROUTINE, without importing inspect into the application
_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
_LIBRARY_PARTS = {"site-packages", "dist-packages", ".venv", "venv", "node_modules", ".tox", ".nox"}


class Frames:
    """Tells the application's frames from everybody else's; `roots` are the directories its code is under."""

    def __init__(self, roots):
        self._roots = tuple(os.path.realpath(root) for root in roots if root)
        self._paths = {}

    def shown(self, filename):
        """Return the path to show for an application file, or None when the file is not the application's."""
        try:
            return self._paths[filename]
        except KeyError:
            self._paths[filename] = found = self._classify(filename)
            return found

    def _classify(self, filename):
        if filename.startswith("<"):
            return None  # made from a string
        real = os.path.realpath(filename)
        for root in self._roots:
            if real.startswith(root + os.sep):
                relative = real[len(root) + 1 :]
                return None if _LIBRARY_PARTS.intersection(relative.split(os.sep)) else relative
        return None

    def coroutine(self, frame):
        """Return the innermost application frame at or above `frame` that is an `async` function, or None."""
        while frame is not None:
            if frame.f_code.co_flags & CO_COROUTINE and self.shown(frame.f_code.co_filename) is not None:
                return frame
            frame = frame.f_back
        return None

    def of_code(self, code):
        """Return `file:line:function` of a code object's definition; empty when it is not the application's."""
        shown = self.shown(code.co_filename)
        return "" if shown is None else "%s:%d:%s" % (shown, code.co_firstlineno, qualified_name(code))

    def caller(self, frame):
        """Return `file:line:function` of the innermost application frame at or above `frame`; empty when none."""
        paths = self._paths
        parents = None
        while frame is not None:
            code = frame.f_code
            filename = code.co_filename
            shown = paths[filename] if filename in paths else self.shown(filename)
            if shown is not None:
                return "%s:%d:%s" % (shown, frame.f_lineno, qualified_name(code))
            frame = frame.f_back
            if frame is None:
                # a greenlet cuts the stack (SQLAlchemy's async engine runs its core in one): go on in its parents
                parents = _greenlet_parents() if parents is None else parents
                frame = next(parents, None)
        return ""


def qualified_name(code):
    """Return a function's qualified name; a comprehension has that of the function around it."""
    name = getattr(code, "co_qualname", code.co_name).replace(".<locals>", "")
    # a comprehension is the code of the function around it (and from 3.12 on its frame too)
    while name.endswith(_COMPREHENSIONS) and "." in name:
        name = name.rpartition(".")[0]
    return name


def _greenlet_parents():
    greenlet = sys.modules.get("greenlet")
    this = greenlet.getcurrent().parent if greenlet is not None else None
    while this is not None:
        if this.gr_frame is not None:
            yield this.gr_frame
        this = this.parent


def function_code(function):
    """Return the code object beneath decorators, partials, bound methods and callable objects, or None."""
    for _ in range(20):
        code = getattr(function, "__code__", None)
        inner = getattr(function, "__wrapped__", None) or getattr(function, "func", None)
        if inner is not None:
            function = inner
        elif code is not None:
            return code
        else:
            function = getattr(function, "__func__", None) or vars(type(function)).get("__call__")
            if getattr(function, "__code__", None) is None:
                return None
    return None
