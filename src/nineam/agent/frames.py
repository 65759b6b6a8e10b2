"""Which line of the application's own code is asking for something."""

import os
import sys

from .repeating import in_loop
from .wire import CALLED_BY

# a path with one of these below the application's root is a library that happens to live there
CO_COROUTINE = 0x80  # inspect.CO_COROUTINE, without importing inspect into the application
_ASYNCHRONOUS = CO_COROUTINE | 0x200  # inspect.CO_ASYNC_GENERATOR
_STEPS = __file__.replace("frames.py", "steps.py")
# beneath these, on a stack, are a request's middlewares, and at last its task
_LINKS = frozenset(
    __file__.replace("frames.py", name)
    for name in ("steps.py", "asgi.py", os.path.join("integrations", "django_middleware.py"))
)
_AGENT = os.path.realpath(__file__).rpartition(os.sep)[0] + os.sep
# code objects whose lines are remembered
MOST_CODES = 5000
_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
_LIBRARY_PARTS = {"site-packages", "dist-packages", ".venv", "venv", "node_modules", ".tox", ".nox"}


class Frames:
    """Tells the application's frames from everybody else's; `roots` are the directories its code is under.

    `repeats(site)` is called once for each line that has a caller and stands in a loop of its own function.
    """

    def __init__(self, roots, repeats=None):
        self._repeats = repeats
        given = [(root, os.path.realpath(root)) for root in roots if root]
        self._roots = tuple(dict.fromkeys(each.rstrip(os.sep) + os.sep for pair in given for each in pair))
        self._paths = {}
        self._lines = {}
        self._calls = {}
        self._stops = {}

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
        # this may run on an event loop: the file system is only asked about what lies elsewhere as it is written
        if os.pardir in filename or not filename.startswith(self._roots):
            try:
                filename = os.path.realpath(filename)
            except Exception:
                return None  # an application may forbid its loop to ask
        if filename.startswith(_AGENT):
            return None  # whoever works on nineam itself has the agent below the application's root
        for root in self._roots:
            if filename.startswith(root):
                relative = filename[len(root) :]
                return None if _LIBRARY_PARTS.intersection(relative.split(os.sep)) else relative
        return None

    def holder(self, frame):
        """Return the application's frame whose line to change where `frame` holds a loop, and whether that asked.

        It is the asynchronous function that calls something which is not. Where a library's asynchronous code does, it
        is what that has called back, which did not ask: the second is False then, and the first None where nothing of
        the application's is called. A middleware asks for nothing of what runs inside it.
        """
        inner = None
        while frame is not None and frame.f_code.co_filename not in _LINKS:
            if self.shown(frame.f_code.co_filename) is not None:
                if frame.f_code.co_flags & _ASYNCHRONOUS:
                    return frame, True
                inner = inner or frame
            frame = frame.f_back
        return inner, False

    def of_code(self, code):
        """Return `file:line:function` of a code object's definition; empty when it is not the application's."""
        shown = self.shown(code.co_filename)
        return "" if shown is None else "%s:%d:%s" % (shown, code.co_firstlineno, qualified_name(code))

    def caller(self, frame):
        """Return `file:line:function` of the innermost application frame at or above `frame`; empty when none.

        What steps a request's task ends the search: beneath it are the server and whoever started that.
        """
        frame = self._own(frame)
        return "" if frame is None else self._line(frame)

    def site(self, frame):
        """Return the same, and after wire.CALLED_BY that of the line which called it, where that is the application's.

        A function may be no more than the application's way to its database: whose statement it is, its caller knows.
        """
        frame = self._own(frame)
        if frame is None:
            return ""
        back = frame.f_back
        if back is None:
            return self._line(frame)
        key = id(frame.f_code), frame.f_lasti, id(back.f_code), back.f_lasti
        found = self._calls.get(key)
        return self._called(key, frame, back) if found is None else found[0]

    def _called(self, key, frame, back):
        site = self._line(frame)
        shown = self.shown(back.f_code.co_filename)
        again = back.f_code is frame.f_code or qualified_name(back.f_code) == qualified_name(frame.f_code)
        if shown is not None and not again:
            if self._repeats is not None and in_loop(frame.f_code, frame.f_lasti):
                self._repeats(site)
            site += "%s%s:%d:%s" % (CALLED_BY, shown, back.f_lineno, qualified_name(back.f_code))
        if len(self._calls) < MOST_CODES:
            # with the codes themselves, or their identities could become somebody else's
            self._calls[key] = site, frame.f_code, back.f_code
        return site

    def _own(self, frame):
        stops = self._stops
        parents = None
        while frame is not None:
            try:
                while stops[frame.f_code.co_filename] is None:
                    frame = frame.f_back
            except KeyError:
                filename = frame.f_code.co_filename
                stops[filename] = "" if filename == _STEPS else self.shown(filename)
            except AttributeError:
                # a greenlet cuts the stack (SQLAlchemy's async engine runs its core in one): go on in its parents
                parents = _greenlet_parents() if parents is None else parents
                frame = next(parents, None)
            else:
                return frame
        return None

    def _line(self, frame):
        """Return the words for a frame's line; remembered, because a hot line asks for the same again and again."""
        code = frame.f_code
        try:
            return self._lines[id(code)][frame.f_lasti]
        except KeyError:
            shown = self._stops[code.co_filename]
            text = "%s:%d:%s" % (shown, frame.f_lineno, qualified_name(code)) if shown else ""
        if id(code) in self._lines or len(self._lines) < MOST_CODES:
            # with the code itself, or its identity could become somebody else's
            self._lines.setdefault(id(code), {None: code})[frame.f_lasti] = text
        return text


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
