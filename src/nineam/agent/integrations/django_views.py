"""Django's views: the endpoint by its route, and the time of the view itself."""

import functools

from ..bodies import Made, MadeAsync
from ..request import current
from .django_routes import readable
from .django_sites import BOUNDARIES
from .layers import endpoint_of


def install(agent, module):
    """Name the endpoint where the route is resolved; time the view where the handler prepares it."""
    handler = module.BaseHandler
    is_async = getattr(module, "iscoroutinefunction", None) or module.asyncio.iscoroutinefunction
    agent.patcher.wrap(handler, "resolve_request", _resolving(agent))
    agent.patcher.wrap(handler, "make_view_atomic", _preparing(agent.layer("view"), is_async))


def _resolving(agent):
    def make(original):
        def resolve_request(handler, django_request):
            match = original(handler, django_request)
            request = current.get()
            if request is not None and not request.done:
                try:
                    endpoint_of(agent, request, readable(match.route), _function(agent, match.func, request.method))
                except Exception:
                    agent.recorder.dropped += 1
            return match

        return resolve_request

    return make


def _function(agent, callback, method):
    """Return the function behind a view: of a class the method that answers, or whatever of it is the application's."""
    cls = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    if cls is None:
        return callback
    actions = getattr(callback, "actions", None) or {}
    answering = getattr(cls, actions.get(method.lower()) or method.lower(), None)
    own = (value for base in cls.__mro__ for value in vars(base).values())
    for candidate in (answering, *own):
        code = getattr(candidate, "__code__", None)
        if code is not None and agent.frames.shown(code.co_filename) is not None:
            return candidate
    return answering


def _preparing(layer, is_async):
    def make(original):
        def make_view_atomic(handler, view):
            view = original(handler, view)
            request = current.get()
            if request is None or request.done:
                return view
            timed = _awaited if is_async(view) else _called
            return functools.wraps(view)(timed(view, request, layer))

        return make_view_atomic

    return make


def _called(view, request, layer):
    def inside(*args, **kwargs):
        request.enter(layer)
        try:
            response = view(*args, **kwargs)
            return response if not getattr(response, "streaming", False) else _made(response, layer)
        finally:
            request.leave(layer)

    return inside


def _awaited(view, request, layer):
    async def inside(*args, **kwargs):
        request.enter(layer)
        try:
            response = await view(*args, **kwargs)
            return response if not getattr(response, "streaming", False) else _made(response, layer)
        finally:
            request.leave(layer)

    return inside


def _made(response, layer):
    """What a streaming response iterates over is the view's."""
    try:
        response._iterator = (MadeAsync if response.is_async else Made)(response._iterator, layer)
    except AttributeError:
        pass  # another kind of response that calls itself streaming
    return response


BOUNDARIES.extend(make(None, None, None).__code__ for make in (_called, _awaited))
