"""Steps a coroutine itself, so that time on the event loop and time waiting for it can be told apart.

A request that is suspended either waits for something or is ready and waits for the loop. Readiness shows
when the loop is asked to call it back: `watch_loop` stamps that instant on the request in whose context the
callback runs. Requests whose answer arrived while another request held the loop cannot be stamped in time;
for them the middle of the stretch in which it must have arrived is used.
"""

import types
from time import perf_counter_ns as clock

from .request import current

# a stretch this long on the loop is remembered as an obstacle for everybody else
HELD_NS = 5_000_000
# the loop notices what arrived during such a stretch within this time after it
NOTICED_NS = 3_000_000


class Loop:
    """What the event loop of a thread is doing: the step under way and the last long one."""

    __slots__ = ("held_from", "held_until", "request", "since", "thread")

    def __init__(self):
        self.request = None
        self.since = 0
        self.thread = 0
        self.held_from = self.held_until = 0


@types.coroutine
def drive(coroutine, request, loop):
    """Await `coroutine`, accounting each of its steps to `request`; `loop` is the thread's `Loop`."""
    send, throw = coroutine.send, coroutine.throw
    value = error = None
    while True:
        begin = clock()
        if request.left:
            _allow_for_obstacle(request, loop)
            request.resumed(begin)
        outer, outer_since = loop.request, loop.since
        loop.request, loop.since = request, begin
        try:
            if error is None:
                awaited = send(value)
            else:
                failure, error = error, None
                awaited = throw(failure)
        except StopIteration as stop:
            return stop.value
        finally:
            end = clock()
            loop.request, loop.since = outer, outer_since
            taken = end - begin
            request.steps += taken
            if taken > HELD_NS:
                loop.held_from, loop.held_until = begin, end
            if taken > request.longest:
                request.longest = taken
            request.left = end
        try:
            value = yield awaited
        except BaseException as failure:
            error, value = failure, None


def _allow_for_obstacle(request, loop):
    ready, until = request.ready, loop.held_until
    if request.left < until <= ready < until + NOTICED_NS:
        request.ready = (max(request.left, loop.held_from) + until) // 2


def watch_loop(patcher, loop_class):
    """Stamp requests when a callback of theirs is scheduled on loops of `loop_class`."""

    def make(call_soon):
        def stamped(self, callback, *args, context=None):
            if context is not None:
                request = context.get(current)
                if request is not None:
                    request.ready = clock()
                return call_soon(self, callback, *args, context=context)
            return call_soon(self, callback, *args)

        return stamped

    patcher.wrap(loop_class, "call_soon", make)
