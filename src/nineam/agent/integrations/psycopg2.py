"""psycopg2, whose C classes cannot be patched: connections and cursors are made of subclasses instead.

Never a proxy: psycopg2 and its extras look at types. What comes over the wire is `db_execute`; making Python
objects of it is `db_fetch`.
"""

import functools

from .driver import executing, housekeeping
from .fetches import FETCHES, fetching

_EXECUTES = ("execute", "executemany", "callproc", "copy_expert")


def install(agent, module):
    """Replace `connect`, which everybody calls through the module."""
    extensions = module.extensions
    connections = _connections(agent, extensions.connection, _cursors(agent, extensions.cursor))
    connecting = housekeeping(agent.layer("db_connect"))

    def make(original):
        def connect(dsn=None, connection_factory=None, cursor_factory=None, **kwargs):
            try:
                connection_factory = connections(connection_factory)
            except Exception:
                agent.recorder.dropped += 1
            return timed(dsn, connection_factory, cursor_factory, **kwargs)

        timed = connecting(original)
        return connect

    agent.patcher.wrap(module, "connect", make)


def _connections(agent, plain, cursors):
    """Return what makes a connection factory of another: a subclass that makes timed cursors.

    The timed class goes directly above psycopg2's own, beneath the application's, so that it sees which kind of
    cursor the application's class has chosen.
    """
    ending = housekeeping(agent.layer("db_execute"))

    class Connection(plain):
        def cursor(self, *args, **kwargs):
            try:
                args, kwargs = _with_factory(self, cursors, args, kwargs)
            except Exception:
                agent.recorder.dropped += 1
            return plain.cursor(self, *args, **kwargs)

        commit = functools.wraps(plain.commit)(ending(plain.commit))
        rollback = functools.wraps(plain.rollback)(ending(plain.rollback))

    known = {plain: _named_like(Connection, plain)}

    def connections(factory):
        base = plain if factory is None else factory
        if not (isinstance(base, type) and issubclass(base, plain)):
            return factory  # a function of the application's: its connections go without hooks
        if base not in known:
            known[base] = _named_like(type(base.__name__, (base, Connection), {}), base)
        return known[base]

    return connections


def _with_factory(connection, cursors, args, kwargs):
    """Return the arguments of `cursor(name, cursor_factory, ...)` with a timed class for the one they lead to."""
    given = args[1] if len(args) > 1 else kwargs.get("cursor_factory")
    timed = cursors(given or connection.cursor_factory)
    if len(args) > 1:
        return (args[0], timed, *args[2:]), kwargs
    return args, dict(kwargs, cursor_factory=timed)


def _cursors(agent, plain):
    """Return what makes a cursor class of another: a subclass whose calls are timed."""
    known = {}
    execute, fetch = executing(agent), fetching(agent)

    def derive(base):
        methods = {name: execute(getattr(base, name)) for name in _EXECUTES}
        methods.update((name, fetch(getattr(base, name))) for name in FETCHES)
        for name, method in methods.items():
            functools.update_wrapper(method, getattr(base, name))
        return _named_like(type(base.__name__, (base,), methods), base)

    def cursors(factory):
        base = plain if factory is None else factory
        if not (isinstance(base, type) and issubclass(base, plain)):
            return factory
        if base not in known:
            known[base] = derive(base)
        return known[base]

    return cursors


def _named_like(derived, base):
    derived.__name__, derived.__qualname__, derived.__module__ = base.__name__, base.__qualname__, base.__module__
    derived.__doc__ = base.__doc__
    return derived
