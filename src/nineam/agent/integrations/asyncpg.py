"""asyncpg, used directly or beneath SQLAlchemy, at its protocol: everything it says goes through there.

Rows are decoded where the answer is received, by the event loop and in nobody's name; the request that waits on
the connection is remembered for that. Decoding holds the loop like any other step of a request, and is told apart
from the wait for the answer: the one is `db_fetch`, the other `db_execute`.
"""

import sys

from ..arrivals import Wire
from ..request import current
from ..steps import receive
from .driver import account, awaiting, counted, housekeeping, wrap_existing
from .fetches import charging
from .pools import getting, making, returning
from .starlette import asgi_of

# asyncpg says these itself for its transactions; other drivers' transactions are not statements either
_TRANSACTION = ("BEGIN", "START TRA", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE S")


def install(agent, module):
    """Time what is sent, count the statements in it, and time decoding apart."""
    protocol, patcher = module.Protocol, agent.patcher
    waiting, wires = {}, {}
    patcher.wrap(protocol, "query", _saying(agent, (waiting, wires), _text))
    for name in ("bind_execute", "bind"):
        patcher.wrap(protocol, name, _saying(agent, (waiting, wires), _prepared))
    patcher.wrap(protocol, "bind_execute_many", _saying(agent, (waiting, wires), _many))
    for name in ("prepare", "close_statement", "copy_in", "copy_out"):
        patcher.wrap(protocol, name, _saying(agent, (waiting, wires), None))
    patcher.wrap(protocol, "execute", _saying(agent, (waiting, wires), None, "db_fetch"))
    patcher.wrap(protocol, "data_received", _receiving(agent, waiting))
    patcher.wrap(protocol, "connection_made", _connecting(wires))
    patcher.wrap(protocol, "connection_lost", _parting(wires))


def _text(query, *_, **__):
    return (None if query[:9].upper().startswith(_TRANSACTION) else query), None


def _prepared(state, args=None, *_, **__):
    return state.query, args


def _many(state, *_, **__):
    return state.query, None


def _saying(agent, known, counts, layer="db_execute"):
    """Return a maker of wrappers; `counts` makes statement and parameters of the arguments (None: counts nothing)."""
    layer, charge = agent.layer(layer), charging(agent, names=_keys)
    waiting, wires = known

    def make(original):
        async def say(protocol, *args, **kwargs):
            request = current.get()
            if request is None or request.done:
                return await original(protocol, *args, **kwargs)
            begin = request.enter(layer)
            waiting[id(protocol)] = request
            request.wire = Wire(wires.get(id(protocol)), layer, True)
            said = None
            try:
                said = await original(protocol, *args, **kwargs)
                return said
            finally:
                waiting.pop(id(protocol), None)
                end = request.leave(layer)
                if counts is not None and not counted.get():
                    _count(agent, request, end - begin, counts, (args, kwargs), awaiting(agent, sys._getframe(1)))
                rows = said[0] if type(said) is tuple and said else said
                if type(rows) is list and request.cursors is not None:
                    # executing and fetching at once is counted as executing
                    taken = end - begin if counts is None else 0
                    charge(request, (_state(args, kwargs), rows), taken, end, rows, False)

        return say

    return make


def _count(agent, request, taken, counts, given, frame):
    try:
        statement, parameters = counts(*given[0], **given[1])
    except Exception:
        agent.recorder.dropped += 1
        return
    if statement is not None:
        account(agent, request, taken, statement, parameters, frame, _state(*given))


def _state(args, kwargs):
    """Return the prepared statement, which is what rows are asked of: the protocol knows no cursors."""
    return args[0] if args else kwargs.get("state")


def _keys(args):
    return args[1][0].keys()


def _connecting(wires):
    def make(original):
        def connection_made(protocol, transport):
            wires[id(protocol)] = transport
            return original(protocol, transport)

        return connection_made

    return make


def _parting(wires):
    def make(original):
        def connection_lost(protocol, exc):
            wires.pop(id(protocol), None)
            return original(protocol, exc)

        return connection_lost

    return make


def _receiving(agent, waiting):
    layer, asgi = agent.layer("db_fetch"), asgi_of(agent)

    def make(original):
        def data_received(protocol, data):
            request = waiting.get(id(protocol))
            if request is None or request.done:
                return original(protocol, data)
            return receive(request, asgi.loop(), layer, original, protocol, data)

        return data_received

    return make


def install_connection(agent, module):
    """What asyncpg asks on its own account (types, a reset before reuse) is not the application's."""
    own = housekeeping(agent.layer("db_execute"), True)
    agent.patcher.wrap(module.Connection, "reset", own)
    wrap_existing(agent, module.Connection, ("_reset", "_introspect_types", "_introspect_type"), own)


def install_connect(agent, module):
    """Time connecting."""
    agent.patcher.wrap(module, "_connect", housekeeping(agent.layer("db_connect"), True))


def install_pool(agent, module):
    """Time the wait for a connection of asyncpg's own pool, whose queue tells how many are left."""
    agent.patcher.wrap(module.Pool, "_acquire", getting(agent, _fill, True, lambda pool: pool._queue))
    agent.patcher.wrap(module.Pool, "release", returning(agent, True))
    agent.patcher.wrap(module.Pool, "__init__", making(agent))


def _fill(queue):
    return queue.maxsize - queue.qsize(), queue.maxsize, 0
