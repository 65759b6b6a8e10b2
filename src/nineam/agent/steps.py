"""Steps a coroutine itself, so that time on the event loop and time waiting for it can be told apart.

A request that is suspended either waits for something or is ready and waits for the loop. Readiness shows
when the loop is asked to call it back: `watch_loop` stamps that instant on the task in whose context the
callback runs. What another task makes ready is ready at that instant. What arrives from outside (an answer, a
timer's time) is only noticed when the loop polls, after everything else that it had to do; when it was busy
until then, it came somewhere between the loop's last two polls: as long after its beginning as waits of its kind
took that ended while the loop slept, or in the middle when there is nothing to go by.
"""

import types
from contextvars import ContextVar
from time import perf_counter_ns as clock

from .request import live
from .slowing import State, pause_ns

# timers further away than this are not waited for, in seconds
FAR_S = 1e6


class Task:
    """One task of a request: when it was last made ready, when its last step began and ended (0: never).

    Since its last step began: `due` is when a timer goes off that was set, `chained` when something was scheduled that
    may make it ready in turn (a child's end does, by way of a callback). `asyncio` is the task as asyncio has it (None:
    it has none).
    """

    __slots__ = ("asyncio", "chained", "due", "left", "loop", "ready", "request", "stepped")

    def __init__(self, request, loop, parent):
        self.request = request
        self.loop = loop
        try:
            self.asyncio = loop.current_task() if loop.current_task is not None else None
        except RuntimeError:
            self.asyncio = None  # a thread that ran asyncio's loop before runs somebody else's now
        self.chained = self.due = self.ready = self.stepped = self.left = 0
        if parent is not None:
            # a task's first step was scheduled in the context of the task that spawned it
            self.ready, self.stepped, self.left = parent.ready, parent.stepped, parent.left

    def begin(self, now, outer):
        """Begin a step, inside one of the request `outer` (None: of none); until now the request may have lagged."""
        ready, request, loop = self.ready, self.request, self.loop
        if ready > loop.polled and outer is None and not loop.told:
            loop.poll(now, False)  # what a step makes ready runs after the next poll
        # when nobody said since when it was ready, what it waited for owns the whole wait; what a step itself makes
        # ready waits from that step's end, and while another task of the request runs the request does not wait
        if self.left and self.stepped <= ready <= now:
            since = max(ready, self.left, request.left)
            request.lagged(loop.answered(request, since, now) if request.wire else since, now)
        self.stepped, self.due, self.chained = now, 0, 0

    def readiness(self, outside):
        """Return since when what is scheduled now could run; `outside` of all tasks that was before it was noticed."""
        now = clock()
        if not outside:
            return now
        if self.chained > self.left:
            return self.chained
        return self.loop.arrival(self.request, self.left, self.due, now)


task = ContextVar("nineam_task", default=None)


@types.coroutine
def drive(coroutine, request, loop):
    """Await `coroutine`, accounting each of its steps to `request`; `loop` is the thread's `Loop`."""
    send, throw = coroutine.send, coroutine.throw
    value = error = None
    own = Task(request, loop, task.get())
    token = task.set(own)
    live[own] = (request, coroutine, loop)
    try:
        while True:
            begin = clock()
            outer, outer_since = loop.request, loop.since
            own.begin(begin, outer)
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
                end = own.left = request.left = loop.left = clock()
                loop.request, loop.since = outer, outer_since
                taken = end - begin
                if outer is not request:
                    request.steps += taken
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


def count_so_far(request, loop):
    """Count the part of a step under way: its request is about to be over."""
    if loop.request is request:
        taken = clock() - loop.since
        request.steps += taken
        if taken > request.longest:
            request.longest = taken


def receive(request, loop, layer, call, *args):
    """Run, in `layer`, what the loop calls when something has arrived for a request, before its task goes on."""
    now = clock()
    if request.left:
        request.lagged(loop.arrival(request, request.left, 0, now), now)
    request.enter(layer)
    try:
        return _step(request, loop, call, args)
    finally:
        request.leave(layer)
        loop.noticed = request.left


def _step(request, loop, call, args):
    begin = clock()
    outer, outer_since = loop.request, loop.since
    loop.request, loop.since = request, begin
    try:
        return call(*args)
    finally:
        end = request.left = clock()
        loop.request, loop.since = outer, outer_since
        taken = end - begin
        request.steps += taken
        if taken > request.longest:
            request.longest = taken


class Spawned:
    """A step of a task that a request has spawned and nobody drives, from being scheduled to being run."""

    __slots__ = ("callback", "loop", "ready", "request")

    def __init__(self, callback, own, ready):
        self.callback = callback
        self.request = own.request
        self.loop = own.loop
        self.ready = ready

    def __call__(self, *args):
        request = self.request
        if request.done:
            return self.callback(*args)
        request.lagged(max(self.ready, request.left), clock())
        try:
            return _step(request, self.loop, self.callback, args)
        finally:
            self.loop.left = request.left


def watch_loop(patcher, loop_class):
    """Stamp tasks of requests when they are made ready on loops of `loop_class`, and note when their timers are due."""
    from asyncio import Task as AsyncioTask  # not above: nobody may have asked for asyncio yet
    from asyncio import current_task

    def make(call_soon):
        def stamped(self, callback, *args, context=None):
            if context is None:
                return call_soon(self, callback, *args)
            own = context.get(task)
            if own is not None and not own.request.done:
                woken = getattr(callback, "__self__", None)
                outside = current_task(self) is None
                if woken is own.asyncio or own.asyncio is None:
                    own.ready = max(own.ready, own.readiness(outside))
                    if State.on and outside:
                        later = pause_ns(own.request, own.left, own.ready)
                        if later:
                            own.ready += later
                            return self.call_later(later / 1e9, callback, *args, context=context)
                elif isinstance(woken, AsyncioTask):
                    now = clock()
                    ready = own.loop.arrival(own.request, own.request.left, own.due, now) if outside else now
                    callback = Spawned(callback, own, ready)
                else:
                    own.chained = own.readiness(outside)
            return call_soon(self, callback, *args, context=context)

        return stamped

    patcher.wrap(loop_class, "call_soon", make)
    patcher.wrap(loop_class, "call_later", _timing(lambda _: 0.0))
    patcher.wrap(loop_class, "call_at", _timing(lambda loop: loop.time()))


def _timing(start):
    def make(original):
        def call(self, when, callback, *args, context=None):
            own = task.get() if context is None else context.get(task)
            if own is not None and type(when) in (int, float):
                delay = when - start(self)
                if 0 <= delay < FAR_S:
                    own.due = clock() + int(delay * 1e9)
            return original(self, when, callback, *args, context=context)

        return call

    return make
