"""The few shapes that most hooks have."""

from ..request import current


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
    """Name the request's endpoint by its route template, and say where its function is."""
    from ..frames import function_code

    name = request.method + " " + (template or "/")
    request.endpoint = agent.names.get("endpoint", name)
    code = function_code(function)
    if code is not None:
        site = agent.frames.of_code(code)
        request.where = agent.names.get("site", site)
        agent.recorder.source("endpoint", name, site)
