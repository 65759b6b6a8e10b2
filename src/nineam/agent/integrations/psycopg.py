"""psycopg 3, used directly or beneath an ORM."""

from ..arrivals import leaving_async
from .driver import executing, housekeeping, wrap_existing
from .fetches import FETCHES, fetching


def install(agent, module):
    """Time the synchronous cursor."""
    _install(agent, module.Cursor, False)


def install_async(agent, module):
    """Time the asynchronous cursor."""
    _install(agent, module.AsyncCursor, True)


def install_server(agent, module):
    """Time the cursor that lives on the server: it fetches anew each time."""
    _install(agent, module.ServerCursor, False)


def install_server_async(agent, module):
    """Time its asynchronous twin."""
    _install(agent, module.AsyncServerCursor, True)


def install_connection(agent, module):
    """Time connecting and the ends of transactions."""
    _install_connection(agent, module.Connection, False)


def install_connection_async(agent, module):
    """Time the same of asynchronous connections."""
    _install_connection(agent, module.AsyncConnection, True)
    agent.patcher.wrap(module.AsyncConnection, "wait", leaving_async(lambda connection, *_: connection.pgconn, True))


def _install(agent, cursor, is_async):
    for name in ("execute", "executemany"):
        agent.patcher.wrap(cursor, name, executing(agent, is_async))
    for name in FETCHES:
        agent.patcher.wrap(cursor, name, fetching(agent, is_async))


def _install_connection(agent, connection, is_async):
    agent.patcher.wrap(connection, "connect", housekeeping(agent.layer("db_connect"), is_async))
    ends = housekeeping(agent.layer("db_execute"), is_async)
    wrap_existing(agent, connection, ("commit", "rollback"), ends)
