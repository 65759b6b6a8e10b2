"""The routes of a Django project, from its URL resolver."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any

DEPTH = 10
UNKNOWN_METHODS = ["GET"]
"""A function view does not say what it accepts; reading is safe."""


def listed() -> Iterator[dict[str, Any]]:
    """Walk the URL configuration; raises whatever a broken one raises."""
    resolver = importlib.import_module("django.urls").get_resolver()
    return _walk(resolver.url_patterns, "/", "", 0)


def _walk(patterns: Any, prefix: str, namespace: str, depth: int) -> Iterator[dict[str, Any]]:
    for entry in patterns:
        native = prefix + str(entry.pattern).lstrip("^")
        if hasattr(entry, "url_patterns"):
            if depth < DEPTH:
                inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
                yield from _walk(entry.url_patterns, native.rstrip("$"), inner, depth + 1)
            continue
        path, parameters = readable(native)
        methods = methods_of(entry.callback)
        name = f"{namespace}{entry.name}" if entry.name else ""
        yield {"methods": methods, "path": path, "native": native, "name": name, "parameters": parameters}


def methods_of(view: Any) -> list[str]:
    """Name the methods of a view: REST viewsets and class views say, decorated functions can be asked."""
    actions = getattr(view, "actions", None)
    if isinstance(actions, dict) and actions:
        return sorted({method.upper() for method in actions} - {"HEAD", "OPTIONS"})
    view_class = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if view_class is not None:
        offered = [name for name in view_class.http_method_names if hasattr(view_class, name)]
        return sorted({name.upper() for name in offered} - {"HEAD", "OPTIONS"}) or list(UNKNOWN_METHODS)
    return _required_methods(view) or list(UNKNOWN_METHODS)


def _required_methods(view: Any) -> list[str]:
    """Ask the closure of `require_http_methods`."""
    current = view
    while current is not None:
        code, closure = getattr(current, "__code__", None), getattr(current, "__closure__", None)
        if code is not None and closure and "request_method_list" in code.co_freevars:
            allowed = closure[code.co_freevars.index("request_method_list")].cell_contents
            return sorted({str(method).upper() for method in allowed} - {"HEAD", "OPTIONS"})
        current = getattr(current, "__wrapped__", None)
    return []


def readable(native: str) -> tuple[str, dict[str, str]]:
    """Turn `/users/<int:pk>/` or a regular expression into a path with `{pk}`, and name the parameters' types."""
    parameters: dict[str, str] = {}

    def converter(match: re.Match[str]) -> str:
        parameters[match[2]] = match[1] or "str"
        return "{" + match[2] + "}"

    path = re.sub(r"(?<!\?P)<(?:(\w+):)?(\w+)>", converter, native)
    path = _without_groups(path, parameters)
    path = re.sub(r"\\([^A-Za-z0-9])", r"\1", path.replace("\\Z", "").rstrip("$"))
    return re.sub(r"/\?$", "/", path).replace("^", ""), parameters


def _without_groups(text: str, parameters: dict[str, str]) -> str:
    """Replace `(?P<name>...)` and bare groups, whatever nests in them, by `{name}`."""
    kept: list[str] = []
    depth, start = 0, 0
    for index, character in enumerate(text):
        escaped = index > 0 and text[index - 1] == "\\"
        if character == "(" and not escaped:
            start = index if depth == 0 else start
            depth += 1
        elif character == ")" and not escaped and depth:
            depth -= 1
            if depth == 0:
                kept.append(_group(text[start + 1 : index], parameters))
        elif depth == 0:
            kept.append(character)
    return "".join(kept)


def _group(inside: str, parameters: dict[str, str]) -> str:
    named = re.match(r"\?P<(\w+)>(.*)", inside, re.DOTALL)
    if named is None and inside.startswith("?"):
        return ""
    name, body = (named[1], named[2]) if named else (f"argument{len(parameters) + 1}", inside)
    parameters[name] = "int" if re.fullmatch(r"(\\d|\[0-9\])([+*]|{[\d,]+})?", body) else "str"
    return "{" + name + "}"
