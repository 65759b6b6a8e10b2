"""The routes of an application: methods, path with `{name}` parameters, and the framework's own spelling."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from . import django_routes

DROPPED = ("HEAD", "OPTIONS")
DEPTH = 10
TYPES = {
    "integer": "int", "int": "int", "string": "str", "str": "str", "default": "str", "unicode": "str", "path": "path",
    "float": "float", "uuid": "uuid", "any": "str", "slug": "slug",
}  # fmt: skip


def of(app: Any, framework: str) -> list[dict[str, Any]]:
    """List the routes, best effort: an application that hides them has an empty list, never an error."""
    readers: dict[str, Callable[[Any], Iterable[dict[str, Any]]]] = {
        "fastapi": _starlette,
        "starlette": _starlette,
        "flask": _werkzeug,
        "quart": _werkzeug,
        "litestar": _litestar,
        "django": lambda _: django_routes.listed(),
    }
    reader = readers.get(framework)
    if reader is None:
        return []
    try:
        return list(reader(app))
    except Exception:  # noqa: BLE001 - the private parts of some version
        return []


def _starlette(app: Any) -> Iterator[dict[str, Any]]:
    return _starlette_routes(getattr(app, "routes", []), "", {}, 0)


def _contexts(routes: Iterable[Any]) -> Iterable[Any]:
    """Newer FastAPI keeps an included router as one entry and offers a way to look through it."""
    module = sys.modules.get("fastapi.routing")
    look_through = getattr(module, "iter_route_contexts", None)
    return look_through(routes) if look_through else routes


def _starlette_routes(
    routes: Iterable[Any], prefix: str, outer: dict[str, str], depth: int
) -> Iterator[dict[str, Any]]:
    for route in _contexts(routes):
        native = getattr(route, "path", None)
        if native is None:
            continue
        methods = getattr(route, "methods", None)
        # a path of FastAPI's is where its parameters stand; a mount adds a catch-all that is not part of it
        parameters = {**outer, **_starlette_parameters(route)}
        if methods:
            shown = getattr(route, "path_format", native)
            yield _route(methods, prefix + shown, prefix + native, getattr(route, "name", ""), parameters)
        elif depth < DEPTH and getattr(route, "routes", None):
            parameters.pop("path", None)
            yield from _starlette_routes(route.routes, prefix + native, parameters, depth + 1)


def _starlette_parameters(route: Any) -> dict[str, str]:
    convertors = getattr(route, "param_convertors", None) or {}
    found = {name: _type(type(each).__name__.replace("Convertor", "")) for name, each in convertors.items()}
    dependant = getattr(route, "dependant", None)
    for field in getattr(dependant, "path_params", None) or []:
        annotation = getattr(getattr(field, "field_info", None), "annotation", None) or getattr(field, "type_", None)
        if found.get(field.name, "str") == "str":
            found[field.name] = _type(getattr(annotation, "__name__", "str"))
    return found


def _werkzeug(app: Any) -> Iterator[dict[str, Any]]:
    for rule in app.url_map.iter_rules():
        parameters = dict.fromkeys(rule.arguments, "str")
        for converter, name in re.findall(r"<(?:([a-zA-Z_]\w*)(?:\([^)]*\))?:)?([a-zA-Z_]\w*)>", rule.rule):
            parameters[name] = _type(converter or "default")
        path = re.sub(r"<(?:[^<>]*:)?([a-zA-Z_]\w*)>", r"{\1}", rule.rule)
        yield _route(rule.methods or ["GET"], path, rule.rule, rule.endpoint, parameters)


def _litestar(app: Any) -> Iterator[dict[str, Any]]:
    for route in app.routes:
        methods = getattr(route, "methods", None)
        if methods:
            parameters = {name: _type(kind or "str") for name, kind in re.findall(r"{(\w+)(?::(\w+))?}", route.path)}
            path = re.sub(r"{(\w+)(?::\w+)?}", r"{\1}", route.path)
            yield _route(methods, path, route.path, "", parameters)


def _type(name: str) -> str:
    return TYPES.get(name.lower(), "str")


def _route(methods: Iterable[Any], path: str, native: str, name: Any, parameters: dict[str, str]) -> dict[str, Any]:
    kept = sorted({str(method).upper() for method in methods} - set(DROPPED))
    return {"methods": kept, "path": path or "/", "native": native, "name": str(name or ""), "parameters": parameters}
