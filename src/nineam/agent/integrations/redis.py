"""redis-py: commands by name and line, never keys or values; a pipeline is one command, one way there and back."""

import sys

from ..request import current
from .driver import awaiting
from .layers import timed, timed_async
from .pools import getting, making, returning

LONGEST = 24


def install(agent, module):
    """Time commands and pipelines; what is only put into a pipeline takes no time yet."""
    _install(agent, module, False)


def install_async(agent, module):
    """Time the asynchronous client."""
    _install(agent, module, True)


def install_cluster(agent, module):
    """Time the cluster's client."""
    agent.patcher.wrap(module.RedisCluster, "execute_command", _commanding(agent, False))
    agent.patcher.wrap(module.ClusterPipeline, "execute", _commanding(agent, False, "PIPELINE"))


def install_cluster_async(agent, module):
    """Time the cluster's asynchronous client."""
    agent.patcher.wrap(module.RedisCluster, "execute_command", _commanding(agent, True))
    agent.patcher.wrap(module.ClusterPipeline, "execute", _commanding(agent, True, "PIPELINE"))


def install_pool(agent, module):
    """Time the wait of the pool that makes people wait (others refuse), apart from connecting."""
    _install_pool(agent, module, False)


def install_pool_async(agent, module):
    """Time the same of the asynchronous pool."""
    _install_pool(agent, module, True)


def _install(agent, module, is_async):
    agent.patcher.wrap(module.Redis, "execute_command", _commanding(agent, is_async))
    agent.patcher.wrap(module.Pipeline, "immediate_execute_command", _commanding(agent, is_async))
    agent.patcher.wrap(module.Pipeline, "execute", _commanding(agent, is_async, "PIPELINE"))


def _install_pool(agent, module, is_async):
    connection = getattr(module, "AbstractConnection", None) or module.Connection
    pool = module.BlockingConnectionPool
    agent.patcher.wrap(connection, "connect", (timed_async if is_async else timed)(agent.layer("cache")))
    agent.patcher.wrap(pool, "get_connection", getting(agent, _fill, is_async))
    agent.patcher.wrap(pool, "release", returning(agent, is_async))
    agent.patcher.wrap(pool, "__init__", making(agent))


def _fill(pool):
    places = getattr(pool, "pool", None)  # a synchronous pool keeps its free places in a queue
    used = len(pool._in_use_connections) if places is None else pool.max_connections - places.qsize()
    return used, pool.max_connections, 0


def _commanding(agent, is_async, name=None):
    """Return a maker of wrappers of `execute_command(self, command, ...)`, or of `execute` of what is called `name`."""
    layer = agent.layer("cache")

    def count(request, before, args, frame):
        try:
            spot = agent.layer("cache:" + (name or _command(args)))
            site = request.where if frame is None else agent.site(frame)
            request.spot(spot, site, request.layers.get(layer, 0) - before)
        except Exception:
            agent.recorder.dropped += 1

    def make(original):
        def execute(client, *args, **options):
            request = current.get()
            if request is None or request.done:
                return original(client, *args, **options)
            request.enter(layer)
            before = request.layers.get(layer, 0)
            try:
                return original(client, *args, **options)
            finally:
                request.leave(layer)
                count(request, before, args, sys._getframe(1))

        async def execute_async(client, *args, **options):
            request = current.get()
            if request is None or request.done:
                return await original(client, *args, **options)
            request.enter(layer)
            before = request.layers.get(layer, 0)
            try:
                return await original(client, *args, **options)
            finally:
                request.leave(layer)
                count(request, before, args, awaiting(agent, sys._getframe(1)))

        return execute_async if is_async else execute

    return make


def _command(args):
    """Return a command's first word, which is all of it that may be known."""
    first = args[0] if args else ""
    first = first.decode("ascii", "replace") if isinstance(first, bytes) else str(first)
    word = first.split(None, 1)[0].upper() if first.strip() else ""
    return word if 0 < len(word) <= LONGEST and word.replace(".", "").replace("_", "").isalnum() else "(other)"
