"""SQLAlchemy: statements with the line that caused them, fetching, building objects, lazy loads, the pool."""

import sys
import weakref
from time import perf_counter_ns as clock

from ..request import current
from .layers import timed
from .statements import fingerprint, normalise


def install_execute(agent, module):
    """Time and count every statement at the dialect, where the engine hands it to the driver."""
    for name in ("do_execute", "do_executemany", "do_execute_no_params"):
        agent.patcher.wrap(module.DefaultDialect, name, _execute(agent, name == "do_execute"))


def _execute(agent, one):
    layer = agent.layer("db_execute")
    names, site_of, getframe = agent.names, agent.site, sys._getframe

    def make(original):
        def do_execute(dialect, cursor, statement, *rest, **options):
            request = current.get()
            if request is None or request.done:
                return original(dialect, cursor, statement, *rest, **options)
            begin = request.enter(layer)
            try:
                return original(dialect, cursor, statement, *rest, **options)
            finally:
                taken = request.leave(layer) - begin
                try:
                    context = options.get("context") or (rest[-1] if rest else None)
                    compiled = getattr(context, "compiled", None)
                    text = getattr(compiled, "string", None) or statement
                    parameters = rest[0] if one and rest else None
                    number = names.get("statement", normalise(text))
                    request.query(number, site_of(getframe(1)), fingerprint(parameters), taken)
                except Exception:
                    agent.recorder.dropped += 1

        return do_execute

    return make


def install_fetch(agent, module):
    """Time fetching; drivers that decode lazily do their work here."""
    layer = agent.layer("db_fetch")
    for name in ("CursorFetchStrategy", "BufferedRowCursorFetchStrategy", "FullyBufferedCursorFetchStrategy"):
        strategy = getattr(module, name, None)
        for method in ("fetchone", "fetchmany", "fetchall"):
            if strategy is not None and method in vars(strategy):
                agent.patcher.wrap(strategy, method, timed(layer))


def install_hydration(agent, module):
    """Time the building of objects from rows, a chunk at a time."""
    layer = agent.layer("hydration")

    def make(original):
        def instances(cursor, context):
            result = original(cursor, context)
            request = current.get()
            if request is not None and not request.done and hasattr(result, "chunks"):
                _time_chunks(result, request, layer)
            return result

        return instances

    agent.patcher.wrap(module, "instances", make)


def _time_chunks(result, request, layer):
    from itertools import chain

    chunks = result.chunks

    def timed_chunks(size):
        source = iter(chunks(size))
        while True:
            request.enter(layer)
            try:
                chunk = next(source, None)
            finally:
                request.leave(layer)
            if chunk is None:
                return
            yield chunk

    result.chunks = timed_chunks
    if not getattr(result, "_yield_per", None):
        result.iterator = chain.from_iterable(timed_chunks(None))


def install_session(agent, module):
    """Time what the session does around statements: compiling, autoflush, unit of work."""
    layer = agent.layer("orm")
    for name in ("_execute_internal", "flush", "commit", "rollback"):
        if name in vars(module.Session):
            agent.patcher.wrap(module.Session, name, timed(layer))


def install_lazy(agent, module):
    """Say which relationship a lazy load is for."""
    loader = getattr(module, "_LazyLoader", None) or module.LazyLoader
    layer = agent.layer("orm")
    names = agent.names

    def make(original):
        def _load_for_state(self, *args, **kwargs):
            request = current.get()
            if request is None or request.done:
                return original(self, *args, **kwargs)
            before, request.relation = request.relation, names.get("relation", str(self.parent_property))
            request.enter(layer)
            try:
                return original(self, *args, **kwargs)
            finally:
                request.leave(layer)
                request.relation = before

        return _load_for_state

    agent.patcher.wrap(loader, "_load_for_state", make)


def install_pool(agent, module):
    """Time the wait for a connection, apart from making one, and watch how full the pools are."""
    waiting, connecting = agent.layer("pool_wait"), agent.layer("db_connect")
    pools = weakref.WeakSet()
    counts = {"pool.waiting": 0, "pool.checkouts": 0, "pool.held_s": 0.0}
    taken_at = {}

    def make_get(original):
        def _do_get(pool):
            request = current.get()
            if request is None or request.done:
                return original(pool)
            if pool not in pools:
                pools.add(pool)
            counts["pool.waiting"] += 1
            begin = request.enter(waiting)
            try:
                connection = original(pool)
                taken_at[id(connection)] = clock()
                return connection
            finally:
                taken = request.leave(waiting) - begin
                counts["pool.waiting"] -= 1
                if taken > 1_000_000:
                    request.spot(waiting, agent.site(sys._getframe(1)), taken)

        return _do_get

    def make_return(original):
        def _do_return_conn(pool, connection):
            taken = taken_at.pop(id(connection), None)
            if taken is not None:
                counts["pool.checkouts"] += 1
                counts["pool.held_s"] += (clock() - taken) / 1e9
            return original(pool, connection)

        return _do_return_conn

    agent.patcher.wrap(module.QueuePool, "_do_get", make_get)
    agent.patcher.wrap(module.QueuePool, "_do_return_conn", make_return)
    agent.patcher.wrap(module.QueuePool, "_create_connection", timed(connecting))
    agent.recorder.on_fork(lambda: counts.update(dict.fromkeys(counts, 0)))
    agent.recorder.gauge("sqlalchemy.pool", lambda: dict(counts, **_fill(pools)))


def install_create(agent, module):
    """Note the line that makes the engine: it is where the size of the pool is written.

    The pool's own constructor is left alone, because SQLAlchemy reads the argument names off it.
    """

    def make(original):
        def create_engine(*args, **kwargs):
            engine = original(*args, **kwargs)
            agent.recorder.source("layer", "pool_wait", agent.frames.caller(sys._getframe(1)))
            return engine

        return create_engine

    agent.patcher.wrap(module, "create_engine", make)


def _fill(pools):
    used = size = overflow = exhausted = 0
    for pool in list(pools):
        out, limit = pool.checkedout(), pool.size() + max(0, pool._max_overflow)
        exhausted += pool._max_overflow >= 0 and out >= limit
        used += out
        size += pool.size()
        overflow += max(0, pool._max_overflow)
    return {"pool.used": used, "pool.size": size, "pool.max_overflow": overflow, "pool.exhausted": exhausted}
