"""Steps a coroutine itself, so that time on the event loop and time waiting for it can be told apart.

A request that is suspended either waits for something or is ready and waits for the loop. Readiness shows
when the loop is asked to call it back: `watch_loop` stamps that instant on the task in whose context the
callback runs. Tasks whose answer arrived while another request held the loop cannot be stamped in time;
for them the middle of the stretch in which it must have arrived is used.
"""

import types
from contextvars import ContextVar
from time import perf_counter_ns as clock

from .request import live

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


class Task:
    """One task of a request: when it was last made ready, when its last step began and ended (0: never)."""

    __slots__ = ("left", "ready", "stepped")

    def __init__(self, ready=0, stepped=0, left=0):
        self.ready = ready
        self.stepped = stepped
        self.left = left


task = ContextVar("nineam_task", default=None)


@types.coroutine
def drive(coroutine, request, loop):
    """Await `coroutine`, accounting each of its steps to `request`; `loop` is the thread's `Loop`."""
    send, throw = coroutine.send, coroutine.throw
    value = error = None
    # a task's first step was scheduled in the context of the task that spawned it
    parent = task.get()
    own = Task(parent.ready, parent.stepped, parent.left) if parent is not None else Task()
    token = task.set(own)
    live[own] = (request, coroutine, loop)
    try:
        while True:
            begin = clock()
            if own.left:
                _account_for_lag(request, own, loop, begin)
            own.stepped = begin
            outer, outer_since = loop.request, loop.since
            loop.request, loop.since = request, begin
            try:
                if error is None:
                    awaited = send(value)
                else:
                    failure, error = error, None
                    try:
                        awaited = throw(failure)
                    finally:
                        del failure  # or it and this frame would keep each other alive
            except StopIteration as stop:
                return stop.value
            finally:
                end = own.left = clock()
                loop.request, loop.since = outer, outer_since
                taken = end - begin
                request.steps += taken
                if taken > HELD_NS:
                    loop.held_from, loop.held_until = begin, end
                if taken > request.longest:
                    request.longest = taken
            try:
                value = yield awaited
            except BaseException as failure:
                error, value = failure, None
    finally:
        live.pop(own, None)
        try:
            task.reset(token)
        except ValueError:
            pass  # closed from another context: nobody is left to mistake the variable


def _account_for_lag(request, own, loop, now):
    ready, until = own.ready, loop.held_until
    if ready < own.stepped or ready > now:
        return  # nobody said when; what it waited for owns the whole wait
    if own.left < until <= ready < until + NOTICED_NS:
        ready = (max(own.left, loop.held_from) + until) // 2
    # what a step itself makes ready (a task it spawns, a yield) waits from the end of that step
    request.lagged(max(ready, own.left), now)


def watch_loop(patcher, loop_class):
    """Stamp tasks of requests when a callback of theirs is scheduled on loops of `loop_class`."""

    def make(call_soon):
        def stamped(self, callback, *args, context=None):
            if context is None:
                return call_soon(self, callback, *args)
            own = context.get(task)
            if own is not None:
                own.ready = clock()
            return call_soon(self, callback, *args, context=context)

        return stamped

    patcher.wrap(loop_class, "call_soon", make)
