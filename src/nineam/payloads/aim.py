"""What hostile requests are aimed at: ordinary requests, with the places in them where a value stands."""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from nineam.endpoints import endpoint_name
from nineam.model import Hole, Operation, Record, RequestSpec, Template

SECRET = re.compile(
    r"auth(?!ors?(?![a-z]))|cookie|token|secret|passw|session|csrf|api[-_]?key|credential", re.IGNORECASE
)
"""Names of headers, parameters and fields whose ordinary values get into no payload: payloads are written to files."""
FIELD = re.compile(rf"([^&=]*(?:{SECRET.pattern})[^&=]*)=[^&]*", re.IGNORECASE)
PARAMETER = re.compile(r"\{[^{}]*\}")
VALUE = re.compile(r"\d+|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
GUESS = "1"


class Aim(Record, frozen=True, kw_only=True):
    """An ordinary request, taken apart. `segments` are those of its path, `values` the indexes of those that vary.

    `query` are its pairs, encoded.
    """

    name: str
    method: str
    segments: tuple[str, ...]
    values: tuple[int, ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path as an ordinary request has it."""
        return "/" + "/".join(self.segments)

    @property
    def sample(self) -> Any:
        """The ordinary body's JSON; None when there is none."""
        try:
            return json.loads(self.body) if self.body else None
        except (ValueError, RecursionError):
            return None


def aim_of_operation(operation: Operation, names: tuple[str, ...] = ()) -> Aim:
    """Aim at an operation of a document; `names` are parameters of its query that may be left out."""
    marked = "".join(part if isinstance(part, str) else f"{{{_value(part)}}}" for part in operation.path)
    path, _, query = marked.partition("?")
    pairs = tuple(_pair(piece) for piece in PARAMETER.sub(lambda hole: hole.group()[1:-1], query).split("&") if piece)
    there = {name for name, _ in pairs}
    more = tuple((quote(name, safe=""), GUESS) for name in names if quote(name, safe="") not in there)
    segments, values = _segments(path)
    return Aim(
        name=operation.name,
        method=operation.method,
        segments=segments,
        values=values,
        query=_told(pairs + more),
        headers=_kept((name, _text(value)) for name, value in operation.headers),
        body=_harmless(_text(operation.body).encode("utf-8", "replace")),
    )


def aim_of_request(request: RequestSpec) -> Aim:
    """Aim at a request as somebody sent it; numbers and UUIDs in its path vary."""
    path, _, query = request.path.partition("?")
    segments = tuple(path.removeprefix("/").split("/"))
    return Aim(
        name=request.name or endpoint_name(request.method, request.path),
        method=request.method,
        segments=segments,
        values=tuple(index for index, segment in enumerate(segments) if VALUE.fullmatch(segment)),
        query=_told(_pair(piece) for piece in query.split("&") if piece),
        headers=_kept((name.lower(), value) for name, value in request.headers),
        body=_harmless(request.body),
    )


def secrets_of(request: RequestSpec) -> tuple[tuple[str, str], ...]:
    """Give the headers of a request that its aim leaves out: to be sent, and written down nowhere."""
    return tuple((name.lower(), value) for name, value in request.headers if SECRET.search(name))


def aim_of_route(method: str, path: str) -> Aim:
    """Aim at a route: `{name}` in its path is a value, and so is a number."""
    segments, values = _segments(PARAMETER.sub(f"{{{GUESS}}}", path))
    return Aim(name=f"{method} {path}", method=method, segments=segments, values=values)


def _segments(marked: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Take a path apart in which braces are around what varies."""
    raw = marked.removeprefix("/").split("/")
    values = tuple(index for index, segment in enumerate(raw) if PARAMETER.search(segment) or VALUE.fullmatch(segment))
    return tuple(PARAMETER.sub(lambda hole: hole.group()[1:-1], segment) for segment in raw), values


def _pair(piece: str) -> tuple[str, str]:
    name, _, value = piece.partition("=")
    return name, value


def _kept(headers: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in headers if not SECRET.search(name))


def _told(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, GUESS if SECRET.search(name) else value) for name, value in pairs)


def _harmless(body: bytes) -> bytes:
    """Put something else in place of what may be secret in JSON or in a form."""
    try:
        value = json.loads(body) if body else None
    except (ValueError, RecursionError):
        return re.sub(FIELD.pattern.encode(), rb"\1=1", body, flags=re.IGNORECASE)
    return json.dumps(_without_secrets(value)).encode() if isinstance(value, dict | list) else body


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        hidden = {name for name, part in value.items() if SECRET.search(name) and isinstance(part, str)}
        return {name: GUESS if name in hidden else _without_secrets(part) for name, part in value.items()}
    return [_without_secrets(part) for part in value] if isinstance(value, list) else value


def _text(template: Template) -> str:
    return "".join(part if isinstance(part, str) else _value(part) for part in template)


def _value(hole: Hole) -> str:
    return hole.choices[0] if hole.choices else GUESS
