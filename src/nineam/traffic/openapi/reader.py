"""From a document to the operations that are sent: which ones, in which order, and what is said about the rest."""

from collections.abc import Iterable
from typing import Any

import msgspec

from nineam.errors import UsageError
from nineam.model import Operation, Record
from nineam.traffic.discover import FRAMEWORK, OPERATORS, Candidate, below, health_of
from nineam.traffic.openapi.document import Document, listed, tidy
from nineam.traffic.openapi.entries import Entry, entries
from nineam.traffic.openapi.pools import Pools
from nineam.traffic.openapi.requests import Request, Requests
from nineam.visible import visible

ALL = "ALL"
ORDER = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
NAMED = 3
NOTHING_HINT = "--methods all sends everything else, too; a journey in monday.py can do anything."


class Operations(Record, frozen=True, kw_only=True):
    """What is sent, what is not and why, where health is asked, and what else the user should know."""

    operations: tuple[Operation, ...] = ()
    skipped: tuple[str, ...] = ()
    health_path: str = ""
    notices: tuple[str, ...] = ()


def read_openapi(document: Any, methods: frozenset[str]) -> Operations:
    """Read an OpenAPI 3 or Swagger 2 document; of its operations those with one of `methods` (or `all`) are sent.

    Operations whose answers have ids come before those that need them. Raises `UsageError` when it is no such
    document, or nothing in it can be sent; anything malformed further inside is passed over.
    """
    read = Document(tidy(document))
    found = list(entries(read))
    health = health_of(Candidate(method=each.method, path=each.path) for each in found)
    wanted = frozenset(method.upper() for method in methods)
    reasons = {each: _reason(each, wanted) for each in found if not _is_nobodys(each, health)}
    sent = sorted((each for each, reason in reasons.items() if not reason), key=_turn)
    pools = Pools(read, sent)
    requests = Requests(read, pools)
    built = {each: requests.of(each) for each in sent}
    reasons |= {each: request.problem for each, request in built.items()}
    operations = {
        each: msgspec.structs.replace(request.operation, harvests=pools.harvests(each))
        for each, request in built.items()
        if not request.problem
    }
    skipped = tuple(f"{each.name}: {reason}" for each, reason in reasons.items() if reason)
    if not operations:
        raise UsageError("nothing in the OpenAPI document can be sent", details=skipped[:10], hint=NOTHING_HINT)
    return Operations(
        operations=tuple(operations.values()),
        skipped=skipped,
        health_path=next((each.prefix + health for each in found if each.path == health), ""),
        notices=(*_locked(read, list(operations)), *_guessed(built[each] for each in operations)),
    )


def _is_nobodys(entry: Entry, health: str) -> bool:
    return entry.path == health or below(entry.path, FRAMEWORK)


def _reason(entry: Entry, wanted: frozenset[str]) -> str:
    """Say why an operation is not sent; nothing when it is."""
    if ALL not in wanted and entry.method not in wanted:
        names = ", ".join(method for method in ORDER if method in wanted) or "nothing"
        unasked = "only GET is sent unasked" if names == "GET" else f"only {names} was asked for"
        return f"{unasked}; --methods all"
    if entry.node.get("deprecated") is True:
        return "deprecated"
    return "a page for operators" if below(entry.path, OPERATORS) else ""


def _turn(entry: Entry) -> tuple[bool, int, int]:
    """Sort lists before what is on them, and deleting last."""
    return entry.method == "DELETE", len(entry.holes), ORDER.index(entry.method)


def _locked(document: Document, sent: Iterable[Entry]) -> tuple[str, ...]:
    """Name the operations that need somebody to be logged in, by what they need."""
    needs: dict[str, list[str]] = {}
    for entry in sent:
        demands = entry.node.get("security", document.root.get("security"))
        schemes = [set(each) for each in listed(demands) if isinstance(each, dict)]
        if schemes and all(schemes):
            needs.setdefault(" or ".join(sorted({min(each) for each in schemes})), []).append(entry.name)
    return tuple(_need(scheme, names) for scheme, names in needs.items())


def _guessed(requests: Iterable[Request]) -> tuple[str, ...]:
    """Name the values that no answer and no example gives."""
    guesses: dict[str, list[str]] = {}
    for request in requests:
        for name in request.guessed:
            guesses.setdefault(name, []).append(request.operation.name)
    return tuple(
        f"{names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''}: no answer and no example gives its "
        f"{visible(name)}, so one is made up"
        for name, names in guesses.items()
    )


def _need(scheme: str, names: list[str]) -> str:
    rest = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    verbs = ("needs", "is") if len(names) == 1 else ("need", "are")
    return (
        f"{', '.join(names[:NAMED])}{rest} {verbs[0]} {scheme} and {verbs[1]} sent without it: "
        "a journey in monday.py can log in"
    )
