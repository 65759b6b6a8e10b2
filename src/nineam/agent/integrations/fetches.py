"""Fetching: its time, and whose rows they are: the statement's that the cursor has executed last.

Rows are counted by the call that returns them, never one by one; what is iterated over is not counted.
"""

from ..columns import columns_of
from ..request import current
from .driver import counted

FETCHES = ("fetchone", "fetchmany", "fetchall")


def described(args):
    """Return the names of the columns that a cursor, the first argument, has its rows in."""
    return [column[0] for column in args[0].description]


def fetching(agent, is_async=False, cursor_at=0, names=described):
    """Return a maker of `fetch*` wrappers; what they return is the statement's that was executed last.

    Of their arguments, the one at `cursor_at` is the cursor; `names(args)` returns the names of its columns.
    """
    layer = agent.layer("db_fetch")
    charge = charging(agent, cursor_at, names)

    def make(original):
        name = getattr(original, "__name__", "")
        returns, one = name in FETCHES, name == "fetchone"

        def fetch(*args, **kwargs):
            request = current.get()
            if request is None or request.done or request.stack[-1] == layer:
                return original(*args, **kwargs)
            begin, rows = request.enter(layer), None
            try:
                rows = original(*args, **kwargs)
                return rows
            finally:
                end = request.leave(layer)
                if returns and request.cursors is not None:
                    charge(request, args, end - begin, end, rows, one)

        async def fetch_async(*args, **kwargs):
            request = current.get()
            if request is None or request.done:
                return await original(*args, **kwargs)
            # a fetch that fetches from the same cursor (row by row) finds nothing there: rows count once
            known = request.cursors.pop(id(args[cursor_at]), None) if returns and args and request.cursors else None
            begin, rows = request.enter(layer), None
            try:
                rows = await original(*args, **kwargs)
                return rows
            finally:
                end = request.leave(layer)
                if known is not None:
                    request.cursors[id(args[cursor_at])] = known
                    charge(request, args, end - begin, end, rows, one)

        return fetch_async if is_async else fetch

    return make


def charging(agent, cursor_at=0, names=described):
    """Return `charge(request, args, taken, now, rows, one)`: what was fetched is its cursor's last statement's.

    `args` are the call's, `rows` is what it has returned (None after an exception), `one` whether that is a single row.
    """
    columns = columns_of(agent)
    due = columns.due

    def charge(request, args, taken, now, rows, one):
        try:
            known = request.cursors.get(id(args[cursor_at]))
            if known is None or counted.get():
                return
            statement, group = known
            group[5] += taken
            count = 0 if rows is None else 1 if one else len(rows)
            if count:
                group[4] += count
                if due.get(statement, 0) <= now:
                    columns.look(statement, now, (rows,) if one else rows, names, args)
        except Exception:
            agent.recorder.dropped += 1

    return charge
