"""Django REST framework: who may ask, pages, serializers and renderers, each apart from the view's own code."""

import functools

from ..patcher import passed_over
from ..request import current
from .django_sites import counting
from .layers import timed, timed_once


def install_views(agent, module):
    """Tell the machinery around a view's handler from the handler."""
    view, patcher = module.APIView, agent.patcher
    framework, own = agent.layer("framework"), agent.layer("view")
    patcher.wrap(view, "perform_authentication", timed(agent.layer("authentication")))
    patcher.wrap(view, "check_permissions", timed(agent.layer("permissions")))
    patcher.wrap(view, "check_object_permissions", timed(agent.layer("permissions")))
    patcher.wrap(view, "check_throttles", timed(agent.layer("throttling")))
    patcher.wrap(view, "dispatch", _dispatching(framework, own))
    patcher.wrap(view, "initial", _before_handler(own))
    for name in ("finalize_response", "handle_exception"):
        patcher.wrap(view, name, _after_handler(framework, own))


def _dispatching(framework, own):
    def make(original):
        def dispatch(*args, **kwargs):
            request = current.get()
            if request is None or request.done:
                return original(*args, **kwargs)
            request.enter(framework)
            try:
                return original(*args, **kwargs)
            finally:
                if request.stack[-2:] == [framework, own]:
                    request.leave(own)
                request.leave(framework)

        return dispatch

    return make


def _before_handler(own):
    """The handler is called right after `initial` has let the request pass."""

    def make(original):
        def initial(*args, **kwargs):
            result = original(*args, **kwargs)
            request = current.get()
            if request is not None and not request.done:
                request.enter(own)
            return result

        return initial

    return make


def _after_handler(framework, own):
    def make(original):
        def wrapper(*args, **kwargs):
            request = current.get()
            if request is not None and not request.done and request.stack[-2:] == [framework, own]:
                request.leave(own)
            return original(*args, **kwargs)

        return wrapper

    return make


def install_generics(agent, module):
    """Time pagination; the statements and objects of a page are the database's."""
    for name in ("paginate_queryset", "get_paginated_response"):
        agent.patcher.wrap(module.GenericAPIView, name, timed_once(agent.layer("pagination")))


def install_serializers(agent, module):
    """Time a whole serializer, not each of its rows: reading `data`, and validating."""
    base, patcher = module.BaseSerializer, agent.patcher
    timed_call = _serializing(agent)
    for owner, name in ((base, "is_valid"), (module.ListSerializer, "is_valid")):
        patcher.wrap(owner, name, timed_call)
    patcher.replace(base, "data", _property(vars(base)["data"], timed_call))


def install_response(agent, module):
    """Time the renderer."""
    response = module.Response
    make = timed(agent.layer("renderer"))
    agent.patcher.replace(response, "rendered_content", _property(vars(response)["rendered_content"], make))


def _property(original, make):
    getter = functools.wraps(original.fget)(passed_over(make(original.fget)))
    return property(getter, original.fset, original.fdel, original.__doc__)


def _serializing(agent):
    layer = agent.layer("serializer")
    count = counting(agent, layer)

    def make(original):
        def serialize(*args, **kwargs):
            request = current.get()
            if request is None or request.done or request.stack[-1] == layer:
                return original(*args, **kwargs)
            request.enter(layer)
            before = request.layers.get(layer, 0)
            try:
                return original(*args, **kwargs)
            finally:
                request.leave(layer)
                count(request, before)

        return serialize

    return make
