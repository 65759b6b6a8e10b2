"""Functions written in C: what stands in for one must not turn into a method when it is put into a class."""

import sys

from .layers import timed


class Stand:
    """Calls a wrapper; unlike a Python function it binds to nothing, just like the function it stands in for."""

    def __init__(self, function):
        self._function = function

    def __call__(self, *args, **kwargs):
        return self._function(*args, **kwargs)

    def __repr__(self):
        return repr(self.__wrapped__)

    def __reduce__(self):
        name = self.__qualname__
        if getattr(sys.modules.get(self.__module__), name, None) is self:
            return name  # as the function itself would be
        from operator import itemgetter

        return itemgetter(0), ((self.__wrapped__,),)  # at home in a module of its own: as that

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


def standing_in(make):
    """Turn a maker of wrappers into one for functions written in C."""

    def make_stand(original):
        wrapper = make(original)
        return wrapper if hasattr(original, "__code__") else Stand(wrapper)

    return make_stand


def time_functions(agent, module, names, layer):
    """Charge those of a module's functions that exist to a layer; at least one has to."""
    found = [name for name in names if hasattr(module, name)]
    if not found:
        raise AttributeError("none of " + ", ".join(names))
    for name in found:
        agent.patcher.wrap(module, name, standing_in(timed(layer)))
