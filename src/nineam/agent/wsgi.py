"""The way in and out of a WSGI application, where its server calls it."""

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
            recorder.begin()
            token = current.set(request)
            body = None
            try:
                body = _lazy(app(environ, _starting(request, start_response)), environ)
                return body if not isinstance(body, _Body) else body.of(self, request, environ)
            finally:
                reset(token)
                if not isinstance(body, _Body):
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


def _starting(request, start_response):
    def start(status, headers, *rest):
        request.status = int(status[:3]) if status[:3].isdigit() else 0
        return start_response(status, headers, *rest)

    return start


def _lazy(result, environ):
    """Wrap a body that is made while the server asks for it; what is there already, or a file, stays what it is."""
    kind = environ.get("wsgi.file_wrapper")
    if hasattr(result, "__len__") or (isinstance(kind, type) and isinstance(result, kind)):
        return result
    return _Body(result)


class _Body:
    """An application's iterable: what happens inside is the request's, what lies in between is sending."""

    def __init__(self, result):
        self._result = result
        self._iterator = self._request = None

    def of(self, wsgi, request, environ):
        self._wsgi, self._request, self._environ = wsgi, request, environ
        request.enter(wsgi.response)
        return self

    def __iter__(self):
        return self

    def __next__(self):
        return self._inside(self._step)

    def _step(self):
        if self._iterator is None:
            self._iterator = iter(self._result)
        return next(self._iterator)

    def _inside(self, work):
        request = self._request
        if request.done:
            return work()
        token = current.set(request)
        request.leave(self._wsgi.response)
        try:
            return work()
        finally:
            request.enter(self._wsgi.response)
            reset(token)

    def close(self):
        try:
            if hasattr(self._result, "close"):
                self._inside(self._result.close)
        finally:
            self._finish()

    def _finish(self):
        request = self._request
        if request is not None and not request.done:
            request.leave(self._wsgi.response)
            self._wsgi.finish(request, self._environ)

    def __del__(self):
        try:
            self._finish()
        except Exception:
            pass

    def __getattr__(self, name):
        return getattr(self._result, name)
