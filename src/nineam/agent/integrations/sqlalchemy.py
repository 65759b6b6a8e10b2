"""SQLAlchemy: statements with the line that caused them, fetching, building objects, lazy loads, the pool."""

import sys
from itertools import chain

from ..request import current
from .driver import account, counted, housekeeping, wrap_existing
from .fetches import FETCHES, fetching
from .layers import timed_once
from .pools import getting, pools_of, returning

MOST_RELATIONS = 5000


def install_execute(agent, module):
    """Time and count every statement at the dialect, where the engine hands it to the driver."""
    dialect = module.DefaultDialect
    for name in ("do_execute", "do_executemany", "do_execute_no_params"):
        agent.patcher.wrap(dialect, name, _execute(agent, name == "do_execute"))
    # what the engine says to the database on its own account is a way there and back too
    wrap_existing(
        agent, dialect, ("do_commit", "do_rollback", "_do_ping_w_event"), housekeeping(agent.layer("db_execute"))
    )


def _execute(agent, one):
    layer, getframe = agent.layer("db_execute"), sys._getframe

    def make(original):
        def do_execute(dialect, cursor, statement, *rest, **options):
            request = current.get()
            if request is None or request.done or counted.get():
                return original(dialect, cursor, statement, *rest, **options)
            token = counted.set(True)
            begin = request.enter(layer)
            try:
                return original(dialect, cursor, statement, *rest, **options)
            finally:
                taken = request.leave(layer) - begin
                counted.reset(token)
                context = options.get("context") or (rest[-1] if rest else None)
                text = getattr(getattr(context, "compiled", None), "string", None) or statement
                account(agent, request, taken, text, rest[0] if one and rest else None, getframe(1), cursor)

        return do_execute

    return make


def install_fetch(agent, module):
    """Time fetching and count its rows; drivers that decode lazily do their work here."""
    for name in ("CursorFetchStrategy", "BufferedRowCursorFetchStrategy", "FullyBufferedCursorFetchStrategy"):
        strategy = getattr(module, name, None)
        for method in FETCHES:
            if strategy is not None and method in vars(strategy):
                agent.patcher.wrap(strategy, method, fetching(agent, cursor_at=2, names=_keys))


def _keys(args):
    """Return the names of a result's columns: it has closed its cursor when all is fetched."""
    return args[1].keys()


def install_hydration(agent, module):
    """Time the building of objects from rows, a chunk at a time."""
    layer = agent.layer("hydration")

    def make(original):
        def instances(cursor, context):
            request = current.get()
            if request is None or request.done:
                return original(cursor, context)
            request.enter(layer)  # an asynchronous session builds all objects in here already
            try:
                result = original(cursor, context)
            finally:
                request.leave(layer)
            if hasattr(result, "chunks"):
                _time_chunks(result, request, layer)
            return result

        return instances

    agent.patcher.wrap(module, "instances", make)


def _time_chunks(result, request, layer):
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
            if not size:
                yield from source  # everything was in the first one: this only ends it
                return

    result.chunks = timed_chunks
    if not getattr(result, "_yield_per", None):
        result.iterator = chain.from_iterable(timed_chunks(None))


def install_session(agent, module):
    """Time what the session does around statements: compiling, autoflush, unit of work."""
    layer = agent.layer("orm")
    for name in ("_execute_internal", "flush", "commit", "rollback"):
        if name in vars(module.Session):
            agent.patcher.wrap(module.Session, name, timed_once(layer))


def install_lazy(agent, module):
    """Say which relationship a lazy load is for."""
    loader = getattr(module, "_LazyLoader", None) or module.LazyLoader
    layer = agent.layer("orm")
    known = _Relations(agent.names)

    def make(original):
        def _load_for_state(self, *args, **kwargs):
            request = current.get()
            if request is None or request.done:
                return original(self, *args, **kwargs)
            before, request.relation = request.relation, known[self.parent_property]
            request.enter(layer)
            try:
                return original(self, *args, **kwargs)
            finally:
                request.leave(layer)
                request.relation = before

        return _load_for_state

    agent.patcher.wrap(loader, "_load_for_state", make)


class _Relations(dict):
    """The number of each relationship, by its property."""

    def __init__(self, names):
        super().__init__()
        self._names = names

    def __missing__(self, relation):
        number = self._names.get("relation", str(relation))
        if len(self) < MOST_RELATIONS:
            self[relation] = number
        return number


def install_pool(agent, module):
    """Time the wait for a connection, apart from making one, and watch how full the pools are."""
    agent.patcher.wrap(module.QueuePool, "_do_get", getting(agent, _fill))
    agent.patcher.wrap(module.QueuePool, "_do_return_conn", returning(agent))
    agent.patcher.wrap(module.QueuePool, "_create_connection", housekeeping(agent.layer("db_connect")))


def _fill(pool):
    return pool.checkedout(), pool.size(), pool._max_overflow


def install_create(agent, module):
    """Note the line that makes the engine: it is where the size of the pool is written.

    The pool's own constructor is left alone, because SQLAlchemy reads the argument names off it.
    """
    pools = pools_of(agent)

    def make(original):
        def create_engine(*args, **kwargs):
            engine = original(*args, **kwargs)
            try:
                pools.made(engine.pool, sys._getframe(1))
            except Exception:
                agent.recorder.dropped += 1
            return engine

        return create_engine

    agent.patcher.wrap(module, "create_engine", make)
