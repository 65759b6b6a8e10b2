"""What an object is: ASGI or WSGI, by which framework, or a factory of one."""

from __future__ import annotations

import functools
import inspect
from types import FunctionType, MethodType
from typing import Any, NamedTuple

FRAMEWORKS = (
    ("fastapi", "FastAPI", "asgi"),
    ("starlette", "Starlette", "asgi"),
    ("quart", "Quart", "asgi"),
    ("flask", "Flask", "wsgi"),
    ("litestar", "Litestar", "asgi"),
    ("django", "WSGIHandler", "wsgi"),
    ("django", "ASGIHandler", "asgi"),
)
INNER_NAMES = ("app", "application", "wsgi_app", "asgi_app", "_app", "wrapped", "inner", "wsgi_application")
WRAPPERS = 20
"""How many middlewares around an application are looked through."""


class Judgement(NamedTuple):
    """`kind` is asgi, wsgi or empty (not an application); `framework` is empty when it is none of the known."""

    kind: str
    framework: str
    factory: bool


def judge(thing: Any) -> Judgement:
    """Tell what an object is without calling it."""
    framework, kind = framework_of(thing)
    if framework:
        return Judgement(kind, framework, False)
    if is_factory(thing):
        return Judgement("", "", True)
    framework, inner_kind = framework_of(innermost(thing))
    return Judgement(call_kind(thing) or (inner_kind if callable(thing) else ""), framework, False)


def framework_of(thing: Any) -> tuple[str, str]:
    """Name the framework and interface of an application object by its classes."""
    known = {(module, name): kind for module, name, kind in FRAMEWORKS}
    for base in type(thing).__mro__:
        key = (str(base.__module__).partition(".")[0], base.__name__)
        if key in known:
            return key[0], known[key]
    return "", ""


def innermost(thing: Any) -> Any:
    """Look through middlewares for the framework's application; the thing itself when there is none."""
    current = thing
    for _ in range(WRAPPERS):
        if framework_of(current)[0]:
            return current
        inner = [value for value in map(vars_of(current).get, INNER_NAMES) if callable(value)]
        if not inner:
            return thing
        current = inner[0].__self__ if isinstance(inner[0], MethodType) else inner[0]
    return thing


def vars_of(thing: Any) -> dict[str, Any]:
    """Copy an object's own attributes; nothing that could run code of its class."""
    found = getattr(thing, "__dict__", None)
    return dict(found) if isinstance(found, dict) else {}


def is_factory(thing: Any) -> bool:
    """Whether it is a function or class that makes something without being given anything."""
    if not isinstance(thing, (FunctionType, MethodType, functools.partial, type)):
        return False
    if inspect.iscoroutinefunction(thing):
        return False
    parameters = parameters_of(thing)
    if parameters is None:
        return False
    required = [each for each in parameters if each.default is each.empty and each.kind not in _STARS]
    stars = [each for each in parameters if each.kind in _STARS]
    named_so = getattr(thing, "__name__", "").startswith(("create", "make", "get", "build", "factory"))
    return not required and (not stars or named_so)


def call_kind(thing: Any) -> str:
    """ASGI or WSGI by what it takes when called; empty when it takes neither."""
    if not callable(thing) or isinstance(thing, type):
        return ""
    parameters = parameters_of(thing)
    if parameters is None:
        return ""
    positional = [each for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    required = len([each for each in positional if each.default is each.empty])
    most = 99 if any(each.kind is each.VAR_POSITIONAL for each in parameters) else len(positional)
    is_async = inspect.iscoroutinefunction(thing) or inspect.iscoroutinefunction(getattr(thing, "__call__", None))  # noqa: B004
    if required <= 3 <= most and (is_async or required == 3):
        return "asgi"
    if not is_async and required == 2 and _takes_environ(thing, positional):
        return "wsgi"
    return ""


def _takes_environ(thing: Any, parameters: list[inspect.Parameter]) -> bool:
    """Any function may have two parameters; those of WSGI are called environ and start_response, or nearly so."""
    if not isinstance(thing, (FunctionType, MethodType)):
        return True
    return any("env" in each.name or "start" in each.name for each in parameters)


_STARS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def parameters_of(thing: Any) -> list[inspect.Parameter] | None:
    """Parameters without self; None when Python cannot tell."""
    try:
        return list(inspect.signature(thing).parameters.values())
    except (ValueError, TypeError):
        return None


def type_name(thing: Any) -> str:
    """Name a thing's type the way a message should."""
    if isinstance(thing, FunctionType):
        what = "coroutine function" if inspect.iscoroutinefunction(thing) else "function"
        return f"a {what} with {len(parameters_of(thing) or [])} parameters"
    if isinstance(thing, type):
        return f"the class {thing.__name__}"
    kind = type(thing)
    module = "" if kind.__module__ == "builtins" else kind.__module__ + "."
    return f"{module}{kind.__qualname__}"
