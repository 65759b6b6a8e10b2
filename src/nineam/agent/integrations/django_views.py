"""Django's views: the endpoint by its route, and the time of the view itself."""

import functools

from ..bodies import Made, MadeAsync
from ..request import current
from .django_routes import readable
from .django_sites import BOUNDARIES
from .layers import KEPT, endpoint_of


def install(agent, module):
    """Name the endpoint where the route is resolved; time the view where the handler prepares it."""
    handler = module.BaseHandler
    is_async = getattr(module, "iscoroutinefunction", None) or module.asyncio.iscoroutinefunction
    agent.patcher.wrap(handler, "resolve_request", _resolving(agent))
    agent.patcher.wrap(handler, "make_view_atomic", _preparing(agent.layer("view"), is_async))


def _resolving(agent):
    known = {}  # with the view itself: nothing else may take its identity

    def name(request, match):
        key = (request.method, match.route, id(match.func))
        found = known.get(key)
        if found is None:
            endpoint_of(agent, request, readable(match.route), _function(agent, match.func, request.method))
            if request.endpoint and len(known) < KEPT:
                known[key] = request.endpoint, request.where, match.func
        else:
            request.endpoint, request.where, _ = found

    def make(original):
        def resolve_request(handler, django_request):
            match = original(handler, django_request)
            request = current.get()
            if request is not None and not request.done:
                try:
                    name(request, match)
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
    for candidate in (answering, *_inside(answering), *own):
        code = getattr(candidate, "__code__", None)
        if code is not None and agent.frames.shown(code.co_filename) is not None:
            return candidate
    return answering


def _inside(function):
    """Yield what a decorator has kept of what it decorates (REST framework's `api_view` makes a class of it)."""
    for cell in getattr(function, "__closure__", None) or ():
        try:
            yield cell.cell_contents
        except ValueError:
            pass  # nothing in it yet


def _preparing(layer, is_async):
    known = {}

    def make(original):
        def make_view_atomic(handler, view):
            prepared = original(handler, view)
            request = current.get()
            if request is None or request.done:
                return prepared
            found = known.get(id(prepared))
            if found is None:
                timed = (_awaited if is_async(prepared) else _called)(prepared, layer)
                found = prepared, functools.wraps(prepared)(timed)
                # in a transaction of its own a view is another one each time
                if prepared is view and len(known) < KEPT:
                    known[id(prepared)] = found
            return found[1]

        return make_view_atomic

    return make


def _called(view, layer):
    def inside(*args, **kwargs):
        request = current.get()
        if request is None or request.done:
            return view(*args, **kwargs)
        request.enter(layer)
        try:
            response = view(*args, **kwargs)
            return response if not getattr(response, "streaming", False) else _made(response, layer)
        finally:
            request.leave(layer)

    return inside


def _awaited(view, layer):
    async def inside(*args, **kwargs):
        request = current.get()
        if request is None or request.done:
            return await view(*args, **kwargs)
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


BOUNDARIES.extend(make(None, None).__code__ for make in (_called, _awaited))
