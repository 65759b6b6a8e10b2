"""Pools of connections, whoever's: the wait in front of them, how full they are, and how long connections are out."""

import sys
import weakref
from time import perf_counter_ns as clock

from ..request import current
from .driver import awaiting, counted

NOTICEABLE_NS = 1_000_000
NUMBERS = ("pool.used", "pool.size", "pool.max_overflow", "pool.exhausted")

_pools = {}


def pools_of(agent):
    """Return the one `Pools` of this process's agent."""
    if _pools.get("agent") is not agent:
        _pools.update(agent=agent, pools=Pools(agent))
    return _pools["pools"]


class Pools:
    """All pools that requests have asked for a connection."""

    def __init__(self, agent):
        self._agent = agent
        self._layer = agent.layer("pool_wait")
        self._fills = weakref.WeakKeyDictionary()
        self._sites = weakref.WeakKeyDictionary()
        self._taken_at = {}
        self.counts = {"pool.waiting": 0, "pool.checkouts": 0, "pool.held_s": 0.0}
        agent.recorder.on_fork(self._after_fork)
        agent.recorder.gauge("pools", self._gauges)

    def _after_fork(self):
        self.counts.update(dict.fromkeys(self.counts, 0))
        self._taken_at.clear()

    def _gauges(self):
        numbers = dict.fromkeys(NUMBERS, 0)
        for pool, fill in list(self._fills.items()):
            used, size, overflow = fill(pool)
            numbers["pool.used"] += used
            numbers["pool.size"] += size
            numbers["pool.max_overflow"] += max(0, overflow)
            numbers["pool.exhausted"] += overflow >= 0 and 0 < size + overflow <= used
        return dict(self.counts, **numbers)

    def made(self, pool, frame):
        """Note the line that makes a pool: it is where its size is written."""
        site = self._agent.frames.caller(frame)
        self._agent.recorder.source("layer", "pool_wait", site)
        try:
            self._sites[pool] = site
        except TypeError:
            pass  # a pool that cannot be referred to weakly: it was said once, that has to do

    def enter(self, request, pool, fill, handle):
        """Begin to wait for a connection of `pool`; returns what the request has waited until now."""
        self.counts["pool.waiting"] += 1
        try:
            kept = pool if handle is None else handle(pool)
            if kept not in self._fills:
                self._fills[kept] = fill
        except Exception:
            self._agent.recorder.dropped += 1  # how full this one is stays unknown; the wait does not
        request.enter(self._layer)
        return request.layers.get(self._layer, 0)

    def leave(self, request, pool, before, frame):
        """Have waited; connecting meanwhile is not waiting."""
        request.leave(self._layer)
        taken = request.layers.get(self._layer, 0) - before
        self.counts["pool.waiting"] -= 1
        if taken > NOTICEABLE_NS:
            try:
                request.spot(self._layer, request.where if frame is None else self._agent.site(frame), taken)
                # a pool that is waited for the first time is the one to look at
                self._agent.recorder.source("layer", "pool_wait", self._sites.pop(pool, None))
            except TypeError:
                pass
            except Exception:
                self._agent.recorder.dropped += 1

    def out(self, connection):
        """Note that a connection has been handed out."""
        self._taken_at[id(connection)] = clock()

    def back(self, connection):
        """Note that a connection is back."""
        taken = self._taken_at.pop(id(connection), None)
        if taken is not None:
            self.counts["pool.checkouts"] += 1
            self.counts["pool.held_s"] += (clock() - taken) / 1e9


def getting(agent, fill, is_async=False, handle=None):
    """Return a maker of wrappers of `get(pool, ...) -> connection`.

    `fill(pool)` says how many connections are out, how many there may be, and how many beyond that (below 0: no
    limit); `handle(pool)` what to ask instead of a pool that cannot be referred to weakly. What a pool executes to
    hand out a connection is not the application's.
    """
    pools = pools_of(agent)

    def make(original):
        def get(pool, *args, **kwargs):
            request = current.get()
            if request is None or request.done:
                return original(pool, *args, **kwargs)
            token = counted.set(True)
            before = pools.enter(request, pool, fill, handle)
            try:
                connection = original(pool, *args, **kwargs)
                pools.out(connection)
                return connection
            finally:
                pools.leave(request, pool, before, sys._getframe(1))
                counted.reset(token)

        async def get_async(pool, *args, **kwargs):
            request = current.get()
            if request is None or request.done:
                return await original(pool, *args, **kwargs)
            token = counted.set(True)
            before = pools.enter(request, pool, fill, handle)
            try:
                connection = await original(pool, *args, **kwargs)
                pools.out(connection)
                return connection
            finally:
                pools.leave(request, pool, before, awaiting(agent, sys._getframe(1)))
                counted.reset(token)

        return get_async if is_async else get

    return make


def returning(agent, is_async=False):
    """Return a maker of wrappers of `put(pool, connection, ...)`."""
    pools = pools_of(agent)

    def make(original):
        def put(pool, connection, *args, **kwargs):
            pools.back(connection)
            return original(pool, connection, *args, **kwargs)

        async def put_async(pool, connection, *args, **kwargs):
            pools.back(connection)
            return await original(pool, connection, *args, **kwargs)

        return put_async if is_async else put

    return make


def making(agent):
    """Return a maker of wrappers of a pool's constructor."""
    pools = pools_of(agent)

    def make(original):
        def __init__(pool, *args, **kwargs):
            original(pool, *args, **kwargs)
            try:
                pools.made(pool, sys._getframe(1))
            except Exception:
                agent.recorder.dropped += 1

        return __init__

    return make
