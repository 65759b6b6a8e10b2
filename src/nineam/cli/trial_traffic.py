"""The requests of trials: those that a run would send, with one set of ids, so that every window sends the same.

Of journeys these are the requests that only ask, as one user sent them who went through each journey once.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import Sequence
from random import Random

import msgspec

from nineam.cli.traffic import methods_of
from nineam.errors import UsageError
from nineam.load.recipes import recipes
from nineam.load.rehearsal import rehearse
from nineam.model import Operation, RequestSpec
from nineam.monday.aims import aims_of
from nineam.monday.asking import ask_once
from nineam.monday.provoking import own_document
from nineam.monday.session import find_traffic
from nineam.monday.setup import Setup
from nineam.payloads.aim import SAFE, Aim, aim_of_request
from nineam.trials.scout import Traffic

MOST_ENDPOINTS = 20
LIST_HINT = "list requests in a file, one a line (GET /orders), and pass --urls FILE"


async def traffic_for(setup: Setup, base_url: str) -> Traffic:
    """Find the requests for a running application. Raises UsageError when there are none."""
    try:
        found = await find_traffic(setup, base_url, lambda _: None)
    except UsageError as problem:
        raise UsageError(problem.message, details=problem.details, hint=LIST_HINT) from None
    if setup.plan.load.journeys_file:
        return await _rehearsed(setup, base_url, found.health_path)
    frozen = await asyncio.to_thread(_frozen, found.operations, base_url, setup.plan.load.seed)
    requests = setup.plan.load.requests or (*found.requests, *frozen)
    if not requests:
        raise UsageError(
            "found nothing to request: no GET route answers without more knowledge",
            details=found.skipped[:10],
            hint=LIST_HINT,
        )
    return await _traffic(
        setup, base_url, requests, found.health_path, tuple(f"not asked: {text}" for text in found.skipped)
    )


async def _rehearsed(setup: Setup, base_url: str, health_path: str) -> Traffic:
    load = setup.plan.load
    found = await rehearse(load.journeys_file, base_url, load.seed)
    if not found.requests:
        raise UsageError(
            f"{load.journeys_file} asks for nothing that is answered well: trials send what its journeys GET",
            details=found.notices,
            hint=LIST_HINT,
        )
    return await _traffic(setup, base_url, found.requests, health_path, found.notices)


async def _traffic(
    setup: Setup, base_url: str, requests: tuple[RequestSpec, ...], health_path: str, notices: tuple[str, ...]
) -> Traffic:
    sent = _named_apart(chosen_of(requests))
    beyond = max(0, len(requests) - MOST_ENDPOINTS)
    if beyond:
        notices = (_too_many(len(requests), listed=bool(setup.plan.load.requests)), *notices)
    aims, unasked = await _aims(setup, base_url, sent)
    return Traffic(requests=sent, beyond=beyond, aims=aims, unasked=unasked, health_path=health_path, notices=notices)


def chosen_of(requests: Sequence[RequestSpec], most: int = MOST_ENDPOINTS) -> tuple[RequestSpec, ...]:
    """Choose at most so many, in their order: the first request to each endpoint goes before a second to any."""
    asked: Counter[tuple[str, str]] = Counter()
    turns = []
    for number, each in enumerate(requests):
        turns.append((asked[each.method, each.name], number))
        asked[each.method, each.name] += 1
    return tuple(requests[number] for number in sorted(number for _, number in sorted(turns)[:most]))


def _too_many(count: int, *, listed: bool) -> str:
    if listed:
        return (
            f"only {MOST_ENDPOINTS} of the {count} requests that --urls lists are sent, one to each endpoint first: "
            "a shorter list says which"
        )
    return f"{count - MOST_ENDPOINTS} more endpoints were left out: --urls FILE says which are asked"


async def _aims(
    setup: Setup, base_url: str, requests: tuple[RequestSpec, ...]
) -> tuple[tuple[Aim, ...], tuple[str, ...]]:
    """Say what may be sent wrongly: the ordinary requests, and what else has a method that was asked for.

    Behind them the names of what has another method. Of a list of the user's there is nothing else.
    """
    ordinary = tuple(aim_of_request(each) for each in requests)
    if setup.plan.load.requests or setup.plan.load.journeys_file:
        return ordinary, ()
    try:
        found = aims_of(setup, await own_document(setup, base_url), methods_of("all")).aims
    except UsageError:  # a document that is none is no reason to end: its requests were found another way
        return ordinary, ()
    there = [each for each in found if each.method not in SAFE]
    asked = tuple(each for each in there if each.method.lower() in setup.methods)
    return (*(_sharpened(each, found) for each in ordinary), *asked), tuple(
        each.name for each in there if each not in asked
    )


def _sharpened(aim: Aim, documented: tuple[Aim, ...]) -> Aim:
    """Add the parameters that a document knows and an ordinary request leaves out."""
    known = next((each.query for each in documented if each.name == aim.name), ())
    return msgspec.structs.replace(aim, query=known) if known and not aim.query else aim


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
        name = each.name if each.name not in seen else f"{each.name} ({_shown_path(each)})"
        seen.setdefault(name, msgspec.structs.replace(each, name=name))
    return tuple(seen.values())


def _shown_path(request: RequestSpec) -> str:
    """Give the path without what may be secret in its query: names are written down."""
    aim = aim_of_request(request)
    return f"{aim.path}?{'&'.join(f'{name}={value}' for name, value in aim.query)}" if aim.query else request.path
