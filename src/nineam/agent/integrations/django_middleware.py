"""Django's middlewares, each by its class or by the function that makes it."""

import functools
import weakref

from ..frames import CO_COROUTINE, function_code
from ..request import current
from .layers import timed, timed_async

_HOOKS = ("_view_middleware", "_template_response_middleware", "_exception_middleware")
_METHODS = ("process_request", "process_response", "process_view", "process_template_response", "process_exception")


def install(agent, module):
    """Put a clock around each link of the chain as it is built."""
    patcher = agent.patcher
    lists = weakref.WeakKeyDictionary()
    patcher.wrap(module, "convert_exception_to_response", _linking(agent, module.BaseHandler))
    patcher.wrap(module.BaseHandler, "load_middleware", _loading(agent, lists))
    patcher.also(lambda: [vars(handler).update(before) for handler, before in list(lists.items())])


def _linking(agent, base_handler):
    framework = agent.layer("framework")

    def make(original):
        def convert_exception_to_response(get_response):
            handler = original(get_response)
            try:
                innermost = isinstance(getattr(get_response, "__self__", None), base_handler)
                return _clocked(handler, framework if innermost else _layer(agent, get_response))
            except Exception as error:
                agent.recorder.hook("django middleware", "failed: %r" % (error,))
                return handler

        return convert_exception_to_response

    return make


def _clocked(handler, layer):
    is_async = handler.__code__.co_flags & CO_COROUTINE
    return functools.wraps(handler)((_awaited if is_async else _called)(handler, layer))


def _called(handler, layer):
    """Return `timed` for one argument, named as Django names it: there are ten of these in every request."""

    def link(request):
        record = current.get()
        if record is None or record.done:
            return handler(request)
        record.enter(layer)
        try:
            return handler(request)
        finally:
            record.leave(layer)

    return link


def _awaited(handler, layer):
    async def link(request):
        record = current.get()
        if record is None or record.done:
            return await handler(request)
        record.enter(layer)
        try:
            return await handler(request)
        finally:
            record.leave(layer)

    return link


def _layer(agent, middleware):
    """Name a middleware's layer, and say where it is written when that is in the application."""
    name = getattr(middleware, "__qualname__", None) or type(middleware).__name__
    name = "middleware:" + name.partition(".<locals>")[0]
    for candidate in (middleware, *(getattr(type(middleware), each, None) for each in _METHODS)):
        code = function_code(candidate) if candidate is not None else None
        site = agent.frames.of_code(code) if code is not None else ""
        if site:
            agent.recorder.source("layer", name, site)
            break
    return agent.layer(name)


def _loading(agent, lists):
    """The hooks beside the chain (`process_view` and its like) are their middleware's time too."""

    def make(original):
        def load_middleware(handler, *args, **kwargs):
            result = original(handler, *args, **kwargs)
            try:
                before = {name: getattr(handler, name) for name in _HOOKS}
                vars(handler).update({name: [_hook(agent, one) for one in before[name]] for name in _HOOKS})
                lists[handler] = before
            except Exception as error:
                agent.recorder.hook("django middleware", "failed: %r" % (error,))
            return result

        return load_middleware

    return make


def _hook(agent, method):
    owner = getattr(method, "__self__", None)
    layer = _layer(agent, owner if owner is not None else method)
    code = getattr(method, "__code__", None)
    # an adapter to asynchronous code is an object whose call is a coroutine
    code = code or getattr(type(method).__call__, "__wrapped__", type(method).__call__).__code__
    hook = functools.wraps(method)((timed_async if code.co_flags & CO_COROUTINE else timed)(layer)(method))
    hook.__self__ = owner  # Django names the class of a hook that returns nothing
    return hook
