"""Which operations of a document answer at all: each is asked once, politely, with the ids that earlier ones gave."""

import itertools
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Any, NamedTuple

import msgspec

from nineam.errors import UsageError
from nineam.load.recipes import Recipe, recipes
from nineam.model import Hole, Operation, RequestSpec, Template
from nineam.traffic.discover import Discovered, unfit
from nineam.traffic.openapi import read_openapi
from nineam.traffic.strangers import REFUSALS, Answered, login_of

UNASKED = frozenset({"get"})

Get = Callable[[str, Mapping[str, str]], Awaitable[Answered]]
"""GET a path with headers."""


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
    asked = await _asked(bare, get, seed)
    if not asked.kept and bare != found.operations:
        health = found.health_path
        asked = await _asked(found.operations, get, seed)
    unasked = tuple(text.partition(";")[0] for text in found.skipped)
    return _discovered(asked, (*unasked, *asked.failed), health_path or health)


def _bare(operation: Operation) -> Operation:
    name = operation.name.replace(f" {operation.prefix}/", " /", 1)
    return msgspec.structs.replace(operation, prefix="", name=name)


class _Asked(NamedTuple):
    """The operations that answer, what is said about the others, and how many of these turned a stranger away."""

    kept: list[Operation]
    failed: list[str]
    refused: int


async def _asked(operations: tuple[Operation, ...], get: Get, seed: int) -> _Asked:
    """Ask each once."""
    kept, failed, refused = [], [], 0
    choice = Random(f"{seed}/asking")  # noqa: S311 - choices among ids, no secrets
    for recipe in recipes(operations, itertools.count()):
        answer, login = await _ask(recipe, get, choice)
        refused += bool(login) or answer.status in REFUSALS
        if reason := f"behind the login {login}" if login else unfit(answer):
            failed.append(f"{recipe.operation.name}: {reason}")
        else:
            kept.append(recipe.operation)
    return _Asked(kept, failed, refused)


async def _ask(recipe: Recipe, get: Get, choice: Random) -> tuple[Answered, str]:
    """Give the answer, and the login that it leads to."""
    request = recipe.render(choice)
    path = recipe.operation.prefix + request.path
    answer = await get(path, request.headers)
    recipe.learn(request, answer.status, lambda: msgspec.json.decode(answer.body))
    return answer, login_of(path, answer)


def _discovered(asked: _Asked, skipped: tuple[str, ...], health_path: str) -> Discovered:
    """Operations with nothing to fill in are plain requests, which cost less."""
    kept, refused = asked.kept, asked.refused
    templates = [template for each in kept for template in (each.path, *(value for _, value in each.headers))]
    if any(isinstance(part, Hole) for template in templates for part in template):
        return Discovered(operations=tuple(kept), skipped=skipped, health_path=health_path, refused=refused)
    requests = tuple(_request(operation) for operation in kept)
    return Discovered(requests=requests, skipped=skipped, health_path=health_path, refused=refused)


def _request(operation: Operation) -> RequestSpec:
    headers = tuple((name, _fixed(value)) for name, value in operation.headers)
    path = operation.prefix + _fixed(operation.path)
    return RequestSpec(method=operation.method, path=path, name=operation.name, headers=headers)


def _fixed(template: Template) -> str:
    return "".join(part for part in template if isinstance(part, str))
