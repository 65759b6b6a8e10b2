"""What servers' entries have in common: applications no framework's hook knows, and what is around those it does.

A server's hook opens a record only where the framework's does not: for an application without a framework, and
for one that is wrapped in something. A framework inside such a record joins it, and what was outside of the
framework until then is the wrapping's: a middleware by its name.
"""

import re

from .frames import function_code

_UNIQUE = re.compile(r"(?<=/)(?:\d+|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})(?=/|$)")
MOST_PATHS = 500
OTHER_PATHS = " (other paths)"


def opens_itself(app):
    """Whether a framework's hook opens this application's records, so that the server's need not."""
    return bool(getattr(type(_beneath_server(app)).__call__, "__nineam__", False))


def _beneath_server(app):
    """Look through what uvicorn and waitress themselves put around an application."""
    for _ in range(10):
        server = (getattr(app, "__module__", None) or "").partition(".")[0]
        if server == "uvicorn" and hasattr(app, "app"):
            app = app.app
        elif server == "waitress" and "app" in getattr(getattr(app, "__code__", None), "co_freevars", ()):
            app = app.__closure__[app.__code__.co_freevars.index("app")].cell_contents
        else:
            break
    return app


def around_of(agent, app):
    """Return the layer of whatever an application turns out to be, if it has a framework inside, and say where."""
    app = _beneath_server(app)
    kind = type(app)
    named = app if hasattr(app, "__code__") else getattr(app, "__func__", kind)
    name = "middleware:" + getattr(named, "__qualname__", kind.__name__).replace(".<locals>", "")
    code = function_code(app)
    if code is not None:
        agent.recorder.source("layer", name, agent.frames.of_code(code))
    return agent.layer(name)


class Paths:
    """Endpoints of applications without routes: the path, with what is unique in it folded."""

    def __init__(self, names):
        self._names = names
        self._seen = set()

    def endpoint(self, method, path):
        """Return the number of an endpoint; an application that makes up paths without end gets one for the rest."""
        name = method + " " + _UNIQUE.sub("{id}", path or "/")
        if name not in self._seen:
            if len(self._seen) >= MOST_PATHS:
                name = method + OTHER_PATHS
            else:
                self._seen.add(name)
        return self._names.get("endpoint", name)


class Wrapped:
    """Remembers what each application was wrapped into, and lets go of it once the agent stops."""

    def __init__(self, agent, make):
        self._make = make
        self._known = {}
        self.active = True
        agent.patcher.also(self._stop)

    def __call__(self, app):
        known = self._known.get(id(app))
        if known is None or known[0] is not app:
            try:
                wrapped = app if opens_itself(app) else self._make(app)
            except Exception:
                wrapped = app
            known = self._known[id(app)] = (app, wrapped)
            self._known[id(wrapped)] = (wrapped, wrapped)
        return known[1]

    def _stop(self):
        self.active = False
        self._known.clear()
