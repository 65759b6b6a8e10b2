"""What the HTTP clients' hooks have in common: time, and a count per method, host and line of the application.

Of a call nothing is kept but its method, host and port. Calls are counted as spots of a layer of their own,
`http_client:GET host:port`, which owns no time: the milliseconds are in `http_client`, `http_connect` and
`http_pool_wait`. Clients are built upon each other; only the outermost counts. Whether there is one is asked of the
context, not of the request: its other tasks call others at the same time.
"""

import sys
from contextvars import ContextVar

from ..request import current

MOST_TARGETS = 200
OTHER = "(other hosts)"
SUSPENDABLE = 0x20 | 0x80 | 0x100 | 0x200  # code of generators, coroutines and asynchronous generators
PORTS = {"https": 443, "wss": 443}

_inside = ContextVar("nineam_http_call", default=False)


class Outgoing:
    """Makes the wrappers of one client; `target(*args, **kwargs)` says `GET host:port` of a call's arguments."""

    def __init__(self, agent, target=None):
        self.agent = agent
        self.layer = agent.layer("http_client")
        self._target = target

    def call(self, original):
        """Wrap a function that sends a request and waits for the answer."""

        def wrapper(*args, **kwargs):
            request = current.get()
            if request is None or request.done or _inside.get():
                return original(*args, **kwargs)
            token = _inside.set(True)
            begin = request.enter(self.layer)
            try:
                return original(*args, **kwargs)
            finally:
                taken = request.leave(self.layer) - begin
                _inside.reset(token)
                self._count(request, taken, sys._getframe(1), args, kwargs)

        return wrapper

    def call_async(self, original):
        """Wrap a coroutine function that does."""

        async def wrapper(*args, **kwargs):
            request = current.get()
            if request is None or request.done or _inside.get():
                return await original(*args, **kwargs)
            token = _inside.set(True)
            begin = request.enter(self.layer)
            try:
                return await original(*args, **kwargs)
            finally:
                taken = request.leave(self.layer) - begin
                _leave(token)
                self._count(request, taken, self._awaiting(sys._getframe(1)), args, kwargs)

        return wrapper

    def part(self, original):
        """Wrap what reads the rest of an answer later: timed, and not a call of its own."""

        def wrapper(*args, **kwargs):
            request = current.get()
            if request is None or request.done or _inside.get():
                return original(*args, **kwargs)
            request.enter(self.layer)
            try:
                return original(*args, **kwargs)
            finally:
                request.leave(self.layer)

        return wrapper

    def part_async(self, original):
        """Wrap a coroutine function that does."""

        async def wrapper(*args, **kwargs):
            request = current.get()
            if request is None or request.done or _inside.get():
                return await original(*args, **kwargs)
            request.enter(self.layer)
            try:
                return await original(*args, **kwargs)
            finally:
                request.leave(self.layer)

        return wrapper

    def _awaiting(self, frame):
        """Return the application's innermost frame among those that await a coroutine, or None.

        A task's own stack ends where it was started from; beyond that come the loop and whoever runs it.
        """
        while frame is not None and frame.f_code.co_flags & SUSPENDABLE:
            if self.agent.frames.shown(frame.f_code.co_filename) is not None:
                return frame
            frame = frame.f_back
        return None

    def _count(self, request, taken, frame, args, kwargs):
        try:
            target = _targets(self.agent, self._target(*args, **kwargs))
            request.spot(target, (frame and self.agent.site(frame)) or request.where, taken)
        except Exception:
            self.agent.recorder.dropped += 1


def _leave(token):
    try:
        _inside.reset(token)
    except ValueError:
        pass  # closed from another context


_known = {}


def _targets(agent, target):
    """Return the number of a target; beyond the first of them, the rest counts as one."""
    known = _known.get(target)
    if known is None or known[0] is not agent:
        name = target if len(_known) < MOST_TARGETS else target.partition(" ")[0] + " " + OTHER
        known = (agent, agent.layer("http_client:" + name))
        if len(_known) < MOST_TARGETS or target in _known:
            _known[target] = known
    return known[1]


def named(method, scheme, host, port):
    """Return `GET host:port`."""
    return "%s %s:%d" % (_text(method).upper(), host or "?", port or PORTS.get(scheme, 80))


def named_url(method, url):
    """Return the same of a URL as text: neither user and password, nor path and query are looked at."""
    scheme, _, rest = _text(url).partition("://")
    for end in "/?#":
        rest = rest.partition(end)[0]
    host, _, port = rest.rpartition("@")[2].rpartition(":")
    if not host or not port.isdigit():
        host, port = rest.rpartition("@")[2], ""
    return named(method, scheme, host, int(port) if port else 0)


def _text(value):
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
