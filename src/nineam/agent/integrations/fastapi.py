"""FastAPI on top of Starlette: dependencies, the endpoint, and the serialization of what it returns."""

import types

from ..request import current
from . import starlette
from .layers import timed_async
from .pydantic import serializing

_INNER = "_nineam_jsonable_encoder"


def install_application(agent, module):
    """Link FastAPI's own middleware stack (it does not use Starlette's)."""
    if "build_middleware_stack" in vars(module.FastAPI):
        agent.patcher.wrap(module.FastAPI, "build_middleware_stack", starlette.link_stack(agent))
    if "__call__" in vars(module.FastAPI):
        agent.patcher.wrap(module.FastAPI, "__call__", starlette.asgi_of(agent).entry)


def install_routing(agent, module):
    """Time the three stages of a FastAPI request."""
    agent.patcher.wrap(module, "solve_dependencies", timed_async(agent.layer("dependencies")))
    agent.patcher.wrap(module, "run_endpoint_function", timed_async(agent.layer("view")))
    agent.patcher.wrap(module, "serialize_response", _serializer(agent.layer("serializer")))
    effective = getattr(module, "_get_scope_effective_route_context", None)
    if "handle" in vars(module.APIRoute):
        agent.patcher.wrap(module.APIRoute, "handle", starlette.naming(agent, _template(effective)))


def install_encoder(agent, module):
    """Time `jsonable_encoder` where it is called, not where it calls itself for every field.

    The recursion is given a copy of the function that calls itself by a name of its own.
    """
    original = module.jsonable_encoder
    code = original.__code__
    names = tuple(_INNER if name == original.__name__ else name for name in code.co_names)
    inner = types.FunctionType(
        code.replace(co_names=names), vars(module), original.__name__, original.__defaults__, original.__closure__
    )
    inner.__kwdefaults__ = original.__kwdefaults__
    agent.patcher.replace(module, _INNER, inner)

    def make(function):
        return serializing(agent, outside=function)(inner)

    agent.patcher.wrap(module, "jsonable_encoder", make)


def _template(effective):
    def template(route, scope):
        context = effective(scope) if effective is not None else None
        return starlette.prefix(scope) + (getattr(context, "path_format", None) or route.path_format)

    return template


def _serializer(layer):
    def make(original):
        async def serialize_response(*args, **kwargs):
            request = current.get()
            if request is None or request.done:
                return await original(*args, **kwargs)
            request.enter(layer)
            before = request.layers.get(layer, 0)
            try:
                return await original(*args, **kwargs)
            finally:
                request.leave(layer)
                request.spot(layer, request.where, request.layers.get(layer, 0) - before)

        return serialize_response

    return make
