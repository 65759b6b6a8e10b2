"""Waiting for another thread or task of the application.

Seen are waits on conditions (so events, semaphores, queues and barriers too), and on asyncio's locks, semaphores
and conditions. A plain `Lock` or `RLock` of threads is a C type that cannot be hooked without becoming another
type: waiting for one stays with the layer that waits.

Libraries that carry work between threads and loops wait on conditions too, while the work that they carry owns the
request's clock at the other end; and whoever starts a thread waits until it runs. Neither is a lock of the
application's: such a wait stays with the layer on top.
"""

import sys

from ..request import current
from .driver import awaiting

# what waits inside these waits for what they are called after
_OWNED = (
    "adapter", "cache", "db_connect", "db_execute", "db_fetch", "http_client", "http_connect", "http_pool_wait",
    "lock_wait", "logging", "pool_wait", "threadpool_wait",
)  # fmt: skip


# what is made of conditions waits for whoever calls it
_MADE_OF_CONDITIONS = frozenset(("threading", "queue", "concurrent.futures._base"))
_CARRIERS = ("asgiref.",)


def install_threading(agent, module):
    """Time waits on conditions."""
    layer, owned = agent.layer("lock_wait"), _owned(agent)
    start = module.Thread.start.__code__

    def make(original):
        def wait(condition, timeout=None):
            request = current.get()
            if request is None or request.done or request.stack[-1] in owned:
                return original(condition, timeout)
            if _is_a_look(timeout) or _is_machinery(sys._getframe(1), start):
                return original(condition, timeout)
            request.enter(layer)
            before = request.layers.get(layer, 0)
            try:
                return original(condition, timeout)
            finally:
                request.leave(layer)
                _count(agent, request, layer, before, sys._getframe(1))

        return wait

    agent.patcher.wrap(module.Condition, "wait", make)


def _is_a_look(timeout):
    """Whether nobody is going to wait (`Semaphore.acquire(timeout=0)`, as thread pools have it)."""
    return type(timeout) in (int, float) and timeout <= 0


def _is_machinery(frame, start):
    """Whether a wait at `frame` is for a thread to `start`, or inside what carries work between threads and loops."""
    while frame is not None:
        if frame.f_code is start:
            return True
        name = frame.f_globals.get("__name__") or ""
        if name not in _MADE_OF_CONDITIONS:
            return name.startswith(_CARRIERS)
        frame = frame.f_back
    return False


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
            before = request.layers.get(layer, 0)
            try:
                return await original(lock)
            finally:
                request.leave(layer)
                _count(agent, request, layer, before, awaiting(agent, sys._getframe(1)))

        return wait

    return make


def _count(agent, request, layer, before, frame):
    """Count a wait for the line of the application above `frame`, or else for the endpoint."""
    try:
        site = request.where if frame is None else agent.site(frame)
        request.spot(layer, site, request.layers.get(layer, 0) - before)
    except Exception:
        agent.recorder.dropped += 1


def _owned(agent):
    return frozenset(agent.layer(name) for name in _OWNED)
