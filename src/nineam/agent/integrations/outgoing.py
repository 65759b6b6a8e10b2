"""What the HTTP clients' hooks have in common: time, and a count per method, host and line of the application.

Of a call nothing is kept but its method, host and port. Calls are counted as spots of a layer of their own,
`http_client:GET host:port`, which owns no time: the milliseconds are in `http_client`, `http_connect` and
`http_pool_wait`. Clients are built upon each other; only the outermost counts. Whether there is one is asked of the
context, not of the request: its other tasks call others at the same time.

A call that would wait for its answer for ever is counted a second time, as `no_timeout:GET host:port`. Whether it would
is known where the waiting is: at the socket (`waits_at`), or from what an asynchronous client was told (`unlimited`).
"""

import sys
from contextvars import ContextVar

from ..patcher import passed_over
from ..request import current

MOST_TARGETS = 200
OTHER = "(other hosts)"
SUSPENDABLE = 0x20 | 0x80 | 0x100 | 0x200  # code of generators, coroutines and asynchronous generators
PORTS = {"https": 443, "wss": 443}

# what the outermost client has begun: a list of one flag, whether it has waited without a limit
_inside = ContextVar("nineam_http_call", default=None)


class Outgoing:
    """Makes the wrappers of one client.

    Of a call's arguments `target` says `GET host:port`, and `unlimited` whether its answer may take for ever.
    """

    def __init__(self, agent, target=None, unlimited=None):
        self.agent = agent
        self.layer = agent.layer("http_client")
        self._target = target
        self._unlimited = unlimited

    def call(self, original):
        """Wrap a function that sends a request and waits for the answer."""

        def wrapper(*args, **kwargs):
            request = current.get()
            if request is None or request.done or _inside.get():
                return original(*args, **kwargs)
            call = [False]
            token = _inside.set(call)
            begin = request.enter(self.layer)
            try:
                return original(*args, **kwargs)
            finally:
                taken = request.leave(self.layer) - begin
                _inside.reset(token)
                self._count(request, taken, sys._getframe(1), call, args, kwargs)

        return wrapper

    def call_async(self, original):
        """Wrap a coroutine function that does."""

        async def wrapper(*args, **kwargs):
            request = current.get()
            if request is None or request.done or _inside.get():
                return await original(*args, **kwargs)
            call = [False]
            token = _inside.set(call)
            begin = request.enter(self.layer)
            try:
                return await original(*args, **kwargs)
            finally:
                taken = request.leave(self.layer) - begin
                _leave(token)
                self._count(request, taken, self._awaiting(sys._getframe(1)), call, args, kwargs)

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

    def _count(self, request, taken, frame, call, args, kwargs):
        try:
            target = self._target(*args, **kwargs)
            site = (frame and self.agent.site(frame)) or request.where
            request.spot(_targets(self.agent, "http_client:", target), site, taken)
            if call[0] or (self._unlimited is not None and self._unlimited(*args, **kwargs)):
                request.spot(_targets(self.agent, "no_timeout:", target), site, taken)
        except Exception:
            self.agent.recorder.dropped += 1


def waits_at(original):
    """Wrap what waits for an answer at `connection.sock`: the outermost client is told when that has no limit."""

    def wrapper(connection, *args, **kwargs):
        call = _inside.get()
        if call is not None:
            try:
                call[0] = call[0] or connection.sock.gettimeout() is None
            except Exception:
                pass  # a socket of another kind: not known is not without a limit
        return original(connection, *args, **kwargs)

    return passed_over(wrapper)


def _leave(token):
    try:
        _inside.reset(token)
    except ValueError:
        pass  # closed from another context


_known = {}


def _targets(agent, kind, target):
    """Return the number of a target of a kind; beyond the first of them, the rest counts as one."""
    key = kind + target
    known = _known.get(key)
    if known is None or known[0] is not agent:
        name = target if len(_known) < MOST_TARGETS else target.partition(" ")[0] + " " + OTHER
        known = (agent, agent.layer(kind + name))
        if len(_known) < MOST_TARGETS or key in _known:
            _known[key] = known
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
