"""Django's way to the drivers: connections, transactions, every statement, and fetching."""

import sys

from ..request import current
from .django_sites import sites_of
from .driver import counted, housekeeping
from .fetches import FETCHES, charging
from .layers import timed, timed_once
from .statements import fingerprint, normalise

KEPT = 2000
LONGEST = 10000


def install_cursor(agent, module):
    """Time statements beneath Django's own wrappers, and fetching, which the cursor only passes through."""
    cursor, layer = module.CursorWrapper, agent.layer("db_execute")
    agent.patcher.wrap(cursor, "_execute", _executing(agent, layer, True))
    agent.patcher.wrap(cursor, "_executemany", _executing(agent, layer, False))
    agent.patcher.wrap(cursor, "callproc", timed(layer))
    fetched = [name for name in FETCHES if name not in vars(cursor)]
    for name in fetched:
        agent.patcher.replace(cursor, name, _fetching(agent, cursor, name))


def _executing(agent, layer, one):
    sites, getframe = sites_of(agent), sys._getframe
    number_of = _numbers(agent.names)

    def make(original):
        def _execute(cursor, sql, parameters, *rest):
            request = current.get()
            if request is None or request.done or counted.get():
                return original(cursor, sql, parameters, *rest)
            begin = request.enter(layer)
            try:
                return original(cursor, sql, parameters, *rest)
            finally:
                taken = request.leave(layer) - begin
                try:
                    if sql != "BEGIN":  # only SQLite's is a statement; elsewhere the driver sends it along
                        values = fingerprint(parameters) if one else 0
                        request.query(number_of(sql), sites.of(request, getframe(1)), values, taken, cursor)
                except Exception:
                    agent.recorder.dropped += 1

        return _execute

    return make


def _numbers(names):
    """Return `number_of(sql)`; statements written the same way are looked up once."""
    known = {}

    def number_of(sql):
        number = known.get(sql) if type(sql) is str else None
        if number is None:
            number = names.get("statement", normalise(sql))
            if type(sql) is str and len(sql) < LONGEST and len(known) < KEPT:
                known[sql] = number
        return number

    return number_of


def _fetching(agent, cursor_class, name):
    """Return a method where Django has none: `__getattr__` finds the driver's, which translates its errors."""
    find, layer, charge, one = cursor_class.__getattr__, agent.layer("db_fetch"), charging(agent), name == "fetchone"

    def fetch(cursor, *args, **kwargs):
        fetching = find(cursor, name)
        request = current.get()
        if request is None or request.done:
            return fetching(*args, **kwargs)
        begin, rows = request.enter(layer), None
        try:
            rows = fetching(*args, **kwargs)
            return rows
        finally:
            end = request.leave(layer)
            if request.cursors is not None:
                charge(request, (cursor,), end - begin, end, rows, one)

    fetch.__name__, fetch.__qualname__ = name, cursor_class.__name__ + "." + name
    fetch.__nineam__ = True
    return fetch


def install_connection(agent, module):
    """Time opening a connection (a pool's wait inside is the pool's), and the end of transactions."""
    connection, patcher = module.BaseDatabaseWrapper, agent.patcher
    patcher.wrap(connection, "connect", housekeeping(agent.layer("db_connect")))
    for name in ("_commit", "_rollback"):
        patcher.wrap(connection, name, timed_once(agent.layer("db_execute")))
