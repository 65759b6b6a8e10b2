"""The few shapes that most hooks have."""

from types import FunctionType

from ..frames import function_code
from ..request import current

KEPT = 5000


def timed(layer):
    """Return a maker of wrappers that charge a function's time to `layer`."""

    def make(original):
        def wrapper(*args, **kwargs):
            request = current.get()
            if request is None or request.done:
                return original(*args, **kwargs)
            request.enter(layer)
            try:
                return original(*args, **kwargs)
            finally:
                request.leave(layer)

        return wrapper

    return make


def timed_once(layer):
    """Return the same for functions that call themselves or each other: the outermost call alone has a clock."""

    def make(original):
        def wrapper(*args, **kwargs):
            request = current.get()
            if request is None or request.done or request.stack[-1] == layer:
                return original(*args, **kwargs)
            request.enter(layer)
            try:
                return original(*args, **kwargs)
            finally:
                request.leave(layer)

        return wrapper

    return make


def timed_async(layer):
    """Return the same for a coroutine function."""

    def make(original):
        async def wrapper(*args, **kwargs):
            request = current.get()
            if request is None or request.done:
                return await original(*args, **kwargs)
            request.enter(layer)
            try:
                return await original(*args, **kwargs)
            finally:
                request.leave(layer)

        return wrapper

    return make


def endpoint_of(agent, request, template, function):
    """Name the request's endpoint by its route template, and say where its function is; never raises."""
    try:
        # methods are bound anew each time, their code stays
        key = (request.method, template, id(function if type(function) is FunctionType else function_code(function)))
        known = agent.endpoints.get(key)
        if known is None:
            known = _endpoint(agent, request.method + " " + (template or "/"), function)
            if len(agent.endpoints) < KEPT:
                agent.endpoints[key] = known
        request.endpoint, request.where, _ = known
    except Exception:
        agent.recorder.dropped += 1


def _endpoint(agent, name, function):
    """Return the numbers of an endpoint and of its line, and what nothing else may take the identity of."""
    code = function_code(function)
    site = agent.frames.of_code(code) if code is not None else ""
    agent.recorder.source("endpoint", name, site)
    return agent.names.get("endpoint", name), agent.names.get("site", site), (function, code)
