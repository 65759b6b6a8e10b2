"""The way in and out of a WSGI application, where its server calls it."""

from .bodies import Body, is_lazy
from .entry import Paths, Wrapped, around_of
from .request import Request, current, reset
from .wire import LATEST_NS, SENT_HEADER

_SENT = "HTTP_" + SENT_HEADER.upper().replace("-", "_")
_wsgi = {}


def wsgi_of(agent):
    """Return the one `Wsgi` of this process's agent."""
    if _wsgi.get("agent") is not agent:
        _wsgi.update(agent=agent, wsgi=Wsgi(agent))
    return _wsgi["wsgi"]


def sent(environ):
    """Return when the generator sent a request (0 when it did not say)."""
    try:
        instant = int(environ.get(_SENT, 0))
        return instant if 0 <= instant <= LATEST_NS else 0
    except ValueError:
        return 0


def joined(request, layer, names, call, *args):
    """Run a framework's entry inside the record that the server's hook has opened."""
    request.join()
    request.enter(layer)
    try:
        return call(*args)
    finally:
        request.leave(layer)
        if not request.endpoint:
            request.endpoint = names.get("endpoint", request.method + " (no route)")


class Wsgi:
    """Opens records for applications that no framework's hook opens them for."""

    def __init__(self, agent):
        self.agent = agent
        self.view = agent.layer("view")
        self.response = agent.layer("response")
        self.paths = Paths(agent.names)
        self.around = Wrapped(agent, self._around)

    def _around(self, app):
        recorder, wrapped = self.agent.recorder, self.around
        outer = around_of(self.agent, app)

        def application(environ, start_response):
            inside = current.get()
            if not recorder.enabled or not wrapped.active or (inside is not None and not inside.done):
                return app(environ, start_response)
            request = Request(environ.get("REQUEST_METHOD", ""), sent(environ))
            request.stack[0] = self.view
            request.outer = outer
            recorder.begin(request)
            token = current.set(request)
            body = None
            try:
                body = app(environ, starting(request, start_response))
                if is_lazy(body, environ):
                    body = Body(body, request, self.response, lambda request: self.finish(request, environ))
                return body
            finally:
                reset(token)
                if not isinstance(body, Body):
                    self.finish(request, environ)

        application.__wrapped__ = app
        return application

    def finish(self, request, environ):
        """Close a record, once."""
        if request.done:
            return
        if not request.endpoint:
            path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
            request.endpoint = self.paths.endpoint(request.method, path)
        self.agent.recorder.finish(request)


def starting(request, start_response):
    """Return the `start_response` to hand on: it notes the status."""

    def start(status, headers, *rest):
        request.status = int(status[:3]) if status[:3].isdigit() else 0
        return start_response(status, headers, *rest)

    return start
