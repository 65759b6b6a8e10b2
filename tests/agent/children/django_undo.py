"""Starts the agent in a process with Django in it, stops it, and says what is not as before."""

import asyncio
import importlib
import inspect
import json
import os
import sys
import types

ROOTS = {"django", "rest_framework", "asgiref"}
COPIES = "rest_framework.utils.json/"
"""Functions of its own, with the attributes of those in `json` copied on when they were made."""


def look():
    """Every function and property of the libraries' modules, classes and model signals; lazy objects stay lazy."""
    found = {}
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] not in ROOTS or module is None:
            continue
        for key, value in list(vars(module).items()):
            found[f"{name}/{key}"] = value
            members = issubclass(type(value), type) or type(value).__name__ == "ModelSignal"
            for attribute, inner in list(vars(value).items()) if members else ():
                found[f"{name}/{key}/{attribute}"] = inner
    kinds = (types.FunctionType, property, classmethod, staticmethod)
    return {
        place: value for place, value in found.items() if type(value) in kinds or type(value).__name__ == "_Arrival"
    }


def ours(value):
    functions = (value, getattr(value, "fget", None), getattr(value, "__func__", None))
    return any(getattr(function, "__nineam__", False) is True for function in functions)


def shape(value):
    value = value.__get__(None, object) if type(value).__name__ == "_Arrival" else value
    function = getattr(value, "__func__", getattr(value, "fget", value))
    if not callable(function) or isinstance(value, type):
        return None
    try:
        signature = str(inspect.signature(function))
    except (ValueError, TypeError):
        signature = ""
    kind = inspect.iscoroutinefunction(function)
    return [type(value).__name__ if isinstance(value, property) else "", signature, kind, function.__doc__]


def load_agent():
    from importlib.util import module_from_spec, spec_from_file_location

    package = os.environ["AGENT"]
    spec = spec_from_file_location("nineam_agent", f"{package}/__init__.py", submodule_search_locations=[package])
    module = module_from_spec(spec)
    sys.modules["nineam_agent"] = module
    spec.loader.exec_module(module)
    return importlib.import_module("nineam_agent.boot")


def use():
    from django.core.asgi import get_asgi_application
    from django.core.wsgi import get_wsgi_application
    from django_calls import call_wsgi
    from driver import call

    handlers = [get_wsgi_application(), get_asgi_application()]
    statuses = [call_wsgi(handlers[0], "/view")[0], asyncio.run(call(handlers[1], "/view"))[0]]
    return handlers, statuses


def main():
    if sys.argv[1] == "libraries first":
        importlib.import_module("django_shop")  # Django with everything in it
    before = look()
    boot = load_agent()
    boot.start(os.environ)
    importlib.import_module("django_shop")
    handlers, statuses = use()
    agent = boot._agent
    patched = [f"{getattr(owner, '__name__', owner)}.{name}" for owner, name, _, _ in agent.patcher._done if name]
    during = look()
    boot.stop()
    now = look()
    lists = ("_view_middleware", "_template_response_middleware", "_exception_middleware")
    known = before or now
    print(json.dumps({
        "statuses": statuses, "patched": patched, "hooks": agent.recorder._hooks,
        "changed": [place for place, value in before.items() if ours(during.get(place)) and now[place] is not value],
        "left": [place for place, value in now.items() if ours(value) and not place.startswith(COPIES)],
        "different": [
            place for place, value in during.items()
            if ours(value) and place in known and shape(value) != shape(known[place])
        ],
        "handlers": [
            repr(method) for handler in handlers for name in lists for method in getattr(handler, name)
            if "/agent/integrations/" in getattr(getattr(method, "__code__", None), "co_filename", "")
        ],
    }))  # fmt: skip


main()
