"""Slows one layer down on purpose, in proportion to what it takes: an experiment that the controller asks for.

What a resource is worth shows when there is less of it: slow down what everybody waits for, and everybody waits longer;
slow down anything else, and its own requests take as much longer as was added. (Coz, SOSP 2015, asks the same by
slowing down everything else.) Layers that compute compute on; those that wait for somebody else let the loop go on.
"""

import sys
import time
from time import perf_counter_ns as clock
from time import thread_time_ns as cpu_clock

from .request import Request

WAITING = frozenset({"db_execute", "db_fetch", "db_connect", "http_client", "http_connect", "cache", "lock_wait"})
LONGEST_NS = 1_000_000_000
MOST_KNOWN = 20000

_leave = Request.leave


class State:
    """What is slowed now, of this process: endpoint and layer by number (endpoint None: all of them)."""

    on = waits = False
    endpoint = layer = None
    factor = 0.0
    # nanoseconds of the layer that a request has paid for: {request: nanoseconds}
    paid = {}


def begin(endpoint, layer, name, factor):
    """Slow a layer called `name` down by `factor` times what it takes; ends what was slowed before."""
    end()
    State.endpoint, State.layer, State.factor, State.waits = endpoint, layer, factor, name in WAITING
    State.on = True
    Request.leave = _leave_slowly


def end():
    """Let everything take what it takes."""
    State.on = False
    State.paid = {}
    Request.leave = _leave


def pause_ns(request, left, ready):
    """Return how much later a wait should end that began when its request let go of the loop."""
    if not (State.on and State.waits and _is_slowed(request)) or request.stack[-1] != State.layer:
        return 0
    return min(LONGEST_NS, int(max(0, ready - left) * State.factor))


def _is_slowed(request):
    return State.endpoint is None or request.endpoint == State.endpoint


def _leave_slowly(request, layer):
    if layer != State.layer or not _is_slowed(request) or request.stack[-1] != layer or request.done:
        return _leave(request, layer)
    if not (State.waits and _runs_a_loop()):
        owned = request.layers[layer] + clock() - request.last
        _take(min(LONGEST_NS, int((owned - State.paid.get(request, 0)) * State.factor)))
    now = _leave(request, layer)
    if len(State.paid) >= MOST_KNOWN:
        State.paid.clear()
    State.paid[request] = request.layers[layer]
    return now


def _runs_a_loop():
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and asyncio._get_running_loop() is not None


def _take(nanoseconds):
    if nanoseconds <= 0:
        return
    if State.waits:
        time.sleep(nanoseconds / 1e9)
        return
    until = cpu_clock() + nanoseconds
    while cpu_clock() < until:
        pass
