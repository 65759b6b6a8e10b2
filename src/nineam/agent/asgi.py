"""The way in and out of an ASGI application, and the links between its middlewares."""

from _thread import get_ident

from .entry import Paths, Wrapped, around_of
from .loops import Loop, watch_polls
from .request import Request, current, reset
from .steps import count_so_far, drive, watch_loop
from .watchdog import Watchdog
from .wire import LATEST_NS, SENT_HEADER

_SENT = SENT_HEADER.encode()


class Asgi:
    """Opens a record for each HTTP request that enters `entry`, and closes it with the last byte of the answer.

    What an application does afterwards (background tasks, what middlewares do on their way out) nobody waits for.
    """

    def __init__(self, agent):
        self.agent = agent
        self.framework = agent.layer("framework")
        self.response = agent.layer("response")
        self.request_body = agent.layer("request_body")
        self.view = agent.layer("view")
        self.paths = Paths(agent.names)
        self.around = Wrapped(agent, self._around)
        self._loops = {}
        self._watchdog = Watchdog(agent)
        agent.patcher.also(self._watchdog.stop)
        agent.recorder.on_fork(self._loops.clear)

    def loop(self):
        """Return the `Loop` of the calling thread; the first call on a thread begins to watch it."""
        if self._watchdog.asleep:
            self._watchdog.wake()
        thread = get_ident()
        loop = self._loops.get(thread)
        if loop is None:
            import asyncio  # not above: this module is read before the application asks for asyncio, if it does

            loop = self._loops[thread] = Loop()
            self._watchdog.watch(loop)
            try:
                running = asyncio.get_running_loop()
            except RuntimeError:
                return loop  # somebody else's loop (trio's): there is nothing to stamp
            loop.current_task = asyncio.current_task
            watch_loop(self.agent.patcher, _owner_of_call_soon(type(running)))
            selector = getattr(running, "_selector", None)
            if selector is not None:
                watch_polls(self.agent.patcher, type(selector), self._loops)
        return loop

    def entry(self, call):
        """Return the replacement of an application class's `__call__`."""
        recorder = self.agent.recorder

        async def __call__(app, scope, receive, send):
            inside = current.get()
            # a record that is done was left behind by the server's connection, not by a request around this one
            if scope["type"] != "http" or not recorder.enabled or (inside is not None and not inside.done):
                if inside is not None and inside.outer and not inside.done and scope["type"] == "http":
                    return await self._joined(inside, call, app, scope, receive, send)
                return await call(app, scope, receive, send)
            request = Request(scope.get("method", ""), _sent(scope))
            recorder.begin()
            request.stack[0] = self.framework
            token = current.set(request)
            try:
                loop = self.loop()
                inner = call(app, scope, self._receiving(request, receive), self._sending(request, scope, send))
                await drive(inner, request, loop)
            finally:
                reset(token)
                self._finish(request, scope)

        return __call__

    async def _joined(self, request, call, app, scope, receive, send):
        """Run a framework's entry inside the record that the server's hook has opened."""
        outer, framework = request.outer, self.framework

        async def relay(message):
            request.enter(outer)
            try:
                await send(message)
            finally:
                request.leave(outer)

        request.join()
        request.enter(framework)
        try:
            return await call(app, scope, receive, relay)
        finally:
            request.leave(framework)
            if not request.endpoint:
                request.endpoint = self.agent.names.get("endpoint", request.method + " (no route)")

    def _around(self, app):
        """Return what a server is to call instead of an application that no framework's hook opens records for."""
        recorder, wrapped = self.agent.recorder, self.around
        outer = around_of(self.agent, app)

        async def application(scope, receive, send):
            inside = current.get()
            idle = not recorder.enabled or not wrapped.active
            if scope["type"] != "http" or idle or (inside is not None and not inside.done):
                return await app(scope, receive, send)
            request = Request(scope.get("method", ""), _sent(scope))
            request.stack[0] = self.view
            request.outer = outer
            recorder.begin()
            token = current.set(request)
            try:
                loop = self.loop()
                inner = app(scope, self._receiving(request, receive), self._sending(request, scope, send))
                return await (drive(inner, request, loop) if hasattr(inner, "send") else inner)
            finally:
                reset(token)
                self._finish(request, scope)

        application.__wrapped__ = app
        return application

    def _finish(self, request, scope):
        """Close a record, once; only in a record of the server's hook that no framework has joined the path counts."""
        if request.done:
            return
        if not request.endpoint:
            if request.outer:
                request.endpoint = self.paths.endpoint(request.method, scope.get("path", ""))
            else:
                request.endpoint = self.agent.names.get("endpoint", request.method + " (no route)")
        count_so_far(request, self.loop())
        self.agent.recorder.finish(request)

    def _sending(self, request, scope, send):
        response = self.response
        start = missing = None

        async def sending(message):
            nonlocal start, missing
            kind = message.get("type")
            if kind == "http.response.start":
                request.status = message.get("status", 0)
                start = message
            request.enter(response)
            try:
                await send(message)
            finally:
                request.leave(response)
            if kind == "http.response.body":
                if message.get("more_body"):
                    if missing is None:
                        missing = _length(start)
                    missing -= len(message.get("body", b""))
                if missing == 0 or not message.get("more_body"):
                    self._finish(request, scope)

        return sending

    def _receiving(self, request, receive):
        body = self.request_body
        whole = False

        async def receiving():
            nonlocal whole
            if whole:
                return await receive()  # waits for the client to leave, beside everything else: nobody's time
            request.enter(body)
            try:
                message = await receive()
            finally:
                request.leave(body)
            whole = not message.get("more_body")
            return message

        return receiving


class Link:
    """Stands between a middleware and what it wraps, and hands the clock over in both directions.

    Time inside the inner application belongs to `layer`; time inside the `send` it was given belongs to
    `outer`, because that is the middleware's code. When the middleware runs the inner application in a task
    of its own (`stepped`), that task is stepped like the request's first one.
    """

    def __init__(self, asgi, app, outer, layer, stepped):
        self._nineam = (asgi, outer, layer, stepped)
        self.app = app

    async def __call__(self, scope, receive, send):
        asgi, outer, layer, stepped = self._nineam
        request = current.get()
        if request is None or request.done:
            await self.app(scope, receive, send)
            return

        async def relay(message):
            request.enter(outer)
            try:
                await send(message)
            finally:
                request.leave(outer)

        request.enter(layer)
        try:
            inner = self.app(scope, receive, relay)
            await (drive(inner, request, asgi.loop()) if stepped and hasattr(inner, "send") else inner)
        finally:
            request.leave(layer)

    def __getattr__(self, name):
        return getattr(self.app, name)


def _length(start):
    """Return how long a response says its body is (-1: it does not say, or has none): then nobody waits for more."""
    try:
        for name, value in start["headers"]:
            if name.lower() == b"content-length":
                return int(value) or -1
    except Exception:
        pass  # the application's headers are the server's to refuse
    return -1


def _sent(scope):
    """Return when the generator sent a request (0 when it did not say); a scope need not have what servers give."""
    try:
        headers = scope["headers"]
        if not isinstance(headers, (list, tuple)):
            return 0  # what can be gone through once is the application's
        value = dict(headers).get(_SENT)
        if value is not None:
            sent = int(value)
            return sent if 0 <= sent <= LATEST_NS else 0
    except (KeyError, TypeError, ValueError):
        pass
    return 0


def _owner_of_call_soon(loop_class):
    """Return the Python class to replace `call_soon` on (compiled classes refuse; their subclass does not)."""
    for owner in loop_class.__mro__:
        if "call_soon" in vars(owner):
            return owner if owner.__flags__ & (1 << 9) else loop_class
    return loop_class
