"""From `module:attribute` to the object, with every way this goes wrong told apart."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import types
from typing import Any

from . import classify
from .refusal import Refused, crash

DEFAULT_NAMES = ("app", "application", "api", "asgi_app", "wsgi_app", "create_app", "make_app", "get_app", "build_app")


def import_target(name: str, root: str) -> types.ModuleType:
    """Import the module; tell a wrong name from an application that breaks on import."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as problem:
        missing = problem.name or ""
        if missing and (name == missing or name.startswith(missing + ".")):
            raise Refused("module-not-found", name=missing) from None
        raise crash(problem, root) from None
    except BaseException as problem:  # noqa: BLE001 - even SystemExit is an answer
        raise crash(problem, root) from None


def resolve(module: types.ModuleType, attribute: str) -> Any:
    """Follow a dotted attribute."""
    current: Any = module
    for part in attribute.split("."):
        try:
            current = getattr(current, part)
        except AttributeError:
            names = [name for name in vars(module) if not name.startswith("_")]
            raise Refused(
                "attribute-missing", attribute=attribute, candidates=candidates(module), names=names
            ) from None
    return current


def default_attribute(module: types.ModuleType) -> str:
    """Choose what to serve from a module when nobody named it: the usual names first, else the only candidate."""
    found = candidates(module)
    for name in DEFAULT_NAMES:
        if name in found:
            return name
    if len(found) == 1:
        return found[0]
    raise Refused("attribute-missing", attribute="", candidates=found, names=[])


def candidates(module: types.ModuleType) -> list[str]:
    """Names in a module that could be served: known frameworks, then functions that make one."""
    public = {name: thing for name, thing in vars(module).items() if not name.startswith("_")}
    apps = [name for name, thing in public.items() if _looks_served(name, thing)]
    made_here = [
        name
        for name, thing in public.items()
        if name in DEFAULT_NAMES and classify.is_factory(thing) and getattr(thing, "__module__", "") == module.__name__
    ]
    found = apps + [name for name in made_here if name not in apps]
    return sorted(found, key=lambda name: DEFAULT_NAMES.index(name) if name in DEFAULT_NAMES else len(DEFAULT_NAMES))


def _looks_served(name: str, thing: Any) -> bool:
    if isinstance(thing, (type, types.ModuleType)):
        return False
    judgement = classify.judge(thing)
    return bool(judgement.kind and (judgement.framework or name in DEFAULT_NAMES))


def call_factory(factory: Any, call: str, root: str) -> Any:
    """Call a factory with the literal arguments in `call`, such as `create_app("test")`."""
    arguments, keywords = literal_arguments(call)
    if not callable(factory):
        raise Refused("not-an-app", type=classify.type_name(factory), candidates=[])
    try:
        return factory(*arguments, **keywords)
    except BaseException as problem:  # noqa: BLE001 - even SystemExit is an answer
        raise crash(problem, root) from None


def literal_arguments(call: str) -> tuple[list[Any], dict[str, Any]]:
    """Read the literal arguments of `name(...)`; nothing is evaluated."""
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    named = {keyword.arg: ast.literal_eval(keyword.value) for keyword in node.keywords if keyword.arg}
    return [ast.literal_eval(each) for each in node.args], named


def django_entry(settings: str, root: str) -> tuple[str, str]:
    """Set Django up and name its WSGI or ASGI entry; two empty strings when the project has neither."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings)
    try:
        django = importlib.import_module("django")
        configured = importlib.import_module("django.conf").settings
        django.setup()
        named = getattr(configured, "WSGI_APPLICATION", None) or getattr(configured, "ASGI_APPLICATION", None)
    except BaseException as problem:  # noqa: BLE001 - even SystemExit is an answer
        raise crash(problem, root) from None
    if named:
        module, _, attribute = str(named).rpartition(".")
        return module, attribute
    package = os.environ["DJANGO_SETTINGS_MODULE"].partition(".")[0]
    for kind in ("wsgi", "asgi"):
        try:
            if importlib.util.find_spec(f"{package}.{kind}"):
                return f"{package}.{kind}", "application"
        except ModuleNotFoundError:  # the settings are a module, not in a package
            break
    return "", ""
