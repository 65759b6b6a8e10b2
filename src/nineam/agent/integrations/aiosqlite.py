"""aiosqlite: every call is handed to the connection's own thread, and the request waits for it.

The work belongs to the request that awaits it. While the thread does somebody else's work that is `pool_wait`
(one connection, several users); after the work, until the request goes on, it is `loop_lag`.
"""

import sys
from contextvars import copy_context

from ..request import current
from ..wire import LOOP_LAG
from .driver import account, awaiting, counted, housekeeping
from .fetches import FETCHES, charging

_STATEMENTS = ("execute", "executemany", "executescript", "_execute_insert", "_execute_fetchall")


def install(agent, module):
    """Time the one method through which everything goes, by the name of what is to be called."""
    layers, charge = _Layers(agent), charging(agent)
    users = {}

    def make(original):
        async def _execute(connection, fn, *args, **kwargs):
            request = current.get()
            if request is None or request.done:
                return await original(connection, fn, *args, **kwargs)
            name = getattr(fn, "__name__", "")
            hand = _HandOver(request, layers.of(name), layers.waiting if users.get(id(connection)) else None)
            users[id(connection)] = users.get(id(connection), 0) + 1
            begin, given = hand.enter(), None
            try:
                given = await original(connection, hand.over(fn, name), *args, **kwargs)
                return given
            finally:
                end = hand.leave()
                _one_less(users, id(connection))
                if name in _STATEMENTS and args and not counted.get():
                    parameters = args[1] if len(args) > 1 and name != "executemany" else None
                    # both cursor.execute and connection.execute give the cursor, executing and fetching at once rows
                    frame = awaiting(agent, sys._getframe(1))
                    sums = account(agent, request, end - begin, args[0], parameters, frame, given)
                    if sums is not None and name == "_execute_fetchall" and given is not None:
                        sums[4] += len(given)
                elif name in FETCHES and request.cursors is not None:
                    charge(request, (getattr(fn, "__self__", None),), end - begin, end, given, name == "fetchone")

        return _execute

    agent.patcher.wrap(module.Connection, "_execute", make)
    agent.patcher.wrap(module.Connection, "_connect", housekeeping(agent.layer("db_connect"), True))


class _Layers:
    def __init__(self, agent):
        self.waiting = agent.layer("pool_wait")
        self._execute, self._fetch = agent.layer("db_execute"), agent.layer("db_fetch")

    def of(self, name):
        return self._fetch if name in FETCHES else self._execute


class _HandOver:
    """One call on its way to the thread and back: which layer it has entered for the request just now."""

    def __init__(self, request, layer, waiting):
        self._request = request
        self._layer = layer
        self._now = layer if waiting is None else waiting
        self._gone = False

    def enter(self):
        return self._request.enter(self._now)

    def over(self, fn, name):
        """Return what the thread is to call instead of `fn`."""
        # one call that executes and fetches is split by the hooks of sqlite3, which need to know the request
        context = copy_context() if name.startswith("_execute_") else None
        if context is not None:
            context.run(counted.set, True)

        def work(*args, **kwargs):
            self._change(self._layer)
            try:
                return fn(*args, **kwargs) if context is None else context.run(fn, *args, **kwargs)
            finally:
                self._change(LOOP_LAG)

        return work

    def _change(self, layer):
        if not self._gone and self._now != layer:
            self._request.leave(self._now)
            self._now = layer
            self._request.enter(layer)

    def leave(self):
        self._gone = True  # the thread may go on with a call that was cancelled: for nobody
        return self._request.leave(self._now)


def _one_less(users, key):
    users[key] -= 1
    if not users[key]:
        del users[key]
