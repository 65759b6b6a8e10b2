"""Waiting for another thread or task of the application.

Seen are waits on conditions (so events, semaphores, queues and barriers too), and on asyncio's locks, semaphores
and conditions. A plain `Lock` or `RLock` of threads is a C type that cannot be hooked without becoming another
type: waiting for one stays with the layer that waits.
"""

from ..request import current

# what waits inside these waits for what they are called after
_OWNED = (
    "adapter", "cache", "db_connect", "db_execute", "db_fetch", "http_client", "http_connect", "http_pool_wait",
    "lock_wait", "logging", "pool_wait", "threadpool_wait",
)  # fmt: skip


def install_threading(agent, module):
    """Time waits on conditions."""
    layer, owned = agent.layer("lock_wait"), _owned(agent)

    def make(original):
        def wait(condition, timeout=None):
            request = current.get()
            if request is None or request.done or request.stack[-1] in owned:
                return original(condition, timeout)
            request.enter(layer)
            try:
                return original(condition, timeout)
            finally:
                request.leave(layer)

        return wait

    agent.patcher.wrap(module.Condition, "wait", make)


def install_asyncio(agent, module):
    """Time acquiring what is held by somebody else, and waits on conditions."""
    for kind in (module.Lock, module.Semaphore):
        agent.patcher.wrap(kind, "acquire", _acquiring(agent, lambda lock: lock.locked()))
    agent.patcher.wrap(module.Condition, "wait", _acquiring(agent, lambda _: True))


def _acquiring(agent, held):
    layer, owned = agent.layer("lock_wait"), _owned(agent)

    def make(original):
        async def wait(lock):
            request = current.get()
            if request is None or request.done or request.stack[-1] in owned or not held(lock):
                return await original(lock)
            request.enter(layer)
            try:
                return await original(lock)
            finally:
                request.leave(layer)

        return wait

    return make


def _owned(agent):
    return frozenset(agent.layer(name) for name in _OWNED)
