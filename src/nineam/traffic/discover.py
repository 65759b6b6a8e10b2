"""Requests for an application that nobody wrote journeys for: its own routes, asked politely first.

Only `GET` is sent unasked, because nineam must not change what it does not know. What is left out is named.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import quote, urlsplit

from nineam.model import Operation, Record, RequestSpec
from nineam.traffic.strangers import REFUSALS, Answered, behind, login_of

HEALTH_PATHS = ("/health", "/healthz", "/health/", "/livez", "/readyz", "/ready", "/ping", "/status", "/up", "/_health")
HEALTH_NAME = re.compile(r"/_?health(?:z|[-_]?checks?)?/?$", re.IGNORECASE)
"""What a path of more than one part ends with when it is a health check; `/orders/status` is none."""
FRAMEWORK = ("/docs", "/redoc", "/openapi.json", "/static", "/favicon.ico")
OPERATORS = ("/admin", "/django-admin", "/metrics")
NOBODYS = FRAMEWORK + OPERATORS
"""What users do not visit on a Monday morning."""
CATCHES_ALL = re.compile(r"/\{[^}]*\}")
PARAMETER = re.compile(r"\{([^}]*)\}")


class Candidate(Record, frozen=True, kw_only=True):
    """One method of one route; `path` has `{name}` parameters, `values` what is known to fit them."""

    method: str
    path: str
    values: dict[str, str] = {}


class Discovered(Record, frozen=True, kw_only=True):
    """What will be sent, what will not and why, where health is asked, and what else the user should know.

    `refused` of what was left out turned a stranger away.
    """

    requests: tuple[RequestSpec, ...] = ()
    operations: tuple[Operation, ...] = ()
    skipped: tuple[str, ...] = ()
    health_path: str = ""
    notices: tuple[str, ...] = ()
    refused: int = 0


Ask = Callable[[str], Awaitable[Answered]]
"""Ask for a path."""


def from_openapi(document: Any) -> tuple[Candidate, ...]:
    """Read the operations of an OpenAPI document; anything malformed in it is passed over."""
    paths = document.get("paths") if isinstance(document, dict) else None
    found = []
    for path, operations in paths.items() if isinstance(paths, dict) else ():
        for method, operation in operations.items() if isinstance(operations, dict) else ():
            if method in ("get", "post", "put", "patch", "delete") and isinstance(operation, dict):
                found.append(Candidate(method=method.upper(), path=path, values=_examples(operation)))
    return tuple(found)


def _examples(operation: dict[str, Any]) -> dict[str, str]:
    values = {}
    parameters = operation.get("parameters")
    for parameter in parameters if isinstance(parameters, list) else ():
        if isinstance(parameter, dict) and parameter.get("in") == "path":
            schema = parameter.get("schema")
            schema = schema if isinstance(schema, dict) else {}
            example = parameter.get("example", schema.get("example", schema.get("default")))
            if example is not None:
                values[str(parameter.get("name"))] = str(example)
    return values


def below(path: str, places: tuple[str, ...]) -> bool:
    """Whether a path is one of `places` or beneath one."""
    return any(path == place or path.startswith(f"{place}/") for place in places)


async def discover(candidates: Iterable[Candidate], health_path: str, ask: Ask) -> Discovered:
    """Choose the requests: every `GET` that answers a polite question with less than 400, and not with a login."""
    candidates = _with_home(candidates)
    health = health_path or health_of(candidates)
    requests: list[RequestSpec] = []
    skipped: list[str] = []
    logins: list[tuple[str, str]] = []
    refused = 0
    for candidate in candidates:
        if candidate.path == health or below(candidate.path, FRAMEWORK):
            continue
        reason = "" if candidate.method == "GET" else "only GET is sent unasked"
        if below(candidate.path, OPERATORS):
            reason = "a page for operators"
        path = fill(candidate)
        name = f"{candidate.method} {candidate.path}"
        answer = Answered(0) if reason else await ask(path)
        if _only_a_slash_is_missing(path, answer):
            path, answer = f"{path}/", await ask(f"{path}/")
        reason = reason or unfit(answer)
        if reason:
            skipped.insert(0 if answer.status else len(skipped), f"{name}: {reason}")  # what went wrong comes first
            refused += answer.status in REFUSALS
        elif login := login_of(path, answer):
            logins.append((name, login))
        else:
            requests.append(RequestSpec(method=candidate.method, path=path, name=name))
    left_out = (*behind(logins), *skipped)
    refused += len(logins)
    return Discovered(requests=tuple(requests), skipped=left_out, health_path=health, refused=refused)


def _with_home(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Add the home page where one route serves whatever is asked for: pages of a CMS have no routes of their own."""
    known = tuple(candidates)
    catches_all = any(each.method == "GET" and CATCHES_ALL.fullmatch(each.path) for each in known)
    return (*known, Candidate(method="GET", path="/")) if catches_all else known


def _only_a_slash_is_missing(path: str, answer: Answered) -> bool:
    return 300 <= answer.status < 400 and urlsplit(answer.location).path == f"{path}/"


def unfit(answer: Answered) -> str:
    """Say why an answer is none to make traffic of; empty when it is a good one."""
    if 200 <= answer.status < 400:
        return ""
    return f"answered {answer.status}" if answer.status else "gave no whole answer"


def fill(candidate: Candidate) -> str:
    """Put values into a template: its examples, otherwise 1, which fits numbers and most slugs' tests."""
    return PARAMETER.sub(
        lambda match: quote(candidate.values.get(match.group(1).partition(":")[0], "1"), safe=""), candidate.path
    )


def health_of(candidates: Iterable[Candidate]) -> str:
    """Return the route that is called like a health check, or nothing."""
    paths = [candidate.path for candidate in candidates if candidate.method == "GET"]
    named = (path for path in sorted(paths, key=len) if HEALTH_NAME.search(path) and "{" not in path)
    return next((path for path in HEALTH_PATHS if path in paths), "") or next(named, "")
