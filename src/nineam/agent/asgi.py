"""The way in and out of an ASGI application, and the links between its middlewares."""

import threading

from .entry import Paths, Wrapped, around_of
from .request import Request, current, reset
from .steps import Loop, drive, watch_loop
from .watchdog import Watchdog
from .wire import LATEST_NS, SENT_HEADER

_SENT = SENT_HEADER.encode()


class Asgi:
    """Opens a record for each HTTP request that enters `entry`, and closes it when the application returns."""

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
        thread = threading.get_ident()
        loop = self._loops.get(thread)
        if loop is None:
            import asyncio  # not above: this module is read before the application asks for asyncio, if it does

            loop = self._loops[thread] = Loop()
            self._watchdog.watch(loop)
            watch_loop(self.agent.patcher, _owner_of_call_soon(type(asyncio.get_running_loop())))
        return loop

    def entry(self, call):
        """Return the replacement of an application class's `__call__`."""
        recorder, names = self.agent.recorder, self.agent.names

        async def __call__(app, scope, receive, send):
            inside = current.get()
            # a record that is done was left behind by the server's connection, not by a request around this one
            if scope["type"] != "http" or not recorder.enabled or (inside is not None and not inside.done):
                if inside is not None and inside.outer and not inside.done and scope["type"] == "http":
                    return await self._joined(inside, call, app, scope, receive, send)
                return await call(app, scope, receive, send)
            request = Request(scope["method"], _sent(scope["headers"]))
            recorder.begin()
            request.stack[0] = self.framework
            token = current.set(request)
            try:
                inner = call(app, scope, self._receiving(request, receive), self._sending(request, send))
                await drive(inner, request, self.loop())
            finally:
                reset(token)
                if not request.endpoint:
                    request.endpoint = names.get("endpoint", request.method + " (no route)")
                if not request.done:
                    recorder.finish(request)

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
            request = Request(scope["method"], _sent(scope["headers"]))
            request.stack[0] = self.view
            request.outer = outer
            recorder.begin()
            token = current.set(request)
            try:
                inner = app(scope, self._receiving(request, receive), self._sending(request, send))
                return await (drive(inner, request, self.loop()) if hasattr(inner, "send") else inner)
            finally:
                reset(token)
                if not request.endpoint:
                    request.endpoint = self.paths.endpoint(request.method, scope.get("path", ""))
                if not request.done:
                    recorder.finish(request)

        application.__wrapped__ = app
        return application

    def _sending(self, request, send):
        response = self.response

        async def sending(message):
            if message["type"] == "http.response.start":
                request.status = message["status"]
            request.enter(response)
            try:
                await send(message)
            finally:
                request.leave(response)

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


def _sent(headers):
    for name, value in headers:
        if name == _SENT:
            try:
                sent = int(value)
                return sent if 0 <= sent <= LATEST_NS else 0
            except ValueError:
                return 0
    return 0


def _owner_of_call_soon(loop_class):
    """Return the Python class to replace `call_soon` on (compiled classes refuse; their subclass does not)."""
    for owner in loop_class.__mro__:
        if "call_soon" in vars(owner):
            return owner if owner.__flags__ & (1 << 9) else loop_class
    return loop_class
