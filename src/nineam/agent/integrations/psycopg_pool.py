"""psycopg's own pools: the wait for a connection."""

from .pools import getting, making, returning


def install(agent, module):
    """Time the synchronous pool; the one without idle connections inherits from it."""
    _install(agent, module.ConnectionPool, False)


def install_async(agent, module):
    """Time the asynchronous pool."""
    _install(agent, module.AsyncConnectionPool, True)


def _install(agent, pool, is_async):
    agent.patcher.wrap(pool, "getconn", getting(agent, _fill, is_async))
    agent.patcher.wrap(pool, "putconn", returning(agent, is_async))
    agent.patcher.wrap(pool, "__init__", making(agent))


def _fill(pool):
    return pool._nconns - len(pool._pool), pool.max_size, 0
