"""One operation as a request with holes: path, query, headers, body."""

import re
from typing import Any, NamedTuple

from nineam.model import Drawn, Hole, Operation
from nineam.traffic.openapi.bodies import Body, body_of, filled_text
from nineam.traffic.openapi.document import Document, Node, worded
from nineam.traffic.openapi.entries import PARAMETER, Entry, schema_of
from nineam.traffic.openapi.leaves import Made, exemplary, given, made
from nineam.traffic.openapi.parts import Encoding, Parts, drawn, filled, joined
from nineam.traffic.openapi.pools import Pools
from nineam.traffic.openapi.schemas import flat

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
NOT_OURS = frozenset(
    {"accept", "content-type", "authorization", "host", "content-length", "connection", "transfer-encoding", "cookie"}
)
MOST_ITEMS = 20


class Request(NamedTuple):
    """An operation without what its answers are good for.

    `problem` says why it cannot be sent, if so; `guessed` are the parameters of its path that nobody knows values of.
    """

    operation: Operation
    problem: str = ""
    guessed: tuple[str, ...] = ()


class Requests:
    """Builds the requests of a document."""

    def __init__(self, document: Document, pools: Pools) -> None:
        self._document = document
        self._pools = pools

    def of(self, entry: Entry) -> Request:
        """Build one."""
        sources = self._pools.of_path(entry)
        body = body_of(self._document, entry, self._pools.of_property)
        operation = Operation(
            method=entry.method,
            path=joined([*self._path(entry, sources), *self._query(entry)]),
            name=entry.name,
            prefix=_literal(entry.prefix),
            headers=tuple((name, joined(parts)) for name, parts in self._headers(entry, body)),
            body=joined(body.parts),
        )
        problem = f"its body is {body.unknown}, and there is no example" if body.unknown else ""
        guessed = tuple(name for name in entry.holes if not sources[name] and not self._known(entry, name))
        return Request(operation, problem, guessed)

    def _known(self, entry: Entry, name: str) -> bool:
        parameter = entry.parameter("path", name)
        return bool(given(parameter) or given(flat(self._document, schema_of(self._document, parameter)).schema))

    def _path(self, entry: Entry, sources: dict[str, tuple[Drawn, ...]]) -> Parts:
        parts: Parts = []
        at = 0
        for match in PARAMETER.finditer(entry.path):
            parts.append(_literal(entry.path[at : match.start()]))
            parts.append(self._segment(entry, match.group(1), sources[match.group(1)]))
            at = match.end()
        return [*parts, _literal(entry.path[at:])]

    def _segment(self, entry: Entry, name: str, sources: tuple[Drawn, ...]) -> Hole:
        parameter = entry.parameter("path", name)
        schema = flat(self._document, schema_of(self._document, parameter)).schema
        if schema["type"] == "array":
            schema = flat(self._document, schema.get("items")).schema
        says = _scalars(given(parameter) or given(schema))
        found = Made(says) if says else self._likely(schema, name)
        return drawn(found, "url", sources)

    def _likely(self, schema: Node, name: str) -> Made:
        """Make a value that may exist already: the first of its kind."""
        if schema["type"] in ("string", "") and not (schema.get("format") or schema.get("pattern")):
            return Made(("1",))
        found = made(schema, name)
        return found._replace(values=found.values[:1])

    def _query(self, entry: Entry) -> Parts:
        parts: Parts = []
        for parameter in entry.parameters:
            if parameter.get("in") == "query" and self._is_sent(parameter):
                for name, value in self._pairs(parameter):
                    parts += ["&" if parts else "?", filled_text(name), "=", *value]
        return parts

    def _is_sent(self, parameter: Node) -> bool:
        schema = flat(self._document, schema_of(self._document, parameter)).schema
        return parameter.get("required") is True or exemplary(parameter) or exemplary(schema)

    def _pairs(self, parameter: Node) -> list[tuple[str, Parts]]:
        name = worded(parameter.get("name"))
        schema = flat(self._document, schema_of(self._document, parameter)).schema
        says = given(parameter) or given(schema)
        if says and isinstance(says[0], dict):
            deep = parameter.get("style") == "deepObject"
            return [(f"{name}[{key}]" if deep else key, _url(value)) for key, value in says[0].items()]
        if says and isinstance(says[0], list):
            values = says[0][:MOST_ITEMS]
            if parameter.get("explode", not self._document.is_swagger) is False:
                return [(name, _url(",".join(map(_word, values))))]
            return [(name, _url(value)) for value in values]
        return [] if schema["type"] == "object" and not says else [(name, self._value(parameter, "url"))]

    def _value(self, parameter: Node, encode: Encoding) -> Parts:
        name = worded(parameter.get("name"))
        schema = flat(self._document, schema_of(self._document, parameter)).schema
        says = given(parameter) or given(schema)
        if schema["type"] == "array" and not says:
            schema = flat(self._document, schema.get("items")).schema
            says = given(schema)
        found = Made(_scalars(says)) if _scalars(says) else made(schema, name)
        return filled(found, encode, self._pools.of_property(name))

    def _headers(self, entry: Entry, body: Body) -> list[tuple[str, Parts]]:
        found: list[tuple[str, Parts]] = [("content-type", [_printable(body.kind)])] if body.kind else []
        cookies: Parts = []
        for parameter in entry.parameters:
            name = worded(parameter.get("name"))
            if not TOKEN.fullmatch(name) or not self._is_sent(parameter):
                continue
            if parameter.get("in") == "header" and name.lower() not in NOT_OURS:
                found.append((name.lower(), self._value(parameter, "header")))
            elif parameter.get("in") == "cookie" and parameter.get("required") is True:
                cookies += ["; " if cookies else "", f"{name}=", *self._value(parameter, "url")]
        return [*found, ("cookie", cookies)] if cookies else found


def _literal(text: str) -> str:
    return filled_text(text).replace("%2F", "/").replace("%3A", ":").replace("%40", "@").replace("%25", "%")


def _printable(text: str) -> str:
    return "".join(filter(str.isprintable, text))


def _url(value: Any) -> Parts:
    return filled(Made((value,)), "url")


def _word(value: Any) -> str:
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def _scalars(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Keep what can stand in an address: of lists their first item; nothing empty, which would end a path early."""
    firsts = (value[0] if isinstance(value, list) and value else value for value in values)
    return tuple(value for value in firsts if not isinstance(value, dict | list) and value not in ("", None))
