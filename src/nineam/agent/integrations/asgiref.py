"""asgiref, which carries calls between synchronous and asynchronous code: the crossing is a layer of its own.

What runs at the other end belongs to whoever called; only the way there, and in part the way back, is the adapter's.
"""

import functools
import sys
from time import perf_counter_ns as clock

from ..request import current
from ..steps import task
from ..visits import arrive, depart
from ..wire import LOOP_LAG
from .django_sites import BOUNDARIES, crossing, sites_of
from .layers import timed


class Crossing:
    """One call through an adapter; `site` is the application's line that made it (looked for when it is entered)."""

    __slots__ = ("back", "entered", "gone", "request", "site")

    def __init__(self, request, layer, back):
        self.request = request
        self.back = back
        self.site = 0
        self.gone = False
        self.entered = layer
        request.enter(layer)

    def arrived(self):
        """The function begins at the other end: the clock is its caller's again."""
        entered, self.entered = self.entered, None
        if entered is not None:
            self.request.leave(entered)

    def returning(self):
        """The function has ended; what is left is the way back."""
        if not self.gone:
            self.entered = self.back
            self.request.enter(self.back)

    def over(self):
        """The caller goes on, whatever the other end still does (an abandoned call)."""
        self.gone = True
        self.arrived()


def install(agent, module):
    """Time both adapters, and making them (once per call); at their other ends the clock is handed over."""
    layer, patcher = agent.layer("adapter"), agent.patcher
    to_thread, to_loop = module.SyncToAsync, module.AsyncToSync
    arrivals = [(to_thread, "thread_handler", _in_thread), (to_loop, "main_wrap", _on_loop)]
    arrivals = [(owner, name, vars(owner)[name], make) for owner, name, make in arrivals]
    for owner in (to_thread, to_loop):
        patcher.wrap(owner, "__init__", timed(layer))
    patcher.wrap(to_thread, "__call__", lambda original: _calling_async(agent, layer, original))
    patcher.wrap(to_loop, "__call__", lambda original: _calling(agent, layer, original))
    for owner, name, original, make in arrivals:
        patcher.replace(owner, name, _Arrival(original, make))


class _Arrival:
    """Stands for a method of an adapter; bound to the crossing in whose context it is looked up."""

    def __init__(self, original, make):
        functools.update_wrapper(self, original)
        self.__nineam__ = True
        self._original = original
        self._make = make

    def __get__(self, instance, owner=None):
        bound = self._original.__get__(instance, owner)
        state = crossing.get() if instance is not None else None
        return bound if state is None or state.gone else self._make(bound, state)


def _in_thread(bound, state):
    def thread_handler(*args, **kwargs):
        visit = arrive(state.request)
        state.arrived()
        try:
            return bound(*args, **kwargs)
        finally:
            state.returning()
            if visit is not None:
                depart(visit)  # last: on a busy machine a thread has been seen to wait for milliseconds in here

    return thread_handler


def _on_loop(bound, state):
    async def main_wrap(*args, **kwargs):
        state.arrived()
        try:
            return await bound(*args, **kwargs)
        finally:
            state.returning()

    return main_wrap


BOUNDARIES.extend(make(None, None).__code__ for make in (_in_thread, _on_loop))


def _calling_async(agent, layer, original):
    async def __call__(adapter, *args, **kwargs):
        request = current.get()
        if request is None or request.done:
            return await original(adapter, *args, **kwargs)
        _count_lag(request)
        state = Crossing(request, layer, LOOP_LAG)
        state.site = _site(agent)
        token = crossing.set(state)
        try:
            return await original(adapter, *args, **kwargs)
        finally:
            state.over()
            _forget(token)

    return __call__


def _count_lag(request):
    """A task of Django's own (signals have them) that nobody steps: what it has waited for the loop shows here."""
    own = task.get()
    if own is not None and own.stepped < own.left:
        now = clock()
        if own.stepped < own.ready <= now:
            request.lagged(max(own.ready, own.left), now)


def _calling(agent, layer, original):
    def __call__(adapter, *args, **kwargs):
        request = current.get()
        if request is None or request.done:
            return original(adapter, *args, **kwargs)
        state = Crossing(request, layer, layer)
        state.site = _site(agent)
        token = crossing.set(state)
        try:
            return original(adapter, *args, **kwargs)
        finally:
            state.over()
            _forget(token)

    return __call__


def _forget(token):
    try:
        crossing.reset(token)
    except ValueError:
        pass  # closed from another context


def _site(agent):
    """Return the application's line above the adapter, for statements at its other end, where no stack leads back."""
    outer = crossing.get()
    return sites_of(agent).above(sys._getframe(2)) or (outer.site if outer is not None else 0)
