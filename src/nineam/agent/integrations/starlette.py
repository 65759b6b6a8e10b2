"""Starlette, and everything built on it: the entry, each middleware by name, routes, views and responses."""

from ..asgi import Asgi, Link
from ..frames import function_code
from ..request import current
from .layers import endpoint_of, timed, timed_async

_asgi = {}


def asgi_of(agent):
    """Return the one `Asgi` of this process's agent."""
    if _asgi.get("agent") is not agent:
        _asgi.update(agent=agent, asgi=Asgi(agent))
    return _asgi["asgi"]


def install_application(agent, module):
    """Open records at the application, and put links between its middlewares once they are built."""
    agent.patcher.wrap(module.Starlette, "__call__", asgi_of(agent).entry)
    agent.patcher.wrap(module.Starlette, "build_middleware_stack", link_stack(agent))


def link_stack(agent):
    """Return the maker of a `build_middleware_stack` whose chain hands the clock over at each middleware."""

    def make(original):
        def build_middleware_stack(app):
            stack = original(app)
            try:
                user = {id(middleware.cls) for middleware in app.user_middleware}
                _link(agent, stack, app.router, user)
            except Exception as error:
                agent.recorder.hook("middleware", "failed: %r" % (error,))
            return stack

        return build_middleware_stack

    return make


def _link(agent, stack, router, user):
    asgi = asgi_of(agent)
    outer_layer, outer = asgi.framework, stack
    while outer is not router and hasattr(outer, "app"):
        inner = outer.app
        layer = _layer(agent, inner) if id(type(inner)) in user else asgi.framework
        if layer != asgi.framework or outer_layer != asgi.framework:
            agent.patcher.replace(outer, "app", Link(asgi, inner, outer_layer, layer, _own_task(outer)))
        outer_layer, outer = layer, inner


def _own_task(middleware):
    return any(base.__name__ == "BaseHTTPMiddleware" for base in type(middleware).__mro__)


def _layer(agent, middleware):
    """Name a middleware's layer by its class, or by its function when it was made from one, and say where it is."""
    kind = type(middleware)
    dispatch = getattr(middleware, "dispatch_func", None)
    name = kind.__name__
    if kind.__name__ == "BaseHTTPMiddleware" and dispatch is not None:
        name = getattr(dispatch, "__qualname__", name)
    name = "middleware:" + name
    code = function_code(dispatch if dispatch is not None else kind.__call__)
    if code is not None:
        agent.recorder.source("layer", name, agent.frames.of_code(code))
    return agent.layer(name)


def install_routing(agent, module):
    """Name endpoints by their route, and time plain Starlette views."""
    is_async = module.is_async_callable  # first of all: an old Starlette is refused before it is touched
    agent.patcher.wrap(module.Route, "handle", naming(agent, _template))
    agent.patcher.wrap(module.Mount, "handle", naming(agent, lambda _, scope: prefix(scope) + "/{path}"))
    view = agent.layer("view")

    def make(request_response):
        def wrapper(func):
            return request_response(_timed_view(is_async, view, func))

        return wrapper

    agent.patcher.wrap(module, "request_response", make)


def _timed_view(is_async, layer, func):
    import functools

    make = timed_async(layer) if is_async(func) else timed(layer)
    try:
        return functools.wraps(func)(make(func))
    except AttributeError:
        return func


def naming(agent, template_of):
    """Return the maker of a route's `handle` that names the request's endpoint."""

    def make(original):
        async def handle(route, scope, receive, send):
            request = current.get()
            if request is not None and scope["type"] == "http":
                try:
                    function = getattr(route, "endpoint", None) or getattr(route, "app", None)
                    endpoint_of(agent, request, template_of(route, scope), function)
                except Exception:
                    agent.recorder.dropped += 1
            await original(route, scope, receive, send)

        return handle

    return make


def prefix(scope):
    """Return what the mounts above a route have taken off the path."""
    return scope.get("root_path", "")[len(scope.get("app_root_path", "")) :]


def _template(route, scope):
    return prefix(scope) + route.path


def install_responses(agent, module):
    """Time the rendering of responses, and the making of those that are streams: their iterators are the view's."""
    layer = agent.layer("response")
    for name in ("Response", "JSONResponse"):
        response = getattr(module, name)
        if "render" in vars(response):
            agent.patcher.wrap(response, "render", timed(layer))
    agent.patcher.wrap(module.StreamingResponse, "stream_response", _timed_stream(agent))


def _timed_stream(agent):
    """Return the maker of a `stream_response`; what middlewares send on is a stream of nobody's making."""
    in_view = timed_async(agent.layer("view"))

    def make(original):
        timed_stream = in_view(original)

        def stream_response(response, send):
            passing_on = type(response).__module__.startswith("starlette.middleware")
            return (original if passing_on else timed_stream)(response, send)

        return stream_response

    return make
