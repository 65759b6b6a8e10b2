"""httpx, and the pool and connections of httpcore beneath it."""

from .layers import timed, timed_async
from .outgoing import Outgoing, named


def install(agent, module):
    """Time and count `send` of both clients, through which every call goes; what prepares one is theirs too."""
    outgoing = Outgoing(agent, lambda _, request, **__: _target(request), _is_unlimited)
    agent.patcher.wrap(module.Client, "send", outgoing.call)
    agent.patcher.wrap(module.AsyncClient, "send", outgoing.call_async)
    agent.patcher.wrap(module.BaseClient, "build_request", outgoing.part)
    agent.patcher.wrap(module.Client, "request", outgoing.part)
    agent.patcher.wrap(module.AsyncClient, "request", outgoing.part_async)


def _target(request):
    url = request.url
    return named(request.method, url.scheme, url.host, url.port)


def _is_unlimited(_, request, **__):
    return (request.extensions.get("timeout") or {}).get("read") is None


def install_models(agent, module):
    """Time reading bodies that were not read with the call."""
    outgoing = Outgoing(agent)
    agent.patcher.wrap(module.Response, "read", outgoing.part)
    agent.patcher.wrap(module.Response, "aread", outgoing.part_async)


def install_pool(agent, module):
    """Time the wait for one of the pool's connections."""
    waits = {"PoolRequest": timed, "AsyncPoolRequest": timed_async}
    _times(agent, module, waits, "wait_for_connection", "http_pool_wait")


def install_connection(agent, module):
    """Time making connections."""
    _times(agent, module, {"HTTPConnection": timed, "AsyncHTTPConnection": timed_async}, "_connect", "http_connect")


def _times(agent, module, kinds, method, layer):
    found = [(vars(module)[kind], make) for kind, make in kinds.items() if kind in vars(module)]
    if not found:
        raise AttributeError("no " + " or ".join(kinds))
    for owner, make in found:
        agent.patcher.wrap(owner, method, make(agent.layer(layer)))
