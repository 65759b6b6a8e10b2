"""Starts the agent in a process that has imported everything, stops it, and says what is not as before."""

import asyncio
import gc
import importlib
import json
import os
import sys
import threading
import types

LIBRARIES = [
    "anyio._backends._asyncio", "fastapi", "fastapi.routing", "flask", "jinja2", "json", "psycopg", "pydantic",
    "pydantic.type_adapter", "sqlalchemy", "sqlalchemy.orm", "sqlite3", "starlette.applications", "starlette.routing",
    "starlette.responses",
]  # fmt: skip
LIBRARIES += sys.argv[2:]
LOOPS = (asyncio.SelectorEventLoop, asyncio.BaseEventLoop)


def namespaces():
    """Every attribute of every class and module of the libraries that are hooked."""
    roots = {name.partition(".")[0] for name in LIBRARIES} | {"asyncio"}
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] not in roots or module is None:
            continue
        for key, value in list(vars(module).items()):
            yield (name, key), value
            if isinstance(value, type) and value.__module__ == name:
                for attribute, inner in list(vars(value).items()):
                    yield (name, key, attribute), inner


def look():
    return {"/".join(place): value for place, value in namespaces()}


def replaced(value):
    """Whether a function, also inside a class or static method, is one of the agent's."""
    function = getattr(value, "__func__", None) if isinstance(value, (classmethod, staticmethod)) else value
    return isinstance(function, types.FunctionType) and getattr(function, "__nineam__", False)


def load_agent():
    from importlib.util import module_from_spec, spec_from_file_location

    package = os.environ["AGENT"]
    spec = spec_from_file_location("nineam_agent", f"{package}/__init__.py", submodule_search_locations=[package])
    module = module_from_spec(spec)
    sys.modules["nineam_agent"] = module
    spec.loader.exec_module(module)
    return importlib.import_module("nineam_agent.boot")


def use():
    """Serve a request, so that what is hooked late (the event loop, middleware stacks) is hooked too."""
    from driver import call
    from fastapi import FastAPI

    app = FastAPI()

    @app.middleware("http")
    async def passing(request, call_next):
        return await call_next(request)

    @app.get("/")
    async def home():
        return {"ok": True}

    return app, asyncio.run(call(app, "/"))[0]


def main():
    after_import = sys.argv[1] == "libraries first"
    if after_import:
        for name in LIBRARIES:
            importlib.import_module(name)
        use()
    before, callbacks, finders = look(), list(gc.callbacks), list(sys.meta_path)
    boot = load_agent()
    boot.start(os.environ)
    for name in LIBRARIES:
        importlib.import_module(name)
    app, status = use()
    active = boot._agent.recorder._hooks
    patched = [f"{getattr(owner, '__name__', owner)}.{name}" for owner, name, _, _ in boot._agent.patcher._done if name]
    boot.stop()
    now = look()
    # a library that has put a function into a class of its own keeps it; it passes straight through
    left = [place for place, value in now.items() if replaced(value) and place.count("/") == 1]
    changed = [place for place, value in before.items() if callable(value) and now.get(place) is not value]
    added = [
        place for place in now if after_import and place not in before and place.count("/") > 1 and replaced(now[place])
    ]
    stack, links = app.middleware_stack, []
    while stack is not None:
        links += [type(stack).__name__] if type(stack).__name__ == "Link" else []
        stack = vars(stack).get("app")
    threads = [thread.name for thread in threading.enumerate()]
    print(json.dumps({
        "status": status, "hooks": active, "patched": patched, "left": left, "changed": changed, "added": added,
        "callbacks": gc.callbacks == callbacks, "finders": sys.meta_path == finders, "links": links,
        "threads": [name for name in threads if name.startswith("nineam")],
        "call_soon": [loop.__name__ for loop in LOOPS if replaced(loop.call_soon)],
    }))  # fmt: skip


main()
