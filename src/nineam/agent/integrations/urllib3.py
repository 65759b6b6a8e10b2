"""urllib3, used directly or beneath requests."""

from .layers import timed
from .outgoing import Outgoing, named


def install_pool(agent, module):
    """Time calls, and the wait for one of the pool's connections."""
    pool = module.HTTPConnectionPool
    outgoing = Outgoing(agent, _target)
    agent.patcher.wrap(pool, "urlopen", outgoing.call)
    agent.patcher.wrap(pool, "_get_conn", timed(agent.layer("http_pool_wait")))


def _target(pool, method, *_, **__):
    return named(method, pool.scheme, pool.host, pool.port)


def install_connection(agent, module):
    """Time making connections."""
    layer = agent.layer("http_connect")
    agent.patcher.wrap(module.HTTPConnection, "connect", timed(layer))
    agent.patcher.wrap(module.HTTPSConnection, "connect", timed(layer))


def install_response(agent, module):
    """Time reading bodies that were not read with the call."""
    outgoing = Outgoing(agent)
    for name in ("read", "read1"):
        if name in vars(module.HTTPResponse):
            agent.patcher.wrap(module.HTTPResponse, name, outgoing.part)
