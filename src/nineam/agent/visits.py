"""Which thread works for which request, from when to when, and what that took of the processor: both exactly.

Only for threads other than the main one, which the timer's signal looks at. Beginning and ending a visit are on the
way of every request there: one look at the thread's clock each.
"""

from _thread import get_ident
from collections import deque
from time import perf_counter_ns as clock
from time import thread_time_ns as cpu_clock

MOST_LEFT = 10000

# {thread: Visit}, and the visits that are over
here = {}
left = deque(maxlen=MOST_LEFT)


class State:
    """Whether visits are counted, and which thread is the main one (it is there when the agent is read)."""

    on = False
    main = get_ident()


class Visit:
    """A stretch of a request's on one thread; `whole` is the request that is reported, `request` the books in use."""

    __slots__ = (
        "at", "cpu", "key", "layer", "looks", "outer", "owned", "ready", "request", "seen_at", "seen_cpu",
        "thread", "used", "wall", "whole",
    )  # fmt: skip

    def __init__(self, request, whole, thread):
        self.request = request
        self.whole = whole
        self.thread = thread
        self.outer = here.get(thread)
        self.looks = self.owned = self.key = None
        self.layer = self.wall = self.used = 0
        self.ready = False
        self.at = self.seen_at = clock()
        self.cpu = self.seen_cpu = cpu_clock()


def arrive(request, whole=None):
    """Begin a visit of the calling thread's, to be ended there by `depart`; None when nobody counts them."""
    thread = get_ident()
    if not State.on or thread == State.main:
        return None
    visit = here[thread] = Visit(request, whole or request, thread)
    return visit


def depart(visit):
    """End a visit: on its own thread, whose clock says what it took; elsewhere it is only forgotten."""
    thread = visit.thread
    if here.get(thread) is visit:
        if visit.outer is not None:
            here[thread] = visit.outer
        else:
            del here[thread]
    if thread != get_ident():
        return
    visit.wall = clock() - visit.at
    visit.used = min(max(0, cpu_clock() - visit.cpu), visit.wall)
    visit.outer = None
    left.append(visit)


def after_fork():
    """In a child only the thread that forked is left, and is the main one."""
    here.clear()
    left.clear()
    State.main = get_ident()
