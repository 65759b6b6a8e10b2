"""The standard library's SQLite, whose C classes cannot be patched: connections are made of subclasses instead."""

import sys

from .driver import executing, housekeeping
from .fetches import fetching


def install(agent, module):
    """Replace `connect` in both places it is reachable from."""
    make = _connect(agent, module)
    agent.patcher.wrap(module, "connect", make)
    package = sys.modules.get("sqlite3")
    if package is not None and hasattr(package, "connect"):
        agent.patcher.wrap(package, "connect", make)


def _connect(agent, module):
    timed, opening = _timed_connection(agent, module), housekeeping(agent.layer("db_connect"))

    def make(original):
        open_connection = opening(original)

        def connect(*args, **kwargs):
            # an application's own connection class is its own business: it goes without hooks
            if len(args) < 6 and kwargs.get("factory", module.Connection) is module.Connection:
                kwargs["factory"] = timed
            return open_connection(*args, **kwargs)

        return connect

    return make


def _timed_connection(agent, module):
    base = module.Connection
    execute, fetch = executing(agent), fetching(agent)

    class Cursor(module.Cursor):
        __slots__ = ()  # like the original, it has no dictionary
        execute_ = execute(module.Cursor.execute)
        executemany_ = execute(module.Cursor.executemany)
        fetchone = fetch(module.Cursor.fetchone)
        fetchmany = fetch(module.Cursor.fetchmany)
        fetchall = fetch(module.Cursor.fetchall)

    Cursor.execute, Cursor.executemany = Cursor.execute_, Cursor.executemany_
    for name in ("execute", "executemany", "fetchone", "fetchmany", "fetchall"):
        vars(Cursor)[name].__name__ = name

    class Connection(base):
        __slots__ = ()

        def cursor(self, factory=None):
            return base.cursor(self, Cursor if factory is None else factory)

        def execute(self, *args):
            return self.cursor().execute(*args)

        def executemany(self, *args):
            return self.cursor().executemany(*args)

    Cursor.__name__ = Cursor.__qualname__ = module.Cursor.__name__
    Connection.__name__ = Connection.__qualname__ = base.__name__
    return Connection
