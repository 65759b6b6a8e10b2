"""psycopg 3, used directly or beneath an ORM."""

from .driver import executing, fetching


def install(agent, module):
    """Time the synchronous cursor."""
    _install(agent, module.Cursor, False)


def install_async(agent, module):
    """Time the asynchronous cursor."""
    _install(agent, module.AsyncCursor, True)


def _install(agent, cursor, is_async):
    for name in ("execute", "executemany"):
        agent.patcher.wrap(cursor, name, executing(agent, is_async))
    for name in ("fetchone", "fetchmany", "fetchall"):
        agent.patcher.wrap(cursor, name, fetching(agent, is_async))
