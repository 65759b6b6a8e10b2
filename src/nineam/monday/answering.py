"""Which operations of a document answer at all: each is asked once, politely, with the ids that earlier ones gave."""

import itertools
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Any

import msgspec

from nineam.errors import UsageError
from nineam.load.recipes import Recipe, recipes
from nineam.model import Hole, Operation, RequestSpec, Template
from nineam.traffic.discover import Discovered
from nineam.traffic.openapi import read_openapi

UNASKED = frozenset({"get"})

Get = Callable[[str, Mapping[str, str]], Awaitable[tuple[int, bytes]]]
"""GET a path with headers; status and body, or 0 when there was no whole answer."""


async def answering(document: Any, health_path: str, get: Get, seed: int) -> Discovered:
    """Keep the `GET` operations of a document that answer a polite question with less than 400.

    They come without the path of the document's server if they answer without it: what a proxy adds is not there
    on localhost. Nothing is found in what is no document.
    """
    try:
        found = read_openapi(document, UNASKED)
    except UsageError as error:
        return Discovered(skipped=error.details)
    bare = tuple(_bare(operation) for operation in found.operations)
    health = found.health_path.removeprefix(found.operations[0].prefix)
    kept, failed = await _asked(bare, get, seed)
    if not kept and bare != found.operations:
        health = found.health_path
        kept, failed = await _asked(found.operations, get, seed)
    unasked = tuple(text.partition(";")[0] for text in found.skipped)
    return _discovered(kept, (*unasked, *failed), health_path or health)


def _bare(operation: Operation) -> Operation:
    name = operation.name.replace(f" {operation.prefix}/", " /", 1)
    return msgspec.structs.replace(operation, prefix="", name=name)


async def _asked(operations: tuple[Operation, ...], get: Get, seed: int) -> tuple[list[Operation], list[str]]:
    """Ask each once; those that answer, and what is said about the others."""
    kept, failed = [], []
    choice = Random(f"{seed}/asking")  # noqa: S311 - choices among ids, no secrets
    for recipe in recipes(operations, itertools.count()):
        status = await _ask(recipe, get, choice)
        if 200 <= status < 400:
            kept.append(recipe.operation)
        else:
            reason = f"answered {status}" if status else "gave no whole answer"
            failed.append(f"{recipe.operation.name}: {reason}")
    return kept, failed


async def _ask(recipe: Recipe, get: Get, choice: Random) -> int:
    request = recipe.render(choice)
    status, body = await get(recipe.operation.prefix + request.path, request.headers)
    recipe.learn(request, status, lambda: msgspec.json.decode(body))
    return status


def _discovered(kept: list[Operation], skipped: tuple[str, ...], health_path: str) -> Discovered:
    """Operations with nothing to fill in are plain requests, which cost less."""
    templates = [template for each in kept for template in (each.path, *(value for _, value in each.headers))]
    if any(isinstance(part, Hole) for template in templates for part in template):
        return Discovered(operations=tuple(kept), skipped=skipped, health_path=health_path)
    requests = tuple(_request(operation) for operation in kept)
    return Discovered(requests=requests, skipped=skipped, health_path=health_path)


def _request(operation: Operation) -> RequestSpec:
    headers = tuple((name, _fixed(value)) for name, value in operation.headers)
    path = operation.prefix + _fixed(operation.path)
    return RequestSpec(method=operation.method, path=path, name=operation.name, headers=headers)


def _fixed(template: Template) -> str:
    return "".join(part for part in template if isinstance(part, str))
