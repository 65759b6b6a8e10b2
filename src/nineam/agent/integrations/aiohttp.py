"""aiohttp's client."""

from ..arrivals import leaving_async
from .layers import timed_async
from .outgoing import Outgoing, named, named_url


def install_client(agent, module):
    """Time `ClientSession._request`, through which every call goes."""
    agent.patcher.wrap(module.ClientSession, "_request", Outgoing(agent, _target, _is_unlimited).call_async)


def _target(session, method, url, **_):
    base = getattr(session, "_base_url", None)
    if "://" not in str(url) and base is not None:
        return named(method, base.scheme, base.host, base.port)
    return named_url(method, str(url))


def _is_unlimited(session, *_, timeout=None, **__):
    told = session._timeout if timeout is None or not hasattr(timeout, "total") else timeout
    if isinstance(timeout, (int, float)):
        return not timeout
    return not (told.total or told.sock_read)


def install_response(agent, module):
    """Time reading bodies, which comes after the call."""
    agent.patcher.wrap(module.ClientRequest, "send", leaving_async(lambda _, connection: connection.transport))
    agent.patcher.wrap(module.ClientResponse, "read", Outgoing(agent).part_async)


def install_connector(agent, module):
    """Time the wait for one of the pool's connections, and making one."""
    connector = module.BaseConnector
    if hasattr(connector, "_wait_for_available_connection"):
        wait = timed_async(agent.layer("http_pool_wait"))
        agent.patcher.wrap(connector, "_wait_for_available_connection", wait)
    for kind in ("TCPConnector", "UnixConnector"):
        agent.patcher.wrap(getattr(module, kind), "_create_connection", timed_async(agent.layer("http_connect")))
