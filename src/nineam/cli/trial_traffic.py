"""The requests of trials: those that a run would send, with one set of ids, so that every window sends the same."""

import asyncio
import itertools
from random import Random

import msgspec

from nineam.errors import UsageError
from nineam.load.recipes import recipes
from nineam.model import Operation, RequestSpec
from nineam.monday.asking import ask_once
from nineam.monday.session import find_traffic
from nineam.monday.setup import Setup
from nineam.trials.scout import Traffic

MOST_ENDPOINTS = 20
LIST_HINT = "list requests in a file, one a line (GET /orders), and pass --urls FILE"


async def traffic_for(setup: Setup, base_url: str) -> Traffic:
    """Find the requests for a running application. Raises UsageError when there are none."""
    try:
        found = await find_traffic(setup, base_url, lambda _: None)
    except UsageError as problem:
        raise UsageError(problem.message, details=problem.details, hint=LIST_HINT) from None
    frozen = await asyncio.to_thread(_frozen, found.operations, base_url, setup.plan.load.seed)
    requests = setup.plan.load.requests or (*found.requests, *frozen)
    if not requests:
        raise UsageError(
            "found nothing to request: no GET route answers without more knowledge",
            details=found.skipped[:10],
            hint=LIST_HINT,
        )
    notices = tuple(f"not asked: {text}" for text in found.skipped)
    if len(requests) > MOST_ENDPOINTS:
        left = len(requests) - MOST_ENDPOINTS
        notices = (f"{left} more endpoints were left out: --urls FILE says which are asked", *notices)
    return Traffic(requests=_named_apart(requests[:MOST_ENDPOINTS]), health_path=found.health_path, notices=notices)


def _frozen(operations: tuple[Operation, ...], base_url: str, seed: int) -> list[RequestSpec]:
    """Ask each operation once, with ids of earlier answers, and keep the request as it was asked."""
    choice = Random(f"{seed}/trial")  # noqa: S311 - choices among ids, no secrets
    kept = []
    for recipe in recipes(operations, itertools.count()):
        request = recipe.render(choice)
        path = recipe.operation.prefix + request.path
        answer = ask_once(base_url.rstrip("/") + path, headers=request.headers)
        recipe.learn(request, answer.status, lambda body=answer.body: msgspec.json.decode(body))  # type: ignore[misc]
        if 200 <= answer.status < 400:
            name = recipe.operation.name
            headers = tuple(request.headers.items())
            kept.append(RequestSpec(method=recipe.operation.method, path=path, name=name, headers=headers))
    return kept


def _named_apart(requests: tuple[RequestSpec, ...]) -> tuple[RequestSpec, ...]:
    """Give every request a name of its own: a list may have two for the same endpoint."""
    seen: dict[str, RequestSpec] = {}
    for each in requests:
        name = each.name if each.name not in seen else f"{each.name} ({each.path})"
        seen.setdefault(name, msgspec.structs.replace(each, name=name))
    return tuple(seen.values())
