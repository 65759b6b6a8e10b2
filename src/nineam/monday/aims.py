"""What hostile payloads are aimed at: what the user listed, what a document says, or the routes that were found."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from nineam.errors import UsageError
from nineam.model import Operation
from nineam.monday.setup import Setup
from nineam.payloads.aim import Aim, aim_of_operation, aim_of_request, aim_of_route
from nineam.traffic.discover import NOBODYS, Candidate, below, fill
from nineam.traffic.openapi import read_openapi
from nineam.traffic.openapi.document import Document, tidy, worded
from nineam.traffic.openapi.entries import entries

ALL = "all"
UNASKED = "only {} was asked for; --methods all"
NAMED = 4


class Aims(NamedTuple):
    """Endpoints with what the user should know; `document` is what schemathesis can read, None without one."""

    aims: tuple[Aim, ...]
    notices: tuple[str, ...] = ()
    document: Any = None


def aims_of(setup: Setup, document: Any, methods: frozenset[str]) -> Aims:
    """Choose: a list of the user's, else the document's operations, else the routes; of the last two by method."""
    load = setup.plan.load
    listed = [*load.requests, *(step.request for recording in load.recordings for step in recording.steps)]
    if listed:
        return Aims(_different(aim_of_request(request) for request in listed), document=document)
    if document is not None:
        return _of_document(document, methods)
    return _of_routes(setup.candidates, methods)


def _of_document(document: Any, methods: frozenset[str]) -> Aims:
    """Take the operations. Raises `UsageError` when it is no document, or nothing in it is to be sent."""
    found = read_openapi(document, methods)
    optional = _queries(document)
    aims = _different(aim_of_operation(_bare(each), optional.get(each.name, ())) for each in found.operations)
    return Aims(aims, _said(text.partition(": ")[::2] for text in found.skipped), document)


def _bare(operation: Operation) -> Operation:
    """Leave out what a proxy adds: it is not there on localhost."""
    if not operation.prefix:
        return operation
    name = operation.name.replace(f" {operation.prefix}/", " /", 1)
    return msgspec.structs.replace(operation, prefix="", name=name)


def _queries(document: Any) -> dict[str, tuple[str, ...]]:
    """Give the names of all parameters of each operation's query."""
    return {
        entry.name: tuple(worded(each.get("name")) for each in entry.parameters if each.get("in") == "query")
        for entry in entries(Document(tidy(document)))
    }


def _of_routes(candidates: Iterable[Candidate], methods: frozenset[str]) -> Aims:
    """Take the routes; without any, the home page."""
    there = [each for each in candidates if not below(each.path, NOBODYS)]
    sent = [each for each in there if each.method.lower() in methods]
    names = ", ".join(sorted(method.upper() for method in methods))
    reason = UNASKED.format(names)
    left_out = _said((f"{each.method} {each.path}", reason) for each in there if each not in sent)
    if there and not sent:
        raise UsageError("no route has a method that was asked for", details=left_out[:10], hint="--methods all")
    if there:
        return Aims(_different(_of_route(each) for each in sent), left_out)
    notice = "no OpenAPI document and no route was found: only / is asked; name requests with --urls FILE"
    return Aims((aim_of_route("GET", "/"),), (notice,))


def _of_route(candidate: Candidate) -> Aim:
    """Aim at a route: its parameters are filled with what is known to fit."""
    aim = aim_of_route(candidate.method, candidate.path)
    filled = tuple(fill(candidate).removeprefix("/").split("/"))
    fits = len(filled) == len(aim.segments)
    return msgspec.structs.replace(aim, segments=filled) if fits else aim


def _said(left_out: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Say what is left out, those with the same reason in one line."""
    names: dict[str, list[str]] = {}
    for name, reason in left_out:
        names.setdefault(reason, []).append(name)
    return tuple(
        f"not sent: {', '.join(those[:NAMED])}"
        f"{f' and {len(those) - NAMED} more' if len(those) > NAMED else ''}: {reason}"
        for reason, those in names.items()
    )


def _different(aims: Iterable[Aim]) -> tuple[Aim, ...]:
    """Keep the first of those that have the same name."""
    found: dict[str, Aim] = {}
    for aim in aims:
        found.setdefault(aim.name, aim)
    return tuple(found.values())
