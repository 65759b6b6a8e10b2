"""The way in and out of a Django application, under WSGI and under ASGI."""

from ..bodies import Body, Sending
from ..request import Request, current, reset
from ..steps import drive
from ..wsgi import joined, sent
from . import django_middleware, django_views
from .layers import timed
from .starlette import asgi_of


def install_base(agent, module):
    """What both kinds of handlers share: the chain of middlewares, routes and views."""
    django_views.install(agent, module)
    django_middleware.install(agent, module)


def install_wsgi(agent, module):
    """Open records at the WSGI handler, or join the one that the server's or a wrapper's hook has opened."""
    agent.patcher.wrap(module.WSGIHandler, "__call__", _entry(agent))
    body = agent.layer("request_body")
    for name in ("read", "readline"):
        if name in vars(module.LimitedStream):
            agent.patcher.wrap(module.LimitedStream, name, timed(body))


def _entry(agent):
    recorder, names, framework = agent.recorder, agent.names, agent.layer("framework")
    sending = agent.layer("response")

    def make(original):
        def __call__(handler, environ, start_response):
            inside = current.get()
            if not recorder.enabled or (inside is not None and not inside.done):
                if inside is not None and inside.outer and not inside.done:
                    return joined(inside, framework, names, original, handler, environ, start_response)
                return original(handler, environ, start_response)
            request = Request(environ.get("REQUEST_METHOD", ""), sent(environ))
            request.stack[0] = framework
            recorder.begin(request)
            token = current.set(request)
            body = None
            try:
                response = original(handler, environ, start_response)
                request.status = getattr(response, "status_code", 0) or request.status
                body = _kept_open(response, request, sending, recorder)
                return response
            finally:
                reset(token)
                if not request.endpoint:
                    request.endpoint = names.get("endpoint", request.method + " (no route)")
                if body is None:
                    recorder.finish(request)

        return __call__

    return make


def _kept_open(response, request, sending, recorder):
    """Let the record end when the response is closed; None when that is not done as Django does it (files)."""
    try:
        closers = response._resource_closers
        if not response.streaming:
            body = Sending(request, sending, recorder.finish)
        elif response.is_async:
            return None  # it is consumed as a whole when the server first asks
        else:
            response._iterator = body = Body(response._iterator, request, sending, recorder.finish)
    except AttributeError:
        return None
    closers.append(body.finish)
    return body


def install_response(agent, module):
    """Closing an answer, which gives connections back, is Django's own work and not that of what is around Django."""
    agent.patcher.wrap(module.HttpResponseBase, "close", timed(agent.layer("framework")))


def install_asgi(agent, module):
    """Open records at the ASGI handler; the task in which newer versions answer is stepped like the first one."""
    asgi, handler = asgi_of(agent), module.ASGIHandler
    own_task = "run_get_response" in vars(handler)
    agent.patcher.wrap(handler, "send_response", _last(agent, asgi, own_task))
    agent.patcher.wrap(handler, "__call__", asgi.entry)
    if own_task:
        agent.patcher.wrap(handler, "run_get_response", _stepped(asgi))


def _stepped(asgi):
    def make(original):
        async def run_get_response(handler, django_request):
            request = current.get()
            if request is None or request.done:
                return await original(handler, django_request)
            return await drive(original(handler, django_request), request, asgi.loop())

        return run_get_response

    return make


def _last(agent, asgi, own_task):
    """The record ends with the last byte: closing files and connections afterwards is nobody's waiting."""
    recorder, names = agent.recorder, agent.names

    def make(original):
        async def send_response(handler, response, send):
            request = current.get()
            if request is None or request.done:
                return await original(handler, response, send)
            try:
                sending = original(handler, response, send)
                stepped = own_task and getattr(response, "streaming", False)
                return await (drive(sending, request, asgi.loop()) if stepped else sending)
            finally:
                if not request.endpoint:
                    request.endpoint = names.get("endpoint", request.method + " (no route)")
                # a record that the server's hook has opened goes on with what is around the handler
                if not request.done and request.stack[0] == asgi.framework:
                    recorder.finish(request)

        return send_response

    return make
