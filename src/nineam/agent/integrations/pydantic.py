"""pydantic's ways in and out, with the line of the application that called them.

Only the outermost of nested calls is timed. Calls made by a middleware stay the middleware's: that it
parses the body again is its cost, not the serializer's.
"""

import sys

from ..request import current


def install(agent, module):
    """Time validation and dumping of models."""
    for name in ("model_validate", "model_validate_json", "model_dump", "model_dump_json"):
        agent.patcher.wrap(module.BaseModel, name, serializing(agent))


def install_adapter(agent, module):
    """Time type adapters."""
    for name in ("validate_python", "validate_json", "dump_python", "dump_json"):
        agent.patcher.wrap(module.TypeAdapter, name, serializing(agent))


def serializing(agent, outside=None):
    """Return a maker of wrappers that charge a call to the serializer and to the calling line.

    `outside` is called instead of the original where there is no request.
    """
    layer = agent.layer("serializer")
    site_of = agent.site
    getframe = sys._getframe
    owned = _Owned(agent.names)

    def make(original):
        def wrapper(*args, **kwargs):
            request = current.get()
            if request is None or request.done:
                return (outside or original)(*args, **kwargs)
            if owned[request.stack[-1]]:
                return original(*args, **kwargs)
            request.enter(layer)
            before = request.layers.get(layer, 0)
            try:
                return original(*args, **kwargs)
            finally:
                request.leave(layer)
                # lazy loads in between own their time: only the serializer's own is its callers'
                request.spot(layer, site_of(getframe(1)), request.layers.get(layer, 0) - before)

        return wrapper

    return make


class _Owned(dict):
    """Whether serializing in a layer is that layer's own: middlewares, renderers, and the serializer itself."""

    def __init__(self, names):
        super().__init__()
        self._names = names

    def __missing__(self, layer):
        name = self._names.name_of("layer", layer)
        known = self[layer] = name in ("serializer", "renderer") or name.startswith("middleware:")
        return known
