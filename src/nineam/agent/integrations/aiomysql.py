"""aiomysql, which is PyMySQL with awaits, and its pool."""

from ..request import current
from .driver import executing, housekeeping, wrap_existing
from .fetches import FETCHES, charging, fetching
from .pools import getting, making, returning


def install_cursors(agent, module):
    """Time statements, and fetching where it reads from the connection; other cursors have their rows already.

    Theirs are only counted as they are handed out, in futures that are done.
    """
    for name in ("execute", "executemany"):
        agent.patcher.wrap(module.Cursor, name, executing(agent, True))
    for name in FETCHES:
        agent.patcher.wrap(module.SSCursor, name, fetching(agent, True))
        agent.patcher.wrap(module.Cursor, name, _handing_out(agent))
    mixin = getattr(module, "_DictCursorMixin", None)
    if mixin is not None:
        wrap_existing(agent, mixin, ("_do_get_result",), fetching(agent, True))


def _handing_out(agent):
    """Return a maker of wrappers around what returns rows that are there."""
    charge = charging(agent)

    def make(original):
        one = original.__name__ == "fetchone"

        def fetch(*args, **kwargs):
            rows, request = original(*args, **kwargs), current.get()
            if request is not None and not request.done and request.cursors is not None and rows.done():
                charge(request, args, 0, request.last, rows.result(), one)
            return rows

        return fetch

    return make


def install_connection(agent, module):
    """Time connecting, the ends of transactions, and reading all rows of a result."""
    connection = module.Connection
    agent.patcher.wrap(connection, "_connect", housekeeping(agent.layer("db_connect"), True))
    wrap_existing(agent, connection, ("commit", "rollback"), housekeeping(agent.layer("db_execute"), True))
    agent.patcher.wrap(module.MySQLResult, "_read_rowdata_packet", fetching(agent, True))


def install_pool(agent, module):
    """Time the wait for a connection."""
    agent.patcher.wrap(module.Pool, "_acquire", getting(agent, _fill, True))
    agent.patcher.wrap(module.Pool, "release", returning(agent))
    agent.patcher.wrap(module.Pool, "__init__", making(agent))


def _fill(pool):
    return pool.size - pool.freesize, pool.maxsize, 0
