"""Flask: the entry, hooks before and after, the view, streams that it returns, and JSON."""

import sys

from ..bodies import Body, Made, Sending, Whole, is_lazy
from ..frames import function_code
from ..request import Request, current, reset
from ..wsgi import joined, sent, starting
from .layers import endpoint_of, timed


def install(agent, module):
    """Open records at `Flask.__call__`, so that middlewares around `wsgi_app` are inside them."""
    flask, patcher = module.Flask, agent.patcher
    framework = agent.layer("framework")
    patcher.wrap(flask, "__call__", _entry(agent))
    patcher.wrap(flask, "wsgi_app", timed(framework))
    patcher.wrap(flask, "dispatch_request", _dispatch(agent))
    patcher.wrap(flask, "ensure_sync", _ensure_sync(agent))
    for name in ("preprocess_request", "process_response"):
        patcher.wrap(flask, name, _hooks)


def _entry(agent):
    recorder, names, sending = agent.recorder, agent.names, agent.layer("response")

    def finish(request):
        if not request.endpoint:
            request.endpoint = names.get("endpoint", request.method + " (no route)")
        recorder.finish(request)

    def make(original):
        def __call__(app, environ, start_response):
            inside = current.get()
            if not recorder.enabled or (inside is not None and not inside.done):
                if inside is not None and inside.outer and not inside.done:
                    return joined(inside, _outermost(agent, app), names, original, app, environ, start_response)
                return original(app, environ, start_response)
            request = Request(environ.get("REQUEST_METHOD", ""), sent(environ))
            request.stack[0] = _outermost(agent, app)
            recorder.begin(request)
            token = current.set(request)
            body = None
            try:
                body = original(app, environ, starting(request, start_response))
                if is_lazy(body, environ):
                    kind = Body if _is_stream(app, body) else Whole
                    body = kind(body, request, sending, finish)
                return body
            finally:
                reset(token)
                if not isinstance(body, Sending):
                    finish(request)

        return __call__

    return make


def _is_stream(app, body):
    """Whether a body is made while it is sent: by the view, or by what the application put around `wsgi_app`."""
    if isinstance(body, Made):
        return True
    # werkzeug hands out all bodies as iterators, complete ones too
    return type(body).__name__ != "ClosingIterator" and getattr(app.wsgi_app, "__self__", None) is not app


def _outermost(agent, app):
    """Return the layer of what the application put around `wsgi_app`, or the framework's."""
    around = app.wsgi_app
    if getattr(around, "__self__", None) is app:
        return agent.layer("framework")
    name = "middleware:" + type(around).__name__
    code = function_code(type(around).__call__) if not hasattr(around, "__code__") else around.__code__
    if code is not None:
        agent.recorder.source("layer", name, agent.frames.of_code(code))
    return agent.layer(name)


def _hooks(original):
    """Mark the stretch of a request in which the functions that Flask calls are hooks, not the view."""

    def wrapper(*args, **kwargs):
        request = current.get()
        if request is None:
            return original(*args, **kwargs)
        before, request.hooks = request.hooks, True
        try:
            return original(*args, **kwargs)
        finally:
            request.hooks = before

    return wrapper


def _dispatch(agent):
    def make(original):
        def dispatch_request(app, *args, **kwargs):
            request = current.get()
            if request is not None:
                rule = sys.modules["flask.globals"].request.url_rule
                if rule is not None:
                    view = app.view_functions.get(rule.endpoint)
                    function = getattr(view, "view_class", None) or view
                    endpoint_of(agent, request, rule.rule, getattr(function, "dispatch_request", function))
            return original(app, *args, **kwargs)

        return dispatch_request

    return make


def _ensure_sync(agent):
    """Flask passes every hook and every view through `ensure_sync` right before calling it."""
    view = agent.layer("view")

    def make(original):
        def ensure_sync(app, func):
            request = current.get()
            function = original(app, func)
            if request is None or request.done:
                return function
            return timed(_hook_layer(agent, func) if request.hooks else view)(function)

        return ensure_sync

    return make


def _hook_layer(agent, func):
    name = "middleware:" + getattr(func, "__qualname__", type(func).__name__)
    code = function_code(func)
    if code is not None:
        agent.recorder.source("layer", name, agent.frames.of_code(code))
    return agent.layer(name)


def install_response(agent, module):
    """The iterator behind a streamed response is the view's (what is passed on as a file is the server's to read)."""
    view = agent.layer("view")

    def make(original):
        def get_app_iter(response, environ):
            body = original(response, environ)
            request = current.get()
            if request is None or request.done or response.direct_passthrough or not response.is_streamed:
                return body
            return Made(body, view)

        return get_app_iter

    agent.patcher.wrap(module.Response, "get_app_iter", make)


def install_json(agent, module):
    """Time Flask's JSON provider."""
    layer = agent.layer("serializer")
    agent.patcher.wrap(module.DefaultJSONProvider, "dumps", timed(layer))
