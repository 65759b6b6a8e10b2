"""Thread pools of the standard library: the request goes along with the work.

What runs in a pool may run beside its request, and several at once, so each piece of work has books of its own. What
it says of statements and calls is the request's. Its layers explain the time that the request spent waiting for it,
and no more: blocked in `result()`, or suspended where a loop was running when the work was handed over.
"""

import sys
from _thread import allocate_lock
from contextvars import Context, copy_context
from time import perf_counter_ns as clock

from ..request import Request, current
from ..visits import arrive, depart

_lock = allocate_lock()


def install(agent, module):
    """Hook handing work over."""
    waiting = agent.layer("threadpool_wait")

    def make(original):
        def submit(pool, fn, /, *args, **kwargs):
            request = current.get()
            if request is None or request.done or _is_adapter(fn):
                return original(pool, fn, *args, **kwargs)
            part = Part(request, waiting)
            future = original(pool, part.run(fn), *args, **kwargs)
            future.__nineam_part__ = part
            return future

        return submit

    agent.patcher.wrap(module.ThreadPoolExecutor, "submit", make)


def install_futures(agent, module):
    """Hook waiting for it."""
    waiting = agent.layer("threadpool_wait")

    def make(original):
        def result(future, timeout=None):
            part = getattr(future, "__nineam_part__", None)
            request = current.get()
            if part is None or part.request is not request or request.done or future.done():
                return original(future, timeout)
            begin = request.enter(waiting)
            try:
                return original(future, timeout)
            finally:
                taken = request.leave(waiting) - begin
                part.explain(waiting, taken)

        return result

    agent.patcher.wrap(module.Future, "result", make)


class Part:
    """A piece of a request's work in a thread of its own, from being handed over to its end."""

    def __init__(self, request, waiting):
        self.request = request
        self.own = own = Request(request.method, 0)
        for name in ("endpoint", "where", "relation", "hooks", "outer"):
            setattr(own, name, getattr(request, name))
        own.stack[0] = self._waiting = waiting
        self._layer = request.stack[-1]
        self._awaited = _loop_is_running()

    def run(self, fn):
        """Return the function to hand over instead of `fn`."""
        context = _context_of(fn)
        inside = copy_context() if context is None else None

        def work(*args, **kwargs):
            own = self.own
            if context is not None:
                context.run(current.set, own)
            visit = arrive(own, self.request)
            own.enter(self._layer)
            del own.stack[0]  # the wait is over; what a framework in here joins is the layer around it
            try:
                return inside.run(_with, own, fn, args, kwargs) if inside is not None else fn(*args, **kwargs)
            finally:
                self._end()
                if visit is not None:
                    depart(visit)

        return work

    def _end(self):
        own, request = self.own, self.request
        own.finish()
        if request.done:
            return
        with _lock:
            _merge(request, own)
            if self._awaited:
                top = request.stack[-1]
                since, now = request.last, clock()
                request.last = now
                request.layers[top] = request.layers.get(top, 0) + now - since
                self.explain(top, min(now - since, now - own.at))

    def explain(self, layer, nanoseconds):
        """Move time of the request's from `layer` to what its part was doing in the end, in the same proportions."""
        request, own = self.request, self.own
        layers = dict(own.layers)
        # what came first is what the request was not waiting for: the queue, as far as that goes
        earlier = sum(layers.values()) - nanoseconds
        layers[self._waiting] = max(0, layers.get(self._waiting, 0) - max(0, earlier))
        total = sum(layers.values())
        if not own.done or total <= 0 or nanoseconds <= 0 or request.done:
            return
        scale = min(1.0, nanoseconds / total)
        for name, taken in layers.items():
            moved = int(taken * scale)
            request.layers[layer] = request.layers.get(layer, 0) - moved
            request.layers[name] = request.layers.get(name, 0) + moved


def _with(own, fn, args, kwargs):
    current.set(own)
    return fn(*args, **kwargs)


def _context_of(fn):
    """Return the context that work brings along (as from `asyncio.to_thread`), or None."""
    context = getattr(getattr(fn, "func", None), "__self__", None)
    return context if isinstance(context, Context) else None


def _is_adapter(fn):
    """Whether this is asgiref's way into a thread, which has hooks of its own and hands the request over itself."""
    return getattr(getattr(fn, "func", None), "__name__", "") == "thread_handler"


def _loop_is_running():
    events = sys.modules.get("asyncio.events")
    return events is not None and events._get_running_loop() is not None


def _merge(request, own):
    """Count what a part has counted."""
    if own.endpoint:
        request.endpoint, request.where = own.endpoint, own.where
    if not own.outer:
        request.join()
    for key, (count, taken, distinct, counted, rows, fetching) in (own.queries or {}).items():
        if request.queries is None:
            request.queries = {}
        group = request.queries.setdefault(key, [0, 0, set(), 0, 0, 0])
        group[0] += count
        group[1] += taken
        group[2] |= distinct
        group[3] += counted
        group[4] += rows
        group[5] += fetching
    for (layer, site), (calls, taken) in (own.spots or {}).items():
        if request.spots is None:
            request.spots = {}
        group = request.spots.setdefault((layer, site), [0, 0])
        group[0] += calls
        group[1] += taken
